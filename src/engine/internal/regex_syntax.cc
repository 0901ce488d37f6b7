#include "engine/internal/regex_syntax.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>

#include "base/ascii.h"

namespace smelt::engine {
namespace {

constexpr int kDepthMax = 50;
constexpr int kTimesMax = 100;
constexpr std::uint32_t kAsciiMax = 127;

using Kind = RegexNode::Kind;

AsciiSet Range(std::uint32_t low, std::uint32_t high) {
  AsciiSet set;
  for (std::uint32_t c = low; c <= std::min(high, kAsciiMax); ++c) set.set(c);
  return set;
}

const AsciiSet kDigits = Range('0', '9');

AsciiSet Letters() {
  return Range('a', 'z') | Range('A', 'Z');
}

/// The set of `\d` and its like; `negated` for its capital letter.
std::optional<AsciiSet> PerlClass(char letter) {
  const bool negated = std::isupper(static_cast<unsigned char>(letter)) != 0;
  AsciiSet set;
  switch (LowerAscii(letter)) {
    case 'd': set = kDigits; break;
    case 'w': set = kDigits | Letters() | Range('_', '_'); break;
    case 's': set = Range('\t', '\n') | Range('\f', '\r') | Range(' ', ' '); break;
    default: return std::nullopt;
  }
  return negated ? ~set : set;
}

std::optional<AsciiSet> UnicodeClass(std::string_view name) {
  if (name == "L") return Letters();
  if (name == "N" || name == "Nd") return kDigits;
  if (name == "Z") return Range(' ', ' ');
  return std::nullopt;
}

/// What an escape stands for: a set of characters, or one code point.
struct Escaped {
  AsciiSet set;
  std::optional<std::uint32_t> code;
};

class Parser {
 public:
  explicit Parser(std::string_view pattern) : rest_(pattern) {}

  std::optional<RegexNode> Run() {
    if (std::ranges::any_of(rest_, [](char c) { return static_cast<unsigned char>(c) > kAsciiMax; })) return {};
    auto node = Choice(0);
    if (!node || !rest_.empty()) return {};
    return node;
  }

 private:
  bool Take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  char TakeOne() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::optional<RegexNode> Choice(int depth) {
    if (depth > kDepthMax) return {};
    RegexNode choice{.kind = Kind::kChoice};
    do {
      auto sequence = Sequence(depth);
      if (!sequence) return {};
      choice.children.push_back(*std::move(sequence));
    } while (Take("|"));
    if (choice.children.size() == 1) return std::move(choice.children.front());
    return choice;
  }

  std::optional<RegexNode> Sequence(int depth) {
    RegexNode sequence;
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      auto node = Atom(depth);
      if (!node) return {};
      const bool is_end_of_text = node->kind == Kind::kBegin || node->kind == Kind::kEnd;
      if (!Repeat(*node, !is_end_of_text)) return {};
      sequence.children.push_back(*std::move(node));
    }
    return sequence;
  }

  std::optional<RegexNode> Atom(int depth) {
    const char c = TakeOne();
    switch (c) {
      case '(': return Group(depth);
      case '[': return Class();
      case '.': return OneOf(~Range('\n', '\n'));
      case '^': return RegexNode{.kind = Kind::kBegin};
      case '$': return RegexNode{.kind = Kind::kEnd};
      case '\\': return OutsideClass();
      case '*':
      case '+':
      case '?':
      case '{': return {};
      default: return OneOf(Range(static_cast<std::uint32_t>(c), static_cast<std::uint32_t>(c)));
    }
  }

  static RegexNode OneOf(const AsciiSet& set) { return {.kind = Kind::kCharacter, .children = {}, .set = set}; }

  std::optional<RegexNode> Group(int depth) {
    if (!Take("?:") && rest_.starts_with("?")) return {};
    auto node = Choice(depth + 1);
    if (!node || !Take(")")) return {};
    // Of its own, so that a repetition is of all of it.
    RegexNode group;
    group.children.push_back(*std::move(node));
    return group;
  }

  /// Wraps the node in the repetition that follows it. False for one that is not known, or is not allowed.
  bool Repeat(RegexNode& node, bool allowed) {
    RegexNode repeat{.kind = Kind::kRepeat};
    if (Take("*")) {
      repeat.times_max = RegexNode::kUnbounded;
    } else if (Take("+")) {
      repeat.times_min = 1;
      repeat.times_max = RegexNode::kUnbounded;
    } else if (Take("?")) {
      repeat.times_max = 1;
    } else if (Take("{")) {
      if (!Times(repeat)) return false;
    } else {
      return true;
    }
    Take("?");  // as few as possible: the same texts match
    const bool is_repeated_again = !rest_.empty() && std::string_view("*+?{").contains(rest_.front());
    repeat.children.push_back(std::move(node));
    node = std::move(repeat);
    return allowed && !is_repeated_again;
  }

  bool Times(RegexNode& repeat) {
    if (!Number(repeat.times_min)) return false;
    repeat.times_max = repeat.times_min;
    if (Take(",")) {
      repeat.times_max = RegexNode::kUnbounded;
      if (!rest_.starts_with("}") && !Number(repeat.times_max)) return false;
    }
    if (repeat.times_max != RegexNode::kUnbounded && repeat.times_max < repeat.times_min) return false;
    return Take("}");
  }

  bool Number(int& number) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (error != std::errc() || number < 0 || number > kTimesMax) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }

  std::optional<RegexNode> OutsideClass() {
    if (Take("A")) return RegexNode{.kind = Kind::kBegin};
    if (Take("z")) return RegexNode{.kind = Kind::kEnd};
    const auto escaped = Escape();
    if (!escaped) return {};
    return OneOf(escaped->code ? Range(*escaped->code, *escaped->code) : escaped->set);
  }

  /// What follows a backslash, in a class or outside.
  std::optional<Escaped> Escape() {
    if (rest_.empty()) return {};
    const char c = TakeOne();
    if (const auto set = PerlClass(c)) return Escaped{*set, {}};
    static constexpr std::string_view kLetters = "aftnrv", kControls = "\a\f\t\n\r\v";
    if (const std::size_t at = kLetters.find(c); at != std::string_view::npos) {
      return Escaped{{}, static_cast<std::uint32_t>(kControls[at])};
    }
    if (c == 'p' || c == 'P') return Property(c == 'P');
    if (c == 'x') return CodePoint();
    if (std::ispunct(static_cast<unsigned char>(c)) == 0 || c == '_') return {};
    return Escaped{{}, static_cast<std::uint32_t>(c)};
  }

  std::optional<Escaped> Property(bool negated) {
    const std::size_t end = rest_.find('}');
    if (!Take("{") || end == std::string_view::npos) return {};
    const auto set = UnicodeClass(rest_.substr(0, end - 1));
    if (!set) return {};
    rest_.remove_prefix(end);
    return Escaped{negated ? ~*set : *set, {}};
  }

  std::optional<Escaped> CodePoint() {
    std::string_view digits = rest_.substr(0, 2);
    std::size_t length = digits.size();
    if (rest_.starts_with("{")) {
      const std::size_t end = rest_.find('}');
      if (end == std::string_view::npos) return {};
      digits = rest_.substr(1, end - 1);
      length = end + 1;
    } else if (length != 2) {
      return {};
    }
    std::uint32_t code = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc() || stop != digits.data() + digits.size() || code > 0x10FFFF) return {};
    rest_.remove_prefix(length);
    return Escaped{{}, code};
  }

  std::optional<RegexNode> Class() {
    const bool negated = Take("^");
    AsciiSet set;
    for (bool is_first = true; is_first || !rest_.starts_with("]"); is_first = false) {
      if (rest_.empty() || rest_.starts_with("[:")) return {};
      const auto low = Member(is_first);
      if (!low) return {};
      const bool is_range = rest_.starts_with("-") && !rest_.starts_with("-]");
      if (!is_range) {
        set |= low->code ? Range(*low->code, *low->code) : low->set;
        continue;
      }
      rest_.remove_prefix(1);
      const auto high = rest_.empty() || rest_.starts_with("[:") ? std::nullopt : Member(false);
      if (!high || !low->code || !high->code || *high->code < *low->code) return {};
      set |= Range(*low->code, *high->code);
    }
    rest_.remove_prefix(1);
    return OneOf(negated ? ~set : set);
  }

  /// A dash is a member of its own where it is the first or the last.
  std::optional<Escaped> Member(bool is_first) {
    if (rest_.starts_with("-") && !is_first && !rest_.starts_with("-]")) return {};
    const char c = TakeOne();
    if (c == '\\') return Escape();
    return Escaped{{}, static_cast<std::uint32_t>(c)};
  }

  std::string_view rest_;
};

}  // namespace

std::optional<RegexNode> ParseRegex(std::string_view pattern) {
  return Parser(pattern).Run();
}

}  // namespace smelt::engine
