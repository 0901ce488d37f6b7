#include "transform/internal/jinja/decimal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "base/json.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/python_text.h"

namespace smelt::transform::jinja {
namespace {

using Parts = Decimal::Parts;

/// Digits that results of arithmetic keep.
constexpr std::size_t kPrecision = 28;
constexpr int kExponentMax = 5000;

// -- magnitudes: texts of digits, the highest first, without leading zeros

std::string Stripped(std::string digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

int CompareMagnitudes(const std::string& left, const std::string& right) {
  if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
  return left.compare(right);
}

std::string Padded(const std::string& digits, std::size_t size) {
  return std::string(size - std::min(size, digits.size()), '0') + digits;
}

std::string AddMagnitudes(const std::string& left, const std::string& right) {
  const std::size_t size = std::max(left.size(), right.size()) + 1;
  std::string sum = Padded(left, size);
  const std::string other = Padded(right, size);
  int carry = 0;
  for (std::size_t i = size; i-- > 0;) {
    const int digit = sum[i] - '0' + other[i] - '0' + carry;
    carry = digit / 10;
    sum[i] = static_cast<char>('0' + digit % 10);
  }
  return Stripped(std::move(sum));
}

/// `left` must not be the smaller one.
std::string SubtractMagnitudes(std::string left, const std::string& right) {
  const std::string other = Padded(right, left.size());
  int borrow = 0;
  for (std::size_t i = left.size(); i-- > 0;) {
    const int digit = left[i] - other[i] - borrow;
    borrow = digit < 0 ? 1 : 0;
    left[i] = static_cast<char>('0' + digit + 10 * borrow);
  }
  return Stripped(std::move(left));
}

std::string MultiplyMagnitudes(const std::string& left, const std::string& right) {
  std::string product(left.size() + right.size(), '0');
  for (std::size_t i = left.size(); i-- > 0;) {
    int carry = 0;
    for (std::size_t j = right.size(); j-- > 0;) {
      const int digit = (left[i] - '0') * (right[j] - '0') + product[i + j + 1] - '0' + carry;
      carry = digit / 10;
      product[i + j + 1] = static_cast<char>('0' + digit % 10);
    }
    product[i] = static_cast<char>(product[i] + carry);
  }
  return Stripped(std::move(product));
}

/// Quotient and remainder.
std::pair<std::string, std::string> DivideMagnitudes(const std::string& left, const std::string& right) {
  std::string quotient, rest = "0";
  for (char next : left) {
    rest += next;
    rest = Stripped(std::move(rest));
    char digit = '0';
    for (; CompareMagnitudes(rest, right) >= 0; ++digit) rest = SubtractMagnitudes(rest, right);
    quotient += digit;
  }
  return {Stripped(std::move(quotient)), std::move(rest)};
}

// -- numbers

/// Without the last `count` digits, rounded half to even; `sticky`: more than zero was cut off behind them before.
Parts Cut(Parts parts, std::size_t count, bool sticky = false) {
  if (count == 0) return parts;
  const std::string digits = Padded(parts.digits, count + 1);
  std::string kept = digits.substr(0, digits.size() - count);
  const std::string lost = digits.substr(digits.size() - count);
  const bool is_beyond = sticky || lost.find_first_not_of('0', 1) != std::string::npos;
  const bool is_odd = (kept.back() - '0') % 2 != 0;
  if (lost[0] > '5' || (lost[0] == '5' && (is_beyond || is_odd))) kept = AddMagnitudes(kept, "1");
  return {parts.negative, Stripped(std::move(kept)), parts.exponent + static_cast<int>(count)};
}

Parts ToPrecision(const Parts& parts) {
  Parts rounded = Cut(parts, parts.digits.size() - std::min(parts.digits.size(), kPrecision));
  // 999…9 rounds to one digit more.
  return Cut(rounded, rounded.digits.size() - std::min(rounded.digits.size(), kPrecision));
}

std::string DigitsAt(const Parts& parts, int exponent) {
  return Stripped(parts.digits + std::string(static_cast<std::size_t>(parts.exponent - exponent), '0'));
}

Parts Add(const Parts& left, const Parts& right) {
  const int exponent = std::min(left.exponent, right.exponent);
  std::string a = DigitsAt(left, exponent), b = DigitsAt(right, exponent);
  if (left.negative == right.negative) return {left.negative, AddMagnitudes(a, b), exponent};
  const bool is_larger = CompareMagnitudes(a, b) >= 0;
  std::string digits = is_larger ? SubtractMagnitudes(a, b) : SubtractMagnitudes(b, a);
  const bool negative = digits != "0" && (is_larger ? left.negative : right.negative);
  return {negative, std::move(digits), exponent};
}

Parts Negated(Parts parts) {
  parts.negative = !parts.negative && parts.digits != "0";
  return parts;
}

/// The sign of a product or quotient.
bool Sign(const Parts& left, const Parts& right) {
  return left.negative != right.negative;
}

Parts Multiply(const Parts& left, const Parts& right) {
  std::string digits = MultiplyMagnitudes(left.digits, right.digits);
  const bool negative = digits != "0" && Sign(left, right);
  return {negative, std::move(digits), left.exponent + right.exponent};
}

Parts Divide(const Parts& left, const Parts& right) {
  const auto missing = static_cast<int>(kPrecision + 2 + right.digits.size()) - static_cast<int>(left.digits.size());
  const int shift = std::max(missing, 0), exact_exponent = left.exponent - right.exponent;
  auto [quotient, rest] =
      DivideMagnitudes(left.digits + std::string(static_cast<std::size_t>(shift), '0'), right.digits);
  Parts result{quotient != "0" && Sign(left, right), std::move(quotient), exact_exponent - shift};
  const std::size_t cut = result.digits.size() - std::min(result.digits.size(), kPrecision);
  if (rest != "0") return Cut(std::move(result), cut, true);
  // An exact result has no more zeros at its end than it needs.
  while (result.exponent < exact_exponent && result.digits.size() > 1 && result.digits.back() == '0') {
    result.digits.pop_back();
    ++result.exponent;
  }
  if (result.digits == "0") result.exponent = exact_exponent;
  return ToPrecision(result);
}

/// The whole quotient, towards zero, and the remainder, which has the sign of `left`.
std::pair<Parts, Parts> DivideWhole(const Parts& left, const Parts& right) {
  const int exponent = std::min(left.exponent, right.exponent);
  auto [quotient, rest] = DivideMagnitudes(DigitsAt(left, exponent), DigitsAt(right, exponent));
  Parts whole{quotient != "0" && Sign(left, right), std::move(quotient), 0};
  Parts remainder{rest != "0" && left.negative, std::move(rest), exponent};
  return {std::move(whole), std::move(remainder)};
}

Result<Parts> Apply(Operator operation, const Parts& left, const Parts& right) {
  switch (operation) {
    case Operator::kAdd: return ToPrecision(Add(left, right));
    case Operator::kSubtract: return ToPrecision(Add(left, Negated(right)));
    case Operator::kMultiply: return ToPrecision(Multiply(left, right));
    default: break;
  }
  if (right.digits == "0") return Fail(ErrorCode::kJinjaType, "division by zero");
  if (operation == Operator::kDivide) return Divide(left, right);
  auto [whole, remainder] = DivideWhole(left, right);
  return operation == Operator::kFloorDivide ? ToPrecision(whole) : ToPrecision(remainder);
}

bool IsArithmetic(Operator operation) {
  switch (operation) {
    case Operator::kAdd:
    case Operator::kSubtract:
    case Operator::kMultiply:
    case Operator::kDivide:
    case Operator::kFloorDivide:
    case Operator::kModulo: return true;
    default: return false;
  }
}

bool IsWithinBounds(const Parts& parts) {
  return std::abs(parts.exponent) + static_cast<int>(parts.digits.size()) <= kExponentMax;
}

}  // namespace

std::shared_ptr<Decimal> Decimal::Parse(std::string_view text) {
  Parts parts;
  if (text.starts_with('-') || text.starts_with('+')) {
    parts.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::size_t mark = text.find_first_of("eE");
  if (mark != std::string_view::npos) {
    std::string_view exponent = text.substr(mark + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    auto [end, error] = std::from_chars(exponent.data(), exponent.data() + exponent.size(), parts.exponent);
    if (error != std::errc() || end != exponent.data() + exponent.size()) return nullptr;
    if (std::abs(parts.exponent) > kExponentMax) return nullptr;
    text = text.substr(0, mark);
  }
  std::string digits(text);
  if (const std::size_t point = digits.find('.'); point != std::string::npos) {
    parts.exponent -= static_cast<int>(std::min<std::size_t>(digits.size() - point - 1, kExponentMax));
    digits.erase(point, 1);
  }
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) return nullptr;
  parts.digits = Stripped(std::move(digits));
  return IsWithinBounds(parts) ? std::make_shared<Decimal>(std::move(parts)) : nullptr;
}

double Decimal::Real() const {
  const std::string text = fmt::format("{}{}e{}", parts_.negative ? "-" : "", parts_.digits, parts_.exponent);
  return std::strtod(text.c_str(), nullptr);
}

std::optional<std::int64_t> Decimal::Truncated() const {
  std::string digits = parts_.digits;
  if (parts_.exponent > 0) digits += std::string(static_cast<std::size_t>(parts_.exponent), '0');
  if (parts_.exponent < 0) {
    const auto behind = static_cast<std::size_t>(-parts_.exponent);
    digits = digits.size() > behind ? digits.substr(0, digits.size() - behind) : "0";
  }
  if (parts_.negative) digits.insert(0, "-");
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::shared_ptr<Decimal> Decimal::Rounded(int places) const {
  places = std::clamp(places, -kExponentMax, kExponentMax);
  const int surplus = -places - parts_.exponent;
  if (surplus > 0) return std::make_shared<Decimal>(Cut(parts_, static_cast<std::size_t>(surplus)));
  return std::make_shared<Decimal>(Parts{parts_.negative, DigitsAt(parts_, -places), -places});
}

std::optional<int> Decimal::OrderTo(const Value& other) const {
  if (other.is_real()) return Real() < other.number() ? -1 : Real() > other.number() ? 1 : 0;
  auto decimal = AsDecimal(other);
  if (decimal == nullptr) return std::nullopt;
  const Parts difference = Add(parts_, Negated(decimal->parts()));
  return difference.digits == "0" ? 0 : difference.negative ? -1 : 1;
}

std::string Decimal::ToText() const {
  const std::string& digits = parts_.digits;
  const auto size = static_cast<int>(digits.size());
  const int before_point = parts_.exponent + size;
  const bool is_plain = parts_.exponent <= 0 && before_point > -6;
  const int point = is_plain ? before_point : 1;
  std::string text = parts_.negative ? "-" : "";
  if (point <= 0) {
    text += "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  } else if (point >= size) {
    text += digits + std::string(static_cast<std::size_t>(point - size), '0');
  } else {
    text += digits.substr(0, static_cast<std::size_t>(point)) + "." + digits.substr(static_cast<std::size_t>(point));
  }
  return is_plain ? text : text + fmt::format("E{:+}", before_point - point);
}

bool Decimal::Equals(const Object& other) const {
  const auto* decimal = dynamic_cast<const Decimal*>(&other);
  return decimal != nullptr && Add(parts_, Negated(decimal->parts_)).digits == "0";
}

std::optional<Json> Decimal::ToJson() const {
  return Json(Real());
}

std::optional<std::string> Decimal::Formatted(std::string_view specification) const {
  auto text = FormatValue(Value(Real()), specification);
  return text ? std::optional(*std::move(text)) : std::nullopt;
}

Result<std::optional<Value>> Decimal::Calculate(Operator operation, const Value& other, bool is_left) const {
  auto decimal = AsDecimal(other);
  if (decimal == nullptr || !IsArithmetic(operation)) return std::optional<Value>();
  const Parts &left = is_left ? parts_ : decimal->parts(), &right = is_left ? decimal->parts() : parts_;
  SMELT_ASSIGN(Parts result, Apply(operation, left, right));
  if (!IsWithinBounds(result)) {
    return Fail(ErrorCode::kJinjaLimit, fmt::format("the result of '{}' is too large", OperatorText(operation)));
  }
  return std::optional(Value(std::make_shared<Decimal>(std::move(result))));
}

std::optional<bool> Decimal::Satisfies(Operator operation, const Object& other) const {
  const auto* decimal = dynamic_cast<const Decimal*>(&other);
  if (decimal == nullptr) return std::nullopt;
  const Parts difference = Add(parts_, Negated(decimal->parts_));
  const int order = difference.digits == "0" ? 0 : difference.negative ? -1 : 1;
  switch (operation) {
    case Operator::kLess: return order < 0;
    case Operator::kLessEqual: return order <= 0;
    case Operator::kGreater: return order > 0;
    default: return order >= 0;
  }
}

std::shared_ptr<const Decimal> AsDecimal(const Value& value) {
  if (value.is_integral()) return Decimal::Parse(std::to_string(value.integer()));
  return value.As<Decimal>();
}

}  // namespace smelt::transform::jinja
