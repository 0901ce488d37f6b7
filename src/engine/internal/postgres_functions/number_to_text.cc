#include "engine/internal/postgres_functions/number_to_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/internal/postgres_functions/time_pattern.h"
#include "engine/internal/postgres_functions/time_to_text.h"

namespace smelt::engine::postgres {
namespace {

constexpr std::size_t kNowhere = std::string::npos;

/// A number as digits without a sign.
struct SignedDigits {
  char sign = '+';
  std::string digits;
};

/// Writes the digits of a number into the places of a format.
class NumberWriter {
 public:
  /// `before` and `behind` are the digits around the point.
  NumberWriter(const NumberPattern& pattern, SignedDigits number, int before, int behind, std::string& out)
      : pattern_(pattern),
        out_(out),
        digits_(std::move(number.digits)),
        sign_(number.sign),
        behind_(behind),
        brackets_(pattern.brackets && (sign_ == '-' || !pattern.fill || pattern.plus || pattern.minus)),
        anchored_(pattern.sign) {
    const auto point = std::min(digits_.find('.'), digits_.size());
    spaces_ = std::max(0, before - static_cast<int>(point));
    if (pattern.plus || pattern.minus) {
      sign_written_ = pattern.minus;
    } else {
      sign_written_ = sign_ == '+' && pattern.fill && !pattern.has_sign;
      if (anchored_ == AnchoredSign::kBefore && before == pattern.digits_to_sign) anchored_ = AnchoredSign::kBehind;
    }
    count_ = behind + before - 1;
    if (pattern.fill && pattern.has_point) FindLastRelevant();
    if (!sign_written_ && spaces_ == 0) ++count_;
  }

  void Write() {
    for (const NumberPiece& piece : pattern_.pieces) Write(piece);
  }

 private:
  /// Zeros at the end behind the point are left out, but for those that 0 stands for.
  void FindLastRelevant() {
    const std::size_t point = digits_.find('.');
    if (point == kNowhere) return;
    last_relevant_ = std::max(digits_.find_last_not_of('0'), point);
    if (pattern_.zero_end <= spaces_) return;
    const auto last_zero = static_cast<std::size_t>(pattern_.zero_end - spaces_);
    last_relevant_ = std::max(last_relevant_, std::min(digits_.size() - 1, last_zero));
  }

  void Write(const NumberPiece& piece) {
    switch (piece.field) {
      case NumberField::kText: out_ += piece.text; return;
      case NumberField::kDigit:
      case NumberField::kZero:
      case NumberField::kPoint: return WriteDigit(piece.field == NumberField::kZero);
      case NumberField::kComma:
      case NumberField::kGroup:
        if (in_number_) {
          out_ += ',';
        } else if (!pattern_.fill) {
          out_ += ' ';
        }
        return;
      case NumberField::kCurrency: out_ += ' '; return;
      case NumberField::kMinus: return WriteSignOrSpace('-');
      case NumberField::kPlus: return WriteSignOrSpace('+');
      case NumberField::kEitherSign: out_ += sign_; return;
      case NumberField::kOrdinal:
        if (digits_[0] != '#' && sign_ != '-' && !pattern_.has_point) out_ += OrdinalOf(digits_, piece.upper);
        return;
      default: return;
    }
  }

  void WriteSignOrSpace(char sign) {
    if (sign_ == sign) {
      out_ += sign;
    } else if (!pattern_.fill) {
      out_ += ' ';
    }
  }

  /// Whether it is the zero before the point that the format has no place for.
  bool IsNeedlessZero() const {
    return !pattern_.has_zero && next_ == 0 && !digits_.empty() && digits_[0] == '0' && behind_ != 0;
  }
  bool EndsAtPoint() const { return last_relevant_ != kNowhere && digits_[last_relevant_] == '.'; }

  void WriteDigit(bool is_zero) {
    in_number_ = false;
    const bool zeros_begin = pattern_.has_zero && pattern_.zero_begin == current_;
    if (!sign_written_ && (current_ >= spaces_ || zeros_begin) && (!IsNeedlessZero() || EndsAtPoint())) WriteSign();
    if (current_ < spaces_ && (!pattern_.has_zero || pattern_.zero_begin > current_)) {
      if (!pattern_.fill) out_ += ' ';
    } else if (current_ < spaces_) {
      out_ += '0';
      in_number_ = true;
    } else {
      WriteFromNumber(is_zero);
    }
    int end = count_ + static_cast<int>(spaces_ != 0) + static_cast<int>(pattern_.has_point);
    if (last_relevant_ != kNowhere && last_relevant_ == next_) end = current_;
    if (current_ + 1 == end) WriteSignBehind();
    ++current_;
  }

  void WriteFromNumber(bool is_zero) {
    const char digit = next_ < digits_.size() ? digits_[next_] : '\0';
    if (digit == '.') {
      if (!EndsAtPoint() || pattern_.fill) out_ += '.';
    } else if (last_relevant_ != kNowhere && next_ > last_relevant_ && !is_zero) {
      // A zero at the end that nobody asked for.
    } else if (IsNeedlessZero()) {
      if (!pattern_.fill) {
        out_ += ' ';
      } else if (EndsAtPoint()) {
        out_ += '0';
      }
    } else {
      out_ += digit;
      in_number_ = true;
    }
    if (digit != '\0') ++next_;
  }

  void WriteSign() {
    if (pattern_.has_sign) {
      if (anchored_ != AnchoredSign::kBefore) return;
      out_ += sign_;
    } else if (brackets_) {
      out_ += sign_ == '+' ? ' ' : '<';
    } else if (sign_ == '-') {
      out_ += '-';
    } else if (!pattern_.fill) {
      out_ += ' ';
    }
    sign_written_ = true;
  }

  void WriteSignBehind() {
    if (sign_written_ && brackets_) {
      out_ += sign_ == '+' ? ' ' : '>';
    } else if (pattern_.has_sign && anchored_ == AnchoredSign::kBehind) {
      out_ += sign_;
    }
  }

  const NumberPattern& pattern_;
  std::string& out_;
  std::string digits_;
  char sign_;
  int behind_;
  bool brackets_;
  AnchoredSign anchored_;
  int spaces_ = 0;   ///< places before the number's first digit
  int count_ = 0;    ///< places of the format, of which the last may have a sign behind it
  int current_ = 0;  ///< the place that is written
  bool sign_written_ = false;
  bool in_number_ = false;
  std::size_t next_ = 0;  ///< of digits_
  std::size_t last_relevant_ = kNowhere;
};

void AppendDigits(const NumberPattern& pattern, SignedDigits number, int behind, std::string& out) {
  const int before = pattern.before + pattern.shifted;
  const auto point = std::min(number.digits.find('.'), number.digits.size());
  if (static_cast<int>(point) > before) {
    number.digits.assign(static_cast<std::size_t>(before + behind) + 1, '#');
    number.digits[static_cast<std::size_t>(before)] = '.';
  }
  std::string written;
  NumberWriter(pattern, std::move(number), before, behind, written).Write();
  // Places without a digit end the text: it is how PostgreSQL has it of numbers with too many digits.
  out += written.substr(0, written.find('\0'));
}

/// Rounds digits to so many behind the point, which are then there.
std::string RoundedDigits(std::string_view number, int behind) {
  const std::size_t point = std::min(number.find('.'), number.size());
  std::string whole(number.substr(0, point));
  std::string fraction(number.substr(std::min(point + 1, number.size())));
  const auto wanted = static_cast<std::size_t>(behind);
  const bool up = fraction.size() > wanted && fraction[wanted] >= '5';
  fraction.resize(wanted, '0');
  std::string digits = whole + fraction;
  if (up) {
    std::size_t at = digits.size();
    while (at > 0 && digits[at - 1] == '9') digits[--at] = '0';
    if (at > 0) {
      ++digits[at - 1];
    } else {
      digits.insert(digits.begin(), '1');
    }
  }
  if (wanted > 0) digits.insert(digits.size() - wanted, 1, '.');
  return digits;
}

/// Times ten, so many times.
std::string ShiftedDigits(std::string_view number, int places) {
  const std::size_t point = std::min(number.find('.'), number.size());
  std::string whole(number.substr(0, point));
  std::string fraction(number.substr(std::min(point + 1, number.size())));
  const auto moved = static_cast<std::size_t>(places);
  if (fraction.size() < moved) fraction.resize(moved, '0');
  whole += fraction.substr(0, moved);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  fraction.erase(0, moved);
  return fraction.empty() ? whole : whole + "." + fraction;
}

/// One digit, a point, others and an exponent.
std::string ScientificDigits(std::string_view number, int behind) {
  const std::size_t point = std::min(number.find('.'), number.size());
  std::string digits(number.substr(0, point));
  digits += number.substr(std::min(point + 1, number.size()));
  int exponent = static_cast<int>(point) - 1;
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  if (first == digits.size()) {
    digits = "0";
    exponent = 0;
  } else {
    digits.erase(0, first);
    exponent -= static_cast<int>(first);
  }
  std::string rounded = RoundedDigits(digits.substr(0, 1) + "." + digits.substr(1), behind);
  if (rounded.starts_with("10")) {
    rounded = RoundedDigits("1", behind);
    ++exponent;
  }
  return fmt::format("{}e{}{:02}", rounded, exponent < 0 ? '-' : '+', std::abs(exponent));
}

/// Of a number from 1 to 3999.
std::string RomanOf(int number) {
  struct Numeral {
    int value;
    std::string_view letters;
  };
  static constexpr std::array<Numeral, 13> kNumerals = {{{1000, "M"},
                                                         {900, "CM"},
                                                         {500, "D"},
                                                         {400, "CD"},
                                                         {100, "C"},
                                                         {90, "XC"},
                                                         {50, "L"},
                                                         {40, "XL"},
                                                         {10, "X"},
                                                         {9, "IX"},
                                                         {5, "V"},
                                                         {4, "IV"},
                                                         {1, "I"}}};
  std::string roman;
  for (const Numeral& numeral : kNumerals) {
    for (; number >= numeral.value; number -= numeral.value) roman += numeral.letters;
  }
  return roman;
}

void AppendRoman(const NumberPattern& pattern, double number, std::string& out) {
  constexpr int kWidth = 15;
  const bool has_numeral = number >= 1 && number <= 3999;
  const std::string roman = has_numeral ? RomanOf(static_cast<int>(number)) : std::string(kWidth, '#');
  for (const NumberPiece& piece : pattern.pieces) {
    switch (piece.field) {
      case NumberField::kText: out += piece.text; break;
      case NumberField::kComma:
      case NumberField::kGroup:
      case NumberField::kMinus:
      case NumberField::kPlus:
        if (!pattern.fill) out += ' ';
        break;
      case NumberField::kCurrency: out += ' '; break;
      case NumberField::kEitherSign: return;
      case NumberField::kRoman: {
        std::string written = roman;
        if (!piece.upper) std::ranges::transform(written, written.begin(), AsciiLower);
        out += pattern.fill ? written : fmt::format("{:>{}}", written, kWidth);
        break;
      }
      default: break;
    }
  }
}

/// What printf has for %.*f and %.*e; it ends at 350 digits behind the point.
std::string PrintedDouble(double number, std::chars_format format, int behind) {
  constexpr int kBehindMax = 350;
  std::array<char, 1200> room;
  const auto written =
      std::to_chars(room.data(), room.data() + room.size(), number, format, std::min(behind, kBehindMax));
  std::string text(room.data(), written.ptr);
  if (behind > kBehindMax) {
    text.insert(std::min(text.find('e'), text.size()), static_cast<std::size_t>(behind - kBehindMax), '0');
  }
  return text;
}

void AppendScientific(const NumberPattern& pattern, double number, std::string& out) {
  if (std::isfinite(number)) {
    if (!std::signbit(number)) out += ' ';
    out += PrintedDouble(number, std::chars_format::scientific, pattern.behind);
    return;
  }
  std::string text(static_cast<std::size_t>(pattern.before + pattern.behind) + 6, '#');
  text[0] = ' ';
  text[static_cast<std::size_t>(pattern.before) + 1] = '.';
  out += text;
}

/// `digits_max`: those that the type keeps.
template <typename T>
void AppendFloating(const NumberPattern& pattern, T number, int digits_max, std::string& out) {
  if (pattern.scientific) return AppendScientific(pattern, number, out);
  if (pattern.roman) return AppendRoman(pattern, std::nearbyint(static_cast<double>(number)), out);
  T value = number;
  if (pattern.shifts) value = static_cast<T>(static_cast<double>(number) * std::pow(10.0, pattern.shifted));
  int behind = pattern.behind;
  SignedDigits digits;
  if (std::isnan(value)) {
    digits.digits = "NaN";
  } else if (std::isinf(value)) {
    digits = {std::signbit(value) ? '-' : '+', "Infinity"};
  }
  const std::string whole = digits.digits.empty()
                                ? PrintedDouble(std::fabs(static_cast<double>(value)), std::chars_format::fixed, 0)
                                : digits.digits;
  const auto size = static_cast<int>(whole.size());
  behind = size >= digits_max ? 0 : std::min(behind, digits_max - size);
  if (digits.digits.empty()) {
    digits.digits = PrintedDouble(std::fabs(static_cast<double>(value)), std::chars_format::fixed, behind);
    digits.sign = std::signbit(value) ? '-' : '+';
  }
  AppendDigits(pattern, std::move(digits), behind, out);
}

}  // namespace

void AppendWhole(const NumberPattern& pattern, std::int64_t number, std::string& out) {
  if (pattern.roman) return AppendRoman(pattern, static_cast<double>(number), out);
  const bool is_short = number == static_cast<std::int32_t>(number);
  if (pattern.scientific && is_short) return AppendScientific(pattern, static_cast<double>(number), out);
  const std::string text = fmt::format("{}", number);
  AppendDecimal(pattern, text, out);
}

void AppendDouble(const NumberPattern& pattern, double number, std::string& out) {
  AppendFloating(pattern, number, std::numeric_limits<double>::digits10, out);
}

void AppendFloat(const NumberPattern& pattern, float number, std::string& out) {
  AppendFloating(pattern, number, std::numeric_limits<float>::digits10, out);
}

void AppendDecimal(const NumberPattern& pattern, std::string_view number, std::string& out) {
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);
  if (pattern.roman) {
    const std::string whole = RoundedDigits(number, 0);
    double value = 0;
    std::from_chars(whole.data(), whole.data() + whole.size(), value);
    return AppendRoman(pattern, negative ? -value : value, out);
  }
  if (pattern.scientific) {
    out += negative ? '-' : ' ';
    out += ScientificDigits(number, pattern.behind);
    return;
  }
  const std::string shifted = pattern.shifts ? ShiftedDigits(number, pattern.shifted) : std::string(number);
  std::string digits = RoundedDigits(shifted, pattern.behind);
  // What is rounded to nothing has no sign.
  const bool is_zero = digits.find_first_not_of("0.") == std::string::npos;
  AppendDigits(pattern, {negative && !is_zero ? '-' : '+', std::move(digits)}, pattern.behind, out);
}

}  // namespace smelt::engine::postgres
