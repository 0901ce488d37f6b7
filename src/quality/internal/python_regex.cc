#include "quality/internal/python_regex.h"

#include <cctype>

#include <fmt/format.h>

namespace smelt::quality {
namespace {

constexpr std::string_view kSpaceInClass = "\\s\\x0B\\x1C-\\x1F\\x{85}\\p{Z}";

class Translator {
 public:
  explicit Translator(std::string_view pattern) : pattern_(pattern) {}

  Result<std::string> Run() {
    while (at_ < pattern_.size()) SMELT_TRY(One());
    return std::move(out_);
  }

 private:
  bool Here(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }

  Error NotInRe2(std::string_view what) const {
    return Error(ErrorCode::kQualityNotApplicable,
                 fmt::format("the regular expression `{}` has {}, which cannot be matched in linear time", pattern_,
                             what))
        .Hint("write it without; several expectations, or a regex_list, often say the same");
  }

  Status One() {
    const char c = pattern_[at_];
    if (c == '\\') return Escape();
    if (c == '(' && !in_class_) return Group();
    if (c == '[' && !in_class_) {
      OpenClass();
    } else if (c == ']' && in_class_) {
      in_class_ = false;
      Copy(1);
    } else if (c == '[') {
      out_ += "\\[";
      ++at_;
    } else if (c == '$' && !in_class_) {
      out_ += multiline_ ? "$" : "(?:\\n?\\z)";
      ++at_;
    } else if (Here("{,") && !in_class_) {
      out_ += "{0,";
      at_ += 2;
    } else {
      Copy(1);
    }
    return {};
  }

  void Copy(std::size_t count) {
    out_ += pattern_.substr(at_, count);
    at_ += count;
  }

  /// A "]" that stands first is one of the class.
  void OpenClass() {
    in_class_ = true;
    Copy(1);
    if (Here("^")) Copy(1);
    if (Here("]")) {
      out_ += "\\]";
      ++at_;
    }
  }

  Status Group() {
    if (Here("(?=") || Here("(?!") || Here("(?<=") || Here("(?<!")) return Fail(NotInRe2("a look-around"));
    if (Here("(?P=")) return Fail(NotInRe2("a back-reference"));
    if (Here("(?(")) return Fail(NotInRe2("a condition"));
    if (Here("(?#")) {
      const std::size_t end = pattern_.find(')', at_);
      at_ = end == std::string_view::npos ? pattern_.size() : end + 1;
      return {};
    }
    if (Here("(?") && !Here("(?P<") && !Here("(?:")) return Flags();
    Copy(1);
    return {};
  }

  /// "(?im)" and "(?i:": a and u say what is so already, L and x have no counterpart.
  Status Flags() {
    const std::size_t end = pattern_.find_first_of(":)", at_);
    if (end == std::string_view::npos) return Fail(NotInRe2("a group without end"));
    std::string flags;
    for (const char flag : pattern_.substr(at_ + 2, end - at_ - 2)) {
      if (flag == 'x' || flag == 'L') return Fail(NotInRe2(fmt::format("the flag {}", flag)));
      multiline_ = multiline_ || flag == 'm';
      if (flag != 'a' && flag != 'u') flags += flag;
    }
    if (pattern_[end] == ':') {
      out_ += "(?" + flags + ":";
    } else if (!flags.empty()) {
      out_ += "(?" + flags + ")";
    }
    at_ = end + 1;
    return {};
  }

  Status Escape() {
    if (at_ + 1 >= pattern_.size()) return Fail(NotInRe2("a single backslash at its end"));
    const char c = pattern_[at_ + 1];
    if (c >= '1' && c <= '9' && !in_class_) return Fail(NotInRe2("a back-reference"));
    at_ += 2;
    const auto in_class = [&](std::string_view members, bool negated) {
      out_ += in_class_ ? std::string(members) : fmt::format("[{}{}]", negated ? "^" : "", members);
    };
    switch (c) {
      case 'd': in_class("\\p{Nd}", false); break;
      case 'w': in_class("\\p{L}\\p{N}_", false); break;
      case 's': in_class(kSpaceInClass, false); break;
      case 'D': in_class_ ? out_ += "\\P{Nd}" : out_ += "[^\\p{Nd}]"; break;
      case 'W':
        if (in_class_) return Fail(NotInRe2("\\W in a class"));
        in_class("\\p{L}\\p{N}_", true);
        break;
      case 'S':
        if (in_class_) return Fail(NotInRe2("\\S in a class"));
        in_class(kSpaceInClass, true);
        break;
      case 'Z': out_ += "\\z"; break;
      case 'u': return CodePoint(4);
      case 'U': return CodePoint(8);
      default: out_ += fmt::format("\\{}", c);
    }
    return {};
  }

  Status CodePoint(std::size_t digits) {
    const std::string_view code = pattern_.substr(at_, digits);
    for (const char digit : code) {
      if (std::isxdigit(static_cast<unsigned char>(digit)) == 0) return Fail(NotInRe2("a code point that is none"));
    }
    if (code.size() != digits) return Fail(NotInRe2("a code point that is none"));
    out_ += fmt::format("\\x{{{}}}", code);
    at_ += digits;
    return {};
  }

  std::string_view pattern_;
  std::string out_;
  std::size_t at_ = 0;
  bool in_class_ = false;
  bool multiline_ = false;
};

}  // namespace

Result<std::string> Re2Pattern(std::string_view pattern) {
  return Translator(pattern).Run();
}

}  // namespace smelt::quality
