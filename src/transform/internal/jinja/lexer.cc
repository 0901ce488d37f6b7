#include "transform/internal/jinja/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "transform/internal/jinja/diagnostics.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsDigitByte(char c) {
  return c >= '0' && c <= '9';
}

class Lexer {
 public:
  Lexer(std::string_view source, std::string_view name) : source_(source), name_(name) {
    // One newline at the very end is not part of the template.
    if (source_.ends_with('\n')) source_.remove_suffix(1);
    if (source_.ends_with('\r')) source_.remove_suffix(1);
  }

  Result<std::vector<Token>> Run() {
    while (position_ < source_.size()) SMELT_TRY(Root());
    tokens_.push_back({TokenType::kEnd, {}, static_cast<std::uint32_t>(position_)});
    return std::move(tokens_);
  }

 private:
  std::unexpected<Error> Failure(std::size_t offset, std::string message) const {
    return Fail(SyntaxError(source_, name_, static_cast<std::uint32_t>(offset), std::move(message)));
  }

  char At(std::size_t offset) const { return offset < source_.size() ? source_[offset] : '\0'; }

  void Push(TokenType type, std::size_t begin, std::size_t end) {
    tokens_.push_back({type, source_.substr(begin, end - begin), static_cast<std::uint32_t>(begin)});
  }

  /// Text up to the next tag, then that tag.
  Status Root() {
    std::size_t tag = position_;
    for (;; ++tag) {
      tag = source_.find('{', tag);
      if (tag == std::string_view::npos) {
        PushData(position_, source_.size(), false);
        position_ = source_.size();
        return {};
      }
      if (At(tag + 1) == '{' || At(tag + 1) == '%' || At(tag + 1) == '#') break;
    }
    char control = At(tag + 2);
    bool has_control = control == '-' || control == '+';
    PushData(position_, tag, control == '-');
    position_ = tag + 2 + (has_control ? 1 : 0);
    switch (source_[tag + 1]) {
      case '#': return Comment(tag);
      case '{': return Tag(tag, TokenType::kVariableBegin, TokenType::kVariableEnd, "}}");
      default: break;
    }
    if (EatKeywordTag("raw", position_)) return Raw(tag);
    return Tag(tag, TokenType::kBlockBegin, TokenType::kBlockEnd, "%}");
  }

  void PushData(std::size_t begin, std::size_t end, bool strip) {
    std::string_view text = source_.substr(begin, end - begin);
    if (strip) text = StripRight(text);
    if (!text.empty()) Push(TokenType::kData, begin, begin + text.size());
  }

  void SkipSpace(std::size_t& position) const {
    position = source_.size() - StripLeft(source_.substr(position)).size();
  }

  /// Matches `<keyword> %}` with its whitespace control at `position` and moves behind it. As in Jinja, "+%}" ends
  /// endraw, but not raw.
  bool EatKeywordTag(std::string_view keyword, std::size_t& position) const {
    std::size_t at = position;
    SkipSpace(at);
    if (!source_.substr(at).starts_with(keyword)) return false;
    at += keyword.size();
    SkipSpace(at);
    bool strip = At(at) == '-';
    if (strip || (At(at) == '+' && keyword != "raw")) ++at;
    if (!source_.substr(at).starts_with("%}")) return false;
    at += 2;
    if (strip) SkipSpace(at);
    position = at;
    return true;
  }

  Status Raw(std::size_t tag) {
    for (std::size_t end = position_;; ++end) {
      end = source_.find("{%", end);
      if (end == std::string_view::npos) return Failure(tag, "{% raw %} is not closed by {% endraw %}");
      char control = At(end + 2);
      std::size_t after = end + 2 + (control == '-' || control == '+' ? 1 : 0);
      if (!EatKeywordTag("endraw", after)) continue;
      PushData(position_, end, control == '-');
      position_ = after;
      return {};
    }
  }

  Status Comment(std::size_t tag) {
    std::size_t end = source_.find("#}", position_);
    if (end == std::string_view::npos && position_ == tag + 2 && position_ == source_.size()) return {};
    if (end == std::string_view::npos) return Failure(tag, "{# is not closed by #}");
    bool strip = end > position_ && source_[end - 1] == '-';
    position_ = end + 2;
    if (strip) SkipSpace(position_);
    return {};
  }

  Status Tag(std::size_t tag, TokenType begin, TokenType end, std::string_view closing) {
    Push(begin, tag, position_);
    std::string open;  ///< brackets that are not closed yet
    for (;;) {
      SkipSpace(position_);
      if (position_ >= source_.size()) {
        return Failure(tag, fmt::format("{} is not closed by {}", source_.substr(tag, 2), closing));
      }
      if (open.empty() && Closing(closing, end)) return {};
      SMELT_TRY(Next(open));
    }
  }

  bool Closing(std::string_view closing, TokenType type) {
    bool strip = At(position_) == '-' && source_.substr(position_ + 1).starts_with(closing);
    bool keep =
        type == TokenType::kBlockEnd && At(position_) == '+' && source_.substr(position_ + 1).starts_with(closing);
    if (!strip && !keep && !source_.substr(position_).starts_with(closing)) return false;
    std::size_t after = position_ + closing.size() + (strip || keep ? 1 : 0);
    Push(type, position_, after);
    position_ = after;
    if (strip) SkipSpace(position_);
    return true;
  }

  Status Next(std::string& open) {
    char c = source_[position_];
    if (IsDigitByte(c)) return Number();
    if (c == '"' || c == '\'') return Literal(c);
    if (IsWordByte(c)) {
      std::size_t end = position_;
      while (end < source_.size() && IsWordByte(source_[end])) ++end;
      Push(TokenType::kName, position_, end);
      position_ = end;
      return {};
    }
    return OperatorToken(open);
  }

  /// Digits with single underscores between them; the position after them.
  std::size_t Digits(std::size_t at) const {
    while (IsDigitByte(At(at)) || (At(at) == '_' && IsDigitByte(At(at + 1)))) ++at;
    return at;
  }

  Status Number() {
    std::size_t begin = position_;
    char prefix = static_cast<char>(At(begin + 1) | 0x20);
    if (At(begin) == '0' && (prefix == 'x' || prefix == 'o' || prefix == 'b')) {
      std::size_t end = begin + 2;
      while (IsWordByte(At(end))) ++end;
      Push(TokenType::kInteger, begin, end);
      position_ = end;
      return {};
    }
    std::size_t end = Digits(begin), whole_end = end;
    TokenType type = TokenType::kInteger;
    bool after_dot = !tokens_.empty() && tokens_.back().text == ".";
    if (!after_dot && At(end) == '.' && IsDigitByte(At(end + 1))) {
      end = Digits(end + 1);
      type = TokenType::kReal;
    }
    std::size_t exponent = end + 1 + (At(end + 1) == '+' || At(end + 1) == '-' ? 1 : 0);
    if (!after_dot && (At(end) == 'e' || At(end) == 'E') && IsDigitByte(At(exponent))) {
      end = Digits(exponent);
      type = TokenType::kReal;
    }
    if (type == TokenType::kInteger && At(begin) == '0') {
      // An integer that starts with 0 is made of zeros; what follows is a token of its own.
      end = std::min(whole_end, std::max(begin + 1, source_.find_first_not_of("0_", begin)));
    }
    Push(type, begin, end);
    position_ = end;
    return {};
  }

  Status Literal(char quote) {
    std::size_t end = position_ + 1;
    while (end < source_.size() && source_[end] != quote) end += source_[end] == '\\' ? 2 : 1;
    if (end >= source_.size()) return Failure(position_, "a string is not closed");
    Push(TokenType::kText, position_, end + 1);
    position_ = end + 1;
    return {};
  }

  Status OperatorToken(std::string& open) {
    constexpr std::string_view kDouble[] = {"//", "**", "==", "!=", ">=", "<="};
    constexpr std::string_view kSingle = "+-*/%~[](){}<>=.:|,;";
    std::string_view rest = source_.substr(position_);
    auto found = std::ranges::find_if(kDouble, [rest](std::string_view text) { return rest.starts_with(text); });
    std::size_t length = found != std::end(kDouble) ? 2 : 1;
    char c = rest[0];
    if (length == 1 && !kSingle.contains(c)) {
      return Failure(position_, fmt::format("unexpected character '{}'", rest.substr(0, DecodeAt(rest, 0).length)));
    }
    if (length == 1 && (c == '(' || c == '[' || c == '{')) open += c == '(' ? ')' : c == '[' ? ']' : '}';
    if (length == 1 && (c == ')' || c == ']' || c == '}')) {
      if (open.empty()) return Failure(position_, fmt::format("unexpected '{}'", c));
      if (open.back() != c) return Failure(position_, fmt::format("unexpected '{}', expected '{}'", c, open.back()));
      open.pop_back();
    }
    Push(TokenType::kOperator, position_, position_ + length);
    position_ += length;
    return {};
  }

  std::string_view source_, name_;
  std::size_t position_ = 0;
  std::vector<Token> tokens_;
};

/// The value of `count` hexadecimal digits at `at`; nothing when they are not there.
bool ReadHex(std::string_view text, std::size_t at, std::size_t count, char32_t& value) {
  if (at + count > text.size()) return false;
  value = 0;
  for (char c : text.substr(at, count)) {
    char lower = static_cast<char>(c | 0x20);
    if (!IsDigitByte(c) && !(lower >= 'a' && lower <= 'f')) return false;
    value = value * 16 + static_cast<char32_t>(IsDigitByte(c) ? c - '0' : lower - 'a' + 10);
  }
  return value <= 0x10FFFF;
}

}  // namespace

Place Locate(std::string_view source, std::uint32_t offset) {
  std::string_view before = source.substr(0, std::min<std::size_t>(offset, source.size()));
  std::size_t line_start = before.rfind('\n') + 1;
  return {std::ranges::count(before, '\n') + 1,
          static_cast<std::int64_t>(CharacterCount(before.substr(line_start))) + 1};
}

Result<std::vector<Token>> Tokenize(std::string_view source, std::string_view name) {
  constexpr std::size_t kSourceMax = 64U << 20;
  if (source.size() > kSourceMax) {
    return Fail(Error(ErrorCode::kJinjaLimit, "the template is larger than 64 MiB").At(std::string(name)));
  }
  return Lexer(source, name).Run();
}

Result<std::string> DecodeLiteral(std::string_view literal) {
  std::string_view text = literal.substr(1, literal.size() - 2);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\r') {
      out += '\n';
      i += text.substr(i).starts_with("\r\n") ? 2 : 1;
      continue;
    }
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i++];
      continue;
    }
    char c = text[i + 1];
    constexpr std::string_view kFrom = "abfnrtv\\'\"", kTo = "\a\b\f\n\r\t\v\\'\"";
    if (std::size_t at = kFrom.find(c); at != std::string_view::npos) {
      out += kTo[at];
      i += 2;
    } else if (c == '\n') {
      i += 2;
    } else if (c == 'x' || c == 'u' || c == 'U') {
      std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
      char32_t value = 0;
      if (!ReadHex(text, i + 2, digits, value)) {
        return Fail(ErrorCode::kJinjaSyntax, fmt::format("'\\{}' needs {} hexadecimal digits", c, digits));
      }
      AppendCodePoint(out, value);
      i += 2 + digits;
    } else if (c == 'N') {
      return Fail(ErrorCode::kJinjaSyntax, "characters by name, '\\N{…}', are not supported: write '\\u' and the code");
    } else if (c >= '0' && c <= '7') {
      char32_t value = 0;
      std::size_t end = i + 1;
      while (end < text.size() && end < i + 4 && text[end] >= '0' && text[end] <= '7') {
        value = value * 8 + static_cast<char32_t>(text[end++] - '0');
      }
      AppendCodePoint(out, value);
      i = end;
    } else {
      out += text[i++];
    }
  }
  return out;
}

Error SyntaxError(std::string_view source, std::string_view name, std::uint32_t offset, std::string message) {
  Place place = Locate(source, offset);
  return Error(ErrorCode::kJinjaSyntax, std::move(message) + CaretLines(source, offset))
      .At(std::string(name), place.line, place.column);
}

}  // namespace smelt::transform::jinja
