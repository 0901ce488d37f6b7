#include "quality/internal/condition_tokens.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

namespace smelt::quality {
namespace {

bool IsWordStart(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80);
}
bool IsDigit(char c) {
  return std::isdigit(static_cast<unsigned char>(c));
}

class Tokenizer {
 public:
  Tokenizer(std::string_view text, bool double_quotes_name) : text_(text), double_quotes_name_(double_quotes_name) {}

  Result<std::vector<ConditionToken>> Run() {
    while (true) {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
      if (at_ == text_.size()) break;
      SMELT_TRY(One());
    }
    Add(TokenKind::kEnd, "", at_);
    return std::move(tokens_);
  }

 private:
  void Add(TokenKind kind, std::string text, std::size_t offset) { tokens_.push_back({kind, std::move(text), offset}); }

  Status One() {
    const char c = text_[at_];
    if (c == '\'' || c == '"' || c == '`') return Quoted(c);
    if (IsWordStart(c)) return Word();
    const bool fraction = c == '.' && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]);
    if (IsDigit(c) || fraction) return Number();
    return Symbol();
  }

  /// A doubled quote or a backslash makes the quote part of the text.
  Status Quoted(char quote) {
    const std::size_t start = at_++;
    std::string value;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      const bool more = at_ < text_.size();
      if (c == quote && more && text_[at_] == quote) {
        value += quote;
        ++at_;
      } else if (c == '\\' && more && (text_[at_] == quote || text_[at_] == '\\')) {
        value += text_[at_++];
      } else if (c == quote) {
        const bool name = quote == '`' || (quote == '"' && double_quotes_name_);
        Add(name ? TokenKind::kName : TokenKind::kText, std::move(value), start);
        return {};
      } else {
        value += c;
      }
    }
    return Unreadable("a quote is not closed", start);
  }

  Status Word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (IsWordStart(text_[at_]) || IsDigit(text_[at_]))) ++at_;
    Add(TokenKind::kWord, std::string(text_.substr(start, at_ - start)), start);
    return {};
  }

  Status Number() {
    const std::size_t start = at_++;
    const auto exponent_sign = [&] {
      return (text_[at_] == '-' || text_[at_] == '+') && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E');
    };
    const auto part_of_number = [&] {
      return IsDigit(text_[at_]) || text_[at_] == '.' || text_[at_] == 'e' || text_[at_] == 'E' || exponent_sign();
    };
    while (at_ < text_.size() && part_of_number()) ++at_;
    Add(TokenKind::kNumber, std::string(text_.substr(start, at_ - start)), start);
    return {};
  }

  Status Symbol() {
    static constexpr std::array<std::string_view, 8> kOperators = {"==", "!=", "<>", "<=", ">=", "<", ">", "="};
    static constexpr std::array<std::string_view, 18> kSymbols = {"||", "&&", "**", "//", "|", "&", "~", "(", ")",
                                                                  "[",  "]",  ",",  ".",  "+", "-", "*", "/", "%"};
    const auto here = [&](std::string_view symbol) { return text_.substr(at_).starts_with(symbol); };
    const auto take = [&](std::string_view symbol, TokenKind kind) {
      Add(kind, std::string(symbol), at_);
      at_ += symbol.size();
    };
    if (const auto found = std::ranges::find_if(kOperators, here); found != kOperators.end()) {
      take(*found, TokenKind::kOperator);
    } else if (const auto symbol = std::ranges::find_if(kSymbols, here); symbol != kSymbols.end()) {
      take(*symbol, TokenKind::kSymbol);
    } else {
      return Unreadable(fmt::format("'{}' has no meaning there", text_[at_]), at_);
    }
    return {};
  }

  Status Unreadable(std::string_view why, std::size_t offset) const {
    return Fail(ErrorCode::kConfigValueInvalid,
                fmt::format("the row_condition `{}` cannot be read: {}, at character {}", text_, why, offset + 1));
  }

  std::string_view text_;
  bool double_quotes_name_;
  std::size_t at_ = 0;
  std::vector<ConditionToken> tokens_;
};

}  // namespace

bool ConditionToken::Is(std::string_view word_or_symbol) const {
  if (kind == TokenKind::kSymbol) return text == word_or_symbol;
  return kind == TokenKind::kWord && text.size() == word_or_symbol.size() &&
         strncasecmp(text.data(), word_or_symbol.data(), text.size()) == 0;
}

Result<std::vector<ConditionToken>> TokenizeCondition(std::string_view text, bool double_quotes_name) {
  return Tokenizer(text, double_quotes_name).Run();
}

}  // namespace smelt::quality
