#include "transform/internal/modules/regular_expression.h"

#include <fmt/format.h>

#include <map>

#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

/// What a class of Python, `\d` or `\w`, is called in RE2, without brackets; empty for other letters.
std::string_view ClassOf(char letter, bool ascii) {
  switch (letter) {
    case 'd': return ascii ? "0-9" : "\\p{Nd}";
    case 'w': return ascii ? "0-9A-Za-z_" : "\\p{L}\\p{N}_";
    case 's': return ascii ? "\\t-\\r " : "\\t-\\r \\x{1c}-\\x{1f}\\x{85}\\x{a0}\\p{Z}";
    default: return {};
  }
}

/// Rewrites a pattern of Python for RE2.
class Translator {
 public:
  Translator(std::string_view pattern, bool ascii) : pattern_(pattern), ascii_(ascii) {}

  std::string Run() {
    while (position_ < pattern_.size()) Step();
    return std::move(out_);
  }

 private:
  void Step() {
    char c = pattern_[position_];
    if (c == '\\' && position_ + 1 < pattern_.size()) return Escape();
    if (in_class_) {
      if (c == ']' && position_ > class_start_) in_class_ = false;
      // RE2 reads "[:" within a class as the start of a named one.
      if (c == '[') out_ += '\\';
    } else if (c == '[') {
      in_class_ = true;
      class_start_ = position_ + (pattern_.substr(position_ + 1).starts_with('^') ? 2 : 1);
    } else if (c == '{' && pattern_.substr(position_).starts_with("{,")) {
      out_ += "{0";
      ++position_;
      return;
    }
    if (in_class_ && position_ + 1 == class_start_ && class_start_ < pattern_.size() && pattern_[class_start_] == ']') {
      // A bracket right at the start belongs to the class.
      out_ += std::string(1, c) + "\\]";
      position_ += 2;
      return;
    }
    out_ += c;
    ++position_;
  }

  void Escape() {
    char letter = pattern_[position_ + 1];
    position_ += 2;
    char lower = static_cast<char>(letter | 0x20);
    std::string_view members = ClassOf(lower, ascii_);
    if (!members.empty() && !(in_class_ && letter != lower)) {
      if (in_class_) {
        out_ += members;
      } else {
        out_ += std::string(letter == lower ? "[" : "[^") + std::string(members) + "]";
      }
      return;
    }
    if (letter == 'Z') {
      out_ += "\\z";
    } else if (letter == 'u' || letter == 'U') {
      std::size_t digits = letter == 'u' ? 4 : 8;
      out_ += fmt::format("\\x{{{}}}", pattern_.substr(position_, digits));
      position_ = std::min(position_ + digits, pattern_.size());
    } else if (in_class_ && letter == 'b') {
      out_ += "\\x08";
    } else if (static_cast<unsigned char>(letter) >= 0x80 || std::string_view("/\"'#&~`@%!,;:<>= _").contains(letter)) {
      if (letter != '_' && static_cast<unsigned char>(letter) < 0x80) out_ += '\\';
      out_ += letter;
    } else {
      out_ += std::string("\\") + letter;
    }
  }

  std::string_view pattern_;
  bool ascii_;
  std::string out_;
  std::size_t position_ = 0, class_start_ = 0;
  bool in_class_ = false;
};

std::string_view UnsupportedPart(std::string_view pattern) {
  for (std::string_view look : {"(?=", "(?!", "(?<=", "(?<!"}) {
    if (pattern.contains(look)) return "lookaheads and lookbehinds are not supported";
  }
  if (pattern.contains("(?P=") || RE2::PartialMatch(pattern, "\\\\[1-9]")) {
    return "references to groups within a pattern are not supported";
  }
  if (pattern.contains("(?(")) return "conditions within a pattern are not supported";
  if (pattern.contains("(?#")) return "comments within a pattern are not supported";
  return {};
}

}  // namespace

Result<std::shared_ptr<const RegularExpression>> RegularExpression::Compile(const std::string& pattern,
                                                                            std::int64_t flags) {
  constexpr std::size_t kPatternMax = 10'000;
  constexpr std::int64_t kMemoryMax = 16 << 20;
  if (pattern.size() > kPatternMax)
    return Fail(ErrorCode::kJinjaLimit, "a regular expression is longer than 10000 bytes");
  if ((flags & kVerbose) != 0) return Fail(ErrorCode::kJinjaType, "re: the flag VERBOSE is not supported");
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemoryMax);
  options.set_case_sensitive((flags & kIgnoreCase) == 0);
  options.set_dot_nl((flags & kDotAll) != 0);
  std::string translated = Translator(pattern, (flags & kAscii) != 0).Run();
  if ((flags & kMultiline) != 0) translated = "(?m)" + translated;
  auto made = std::make_shared<RegularExpression>();
  made->pattern_ = pattern;
  made->flags_ = flags;
  made->expression_ = std::make_unique<RE2>(translated, options);
  if (made->expression_->ok()) return std::shared_ptr<const RegularExpression>(std::move(made));
  std::string_view unsupported = UnsupportedPart(pattern);
  return Fail(
      Error(ErrorCode::kJinjaType,
            fmt::format("re: the pattern '{}' cannot be used: {}", pattern,
                        unsupported.empty() ? made->expression_->error() : std::string(unsupported)))
          .Hint(unsupported.empty() ? "" : "find more than is wanted and look at the match with Jinja's own means"));
}

std::optional<RegularExpression::Found> RegularExpression::Match(std::string_view text, std::size_t from,
                                                                 Anchor anchor) const {
  std::vector<re2::StringPiece> pieces(group_count() + 1);
  re2::StringPiece whole(text.data(), text.size());
  RE2::Anchor how = anchor == Anchor::kNone    ? RE2::UNANCHORED
                    : anchor == Anchor::kStart ? RE2::ANCHOR_START
                                               : RE2::ANCHOR_BOTH;
  if (!expression_->Match(whole, from, text.size(), how, pieces.data(), static_cast<int>(pieces.size()))) {
    return std::nullopt;
  }
  Found found;
  for (const re2::StringPiece& piece : pieces) {
    if (piece.data() == nullptr) {
      found.groups.emplace_back();
      continue;
    }
    auto begin = static_cast<std::size_t>(piece.data() - text.data());
    found.groups.emplace_back(Found::Span{begin, begin + piece.size()});
  }
  return found;
}

std::vector<RegularExpression::Found> RegularExpression::MatchAll(std::string_view text) const {
  std::vector<Found> all;
  for (std::size_t from = 0; from <= text.size();) {
    auto found = Match(text, from, Anchor::kNone);
    if (!found) break;
    Found::Span span = *found->groups[0];
    all.push_back(*std::move(found));
    from = span.end;
    // Behind an empty match the search goes on at the next character.
    if (span.begin == span.end) from += span.end < text.size() ? DecodeAt(text, span.end).length : 1;
  }
  return all;
}

}  // namespace smelt::transform::jinja
