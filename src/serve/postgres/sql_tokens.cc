#include "serve/postgres/sql_tokens.h"

#include <algorithm>
#include <cctype>

#include "base/ascii.h"

namespace smelt::serve::postgres {
namespace {

bool IsWordStart(char c) {
  const auto byte = static_cast<unsigned char>(c);
  constexpr unsigned char kAsciiEnd = 0x80;
  return std::isalpha(byte) != 0 || c == '_' || byte >= kAsciiEnd;
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsWordPart(char c) {
  return IsWordStart(c) || IsDigit(c) || c == '$';
}

/// Cuts a text from the left.
class Scanner {
 public:
  explicit Scanner(std::string_view sql) : sql_(sql) {}

  bool Next(SqlToken& token) {
    SkipBlank();
    if (at_ >= sql_.size()) return false;
    const std::size_t begin = at_;
    token.kind = Scan();
    token.text = sql_.substr(begin, at_ - begin);
    token.at = begin;
    return true;
  }

 private:
  char Peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  void SkipBlank() {
    while (at_ < sql_.size()) {
      if (std::isspace(static_cast<unsigned char>(Peek())) != 0) {
        ++at_;
      } else if (Peek() == '-' && Peek(1) == '-') {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (Peek() == '/' && Peek(1) == '*') {
        SkipComment();
      } else {
        return;
      }
    }
  }

  void SkipComment() {
    int depth = 0;
    while (at_ < sql_.size()) {
      if (Peek() == '/' && Peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (Peek() == '*' && Peek(1) == '/') {
        at_ += 2;
        if (--depth == 0) return;
      } else {
        ++at_;
      }
    }
  }

  TokenKind Scan() {
    const char c = Peek();
    if (c == '\'') return ScanString(false);
    if (LowerAscii(c) == 'e' && Peek(1) == '\'') {
      ++at_;
      return ScanString(true);
    }
    if (c == '"') return ScanQuoted();
    if (c == '$') return ScanDollar();
    if (IsWordStart(c)) {
      while (IsWordPart(Peek())) ++at_;
      return TokenKind::kWord;
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return ScanNumber();
    if (c == ':' && Peek(1) == ':') {
      at_ += 2;
      return TokenKind::kSymbol;
    }
    ++at_;
    return c == ';' ? TokenKind::kEnd : TokenKind::kSymbol;
  }

  TokenKind ScanString(bool escapes) {
    ++at_;
    while (at_ < sql_.size()) {
      const char c = Peek();
      ++at_;
      const bool is_doubled = c == '\'' && Peek() == '\'';
      if ((escapes && c == '\\') || is_doubled) {
        ++at_;
      } else if (c == '\'') {
        break;
      }
    }
    at_ = std::min(at_, sql_.size());
    return TokenKind::kString;
  }

  TokenKind ScanQuoted() {
    ++at_;
    while (at_ < sql_.size()) {
      if (Peek() == '"' && Peek(1) != '"') {
        ++at_;
        break;
      }
      at_ += Peek() == '"' ? 2 : 1;
    }
    at_ = std::min(at_, sql_.size());
    return TokenKind::kQuoted;
  }

  /// $1, or $tag$…$tag$.
  TokenKind ScanDollar() {
    if (IsDigit(Peek(1))) {
      ++at_;
      while (IsDigit(Peek())) ++at_;
      return TokenKind::kParameter;
    }
    std::size_t end = at_ + 1;
    while (end < sql_.size() && sql_[end] != '$' && IsWordPart(sql_[end])) ++end;
    if (end >= sql_.size() || sql_[end] != '$') {
      ++at_;
      return TokenKind::kSymbol;
    }
    const std::string_view tag = sql_.substr(at_, end + 1 - at_);
    const std::size_t close = sql_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? sql_.size() : close + tag.size();
    return TokenKind::kString;
  }

  TokenKind ScanNumber() {
    while (IsDigit(Peek()) || Peek() == '.') ++at_;
    const bool signed_exponent = (Peek(1) == '+' || Peek(1) == '-') && IsDigit(Peek(2));
    if (LowerAscii(Peek()) == 'e' && (IsDigit(Peek(1)) || signed_exponent)) {
      at_ += 2;
      while (IsDigit(Peek())) ++at_;
    }
    return TokenKind::kNumber;
  }

  std::string_view sql_;
  std::size_t at_ = 0;
};

}  // namespace

bool SqlToken::Is(std::string_view word) const {
  return kind == TokenKind::kWord && EqualsIgnoringCase(text, word);
}

std::string SqlToken::Value() const {
  if (kind == TokenKind::kWord) return LowerAscii(text);
  if (kind == TokenKind::kQuoted || (kind == TokenKind::kString && text.starts_with('\''))) {
    std::string value;
    const char quote = text[0];
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
      value += text[i];
      if (text[i] == quote) ++i;
    }
    return value;
  }
  return std::string(text);
}

bool IsWordAt(const std::vector<SqlToken>& tokens, std::size_t at, std::string_view word) {
  return at < tokens.size() && tokens[at].Is(word);
}

std::vector<SqlToken> Tokens(std::string_view sql) {
  std::vector<SqlToken> tokens;
  Scanner scanner(sql);
  SqlToken token;
  while (scanner.Next(token)) tokens.push_back(token);
  return tokens;
}

std::vector<ScriptPart> SplitScript(std::string_view script) {
  std::vector<ScriptPart> parts;
  ScriptPart part;
  auto close = [&] {
    if (part.tokens.empty()) return;
    part.at = part.tokens.front().at;
    const SqlToken& last = part.tokens.back();
    part.text = script.substr(part.at, last.at + last.text.size() - part.at);
    for (SqlToken& token : part.tokens) token.at -= part.at;
    parts.push_back(std::move(part));
    part = {};
  };
  for (const SqlToken& token : Tokens(script)) {
    if (token.kind == TokenKind::kEnd) {
      close();
    } else {
      part.tokens.push_back(token);
    }
  }
  close();
  return parts;
}

}  // namespace smelt::serve::postgres
