#include "engine/internal/postgres_functions/text_to_number.h"

#include <algorithm>

#include "engine/internal/duck.h"
#include "engine/internal/postgres_functions/time_pattern.h"

namespace smelt::engine::postgres {
namespace {

[[noreturn]] void RefuseNumber(const NumberPattern& pattern, std::string_view text, const char* why) {
  constexpr std::size_t kTold = 200;
  throw duckdb::InvalidInputException("'%s' does not follow the format '%s': %s", std::string(text.substr(0, kTold)),
                                      pattern.text.substr(0, kTold), why);
}

/// Takes the digits of a number from a text.
class NumberReader {
 public:
  NumberReader(const NumberPattern& pattern, std::string_view text)
      : pattern_(pattern), text_(text), anchored_(pattern.sign) {}

  void Read() {
    for (const NumberPiece& piece : pattern_.pieces) {
      if (IsAtEnd()) return;
      Read(piece);
    }
  }

  char sign() const { return sign_; }
  const std::string& digits() const { return digits_; }
  int before() const { return before_; }
  int behind() const { return behind_; }

 private:
  bool IsAtEnd() const { return place_ >= text_.size(); }
  char Here() const { return IsAtEnd() ? '\0' : text_[place_]; }
  void SkipCharacter() { place_ += CharacterBytes(text_.substr(std::min(place_, text_.size()))); }

  void Read(const NumberPiece& piece) {
    switch (piece.field) {
      case NumberField::kText: return SkipCharacter();
      case NumberField::kDigit:
      case NumberField::kZero:
      case NumberField::kPoint:
        ReadDigit(piece.field != NumberField::kPoint);
        ++place_;
        return;
      case NumberField::kComma:
      case NumberField::kGroup:
        // Nothing has been read of the number where PostgreSQL asks that: with FM a comma takes no character.
        if (!pattern_.fill && Here() == ',') ++place_;
        return;
      case NumberField::kCurrency: return SkipNoData(1);
      case NumberField::kOrdinal:
        if (sign_ != '-' && !pattern_.has_point) SkipNoData(2);
        return;
      case NumberField::kMinus: return ReadSign("-");
      case NumberField::kPlus: return ReadSign("+");
      case NumberField::kEitherSign: return ReadSign("+-");
      default: return;
    }
  }

  void ReadSign(std::string_view signs) {
    if (signs.contains(Here())) {
      sign_ = text_[place_++];
    } else {
      SkipNoData(1);
    }
  }

  /// Skips characters that cannot be of a number.
  void SkipNoData(int count) {
    for (; count > 0 && !IsAtEnd(); --count) {
      if (std::string_view("0123456789.,+-").contains(text_[place_])) return;
      SkipCharacter();
    }
  }

  void ReadDigit(bool is_digit) {
    if (IsAtEnd()) return;
    if (Here() == ' ') ++place_;
    if (IsAtEnd()) return;
    if (sign_ == ' ' && is_digit && digits_read() == 0) ReadSignBefore();
    if (IsAtEnd()) return;
    bool is_read = false;
    if (IsAsciiDigit(Here())) {
      if (point_read_ && behind_ == pattern_.behind) return;
      digits_ += Here();
      ++(point_read_ ? behind_ : before_);
      is_read = true;
    } else if (pattern_.has_point && !point_read_ && Here() == '.') {
      digits_ += '.';
      point_read_ = is_read = true;
    }
    if (sign_ == ' ' && digits_read() > 0) ReadSignBehind(is_read);
  }

  int digits_read() const { return before_ + behind_; }

  void ReadSignBefore() {
    const char here = Here();
    if (pattern_.has_sign && anchored_ == AnchoredSign::kBefore) {
      if (here == '-' || here == '+') sign_ = text_[place_++];
    } else if (here == '-' || (pattern_.brackets && here == '<')) {
      sign_ = '-';
      ++place_;
    } else if (here == '+') {
      sign_ = '+';
      ++place_;
    }
  }

  void ReadSignBehind(bool is_read) {
    if (pattern_.has_sign && is_read && place_ + 1 < text_.size() && !IsAsciiDigit(text_[place_ + 1])) {
      const char next = text_[place_ + 1];
      if (next == '-' || next == '+') {
        sign_ = next;
        ++place_;
      }
    } else if (!is_read && !pattern_.has_sign && (pattern_.plus || pattern_.minus)) {
      if (Here() == '-' || Here() == '+') sign_ = Here();
    }
  }

  const NumberPattern& pattern_;
  std::string_view text_;
  AnchoredSign anchored_;
  std::size_t place_ = 0;
  char sign_ = ' ';
  std::string digits_;
  int before_ = 0;
  int behind_ = 0;
  bool point_read_ = false;
};

}  // namespace

ReadDigits DigitsOfText(const NumberPattern& pattern, std::string_view text) {
  if (pattern.scientific || pattern.roman) RefuseNumber(pattern, text, "EEEE and RN are for to_char only");
  NumberReader reader(pattern, text);
  reader.Read();
  if (reader.before() + reader.behind() == 0) RefuseNumber(pattern, text, "there is no number");
  std::string digits = reader.digits();
  if (digits.ends_with('.')) digits.pop_back();
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t leading = std::min(digits.find_first_not_of('0'), point);
  if (static_cast<int>(point - leading) > pattern.before + pattern.shifted) {
    RefuseNumber(pattern, text, "it has more digits before the point");
  }
  return {(reader.sign() == '-' ? "-" : "") + digits, reader.behind()};
}

}  // namespace smelt::engine::postgres
