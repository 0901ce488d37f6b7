#include "transform/internal/jinja/operators.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/iterables.h"
#include "transform/internal/jinja/methods.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/jinja/python_text.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

std::unexpected<Error> Mismatch(Operator operation, const Value& left, const Value& right) {
  for (const Value* side : {&left, &right}) {
    if (side->is_undefined()) return Fail(ErrorCode::kJinjaUndefined, side->undefined_hint());
  }
  return Fail(ErrorCode::kJinjaType, fmt::format("'{}' cannot be applied to '{}' and '{}'", OperatorText(operation),
                                                 left.type_name(), right.type_name()));
}

std::unexpected<Error> Overflow() {
  return Fail(ErrorCode::kJinjaLimit, "the result does not fit a 64-bit integer");
}

Result<Value> IntegerPower(std::int64_t base, std::int64_t exponent) {
  std::int64_t result = 1;
  // Bases beyond 1 overflow after at most 63 rounds.
  if (base == 0 || base == 1) return exponent == 0 ? std::int64_t{1} : base;
  if (base == -1) return exponent % 2 == 0 ? 1 : -1;
  for (std::int64_t i = 0; i < exponent; ++i) {
    if (__builtin_mul_overflow(result, base, &result)) return Overflow();
  }
  return result;
}

std::int64_t FloorDivide(std::int64_t left, std::int64_t right) {
  std::int64_t quotient = left / right;
  return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
}

Result<Value> CalculateIntegers(Operator operation, std::int64_t left, std::int64_t right) {
  std::int64_t result = 0;
  switch (operation) {
    case Operator::kAdd:
      if (__builtin_add_overflow(left, right, &result)) return Overflow();
      return result;
    case Operator::kSubtract:
      if (__builtin_sub_overflow(left, right, &result)) return Overflow();
      return result;
    case Operator::kMultiply:
      if (__builtin_mul_overflow(left, right, &result)) return Overflow();
      return result;
    case Operator::kDivide: return static_cast<double>(left) / static_cast<double>(right);
    case Operator::kFloorDivide:
      if (right == -1) return CalculateIntegers(Operator::kSubtract, 0, left);
      return FloorDivide(left, right);
    case Operator::kModulo: return right == -1 ? 0 : left - FloorDivide(left, right) * right;
    case Operator::kPower:
      if (right < 0) return std::pow(static_cast<double>(left), static_cast<double>(right));
      return IntegerPower(left, right);
    default: SMELT_ASSERT(false);
  }
}

/// Python's remainder: it has the sign of the divisor.
double Remainder(double left, double right) {
  double remainder = std::fmod(left, right);
  if (remainder == 0) return std::copysign(0.0, right);
  return (remainder < 0) != (right < 0) ? remainder + right : remainder;
}

double FloorDivideReals(double left, double right) {
  double quotient = (left - Remainder(left, right)) / right, floor = std::floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

Value CalculateReals(Operator operation, double left, double right) {
  switch (operation) {
    case Operator::kAdd: return left + right;
    case Operator::kSubtract: return left - right;
    case Operator::kMultiply: return left * right;
    case Operator::kDivide: return left / right;
    case Operator::kFloorDivide: return FloorDivideReals(left, right);
    case Operator::kModulo: return Remainder(left, right);
    default: return std::pow(left, right);
  }
}

/// Python's errors of powers: none of those has a real result.
Status CheckPower(double base, double exponent) {
  if (base == 0 && exponent < 0) return Fail(ErrorCode::kJinjaType, "0 cannot be raised to a negative power");
  if (base < 0 && std::isfinite(base) && std::isfinite(exponent) && exponent != std::floor(exponent)) {
    return Fail(ErrorCode::kJinjaType, "complex numbers are not supported: a root of a negative number is one");
  }
  if (std::isinf(std::pow(base, exponent)) && std::isfinite(base) && std::isfinite(exponent)) {
    return Fail(ErrorCode::kJinjaLimit, "the result of '**' is too large");
  }
  return {};
}

Result<Value> CalculateNumbers(Operator operation, const Value& left, const Value& right) {
  bool divides =
      operation == Operator::kDivide || operation == Operator::kFloorDivide || operation == Operator::kModulo;
  if (divides && right.number() == 0) return Fail(ErrorCode::kJinjaType, "division by zero");
  bool whole = left.is_integral() && right.is_integral();
  if (operation == Operator::kPower && !(whole && right.integer() >= 0)) {
    SMELT_TRY(CheckPower(left.number(), right.number()));
  }
  if (whole) return CalculateIntegers(operation, left.integer(), right.integer());
  return CalculateReals(operation, left.number(), right.number());
}

/// `text * count` and `list * count`.
Result<Value> Repeat(const Value& value, std::int64_t count) {
  count = std::max<std::int64_t>(count, 0);
  auto size = static_cast<std::int64_t>(value.is_text() ? value.text().size() : value.items().size());
  if (size > 0 && count > kElementsMax / size) {
    return Fail(ErrorCode::kJinjaLimit, fmt::format("the repetition would have more than {} elements", kElementsMax));
  }
  if (value.is_text()) {
    std::string out;
    out.reserve(static_cast<std::size_t>(size * count));
    for (std::int64_t i = 0; i < count; ++i) out += value.text();
    return Value(std::move(out));
  }
  List out;
  for (std::int64_t i = 0; i < count; ++i) out.insert(out.end(), value.items().begin(), value.items().end());
  return value.is_tuple() ? Value::MakeTuple(std::move(out)) : Value::MakeList(std::move(out));
}

std::string MissingHint(const Value& value, std::string_view name) {
  std::string owner = value.is_none()     ? "'None'"
                      : value.is_object() ? "'" + value.type_name() + "'"
                                          : "'" + value.type_name() + " object'";
  return fmt::format("{} has no attribute '{}'", owner, name);
}

std::optional<std::size_t> IndexIn(std::int64_t index, std::size_t size) {
  if (index < 0) index += static_cast<std::int64_t>(size);
  if (index < 0 || index >= static_cast<std::int64_t>(size)) return std::nullopt;
  return static_cast<std::size_t>(index);
}

std::optional<Value> FindItem(const Value& value, const Value& key) {
  switch (value.kind()) {
    case Kind::kDict: {
      const Value* found = key.Hashable() ? value.dict().Find(key) : nullptr;
      return found == nullptr ? std::nullopt : std::optional<Value>(*found);
    }
    case Kind::kList:
    case Kind::kTuple: {
      if (!key.is_integral()) return std::nullopt;
      auto index = IndexIn(key.integer(), value.items().size());
      return index ? std::optional<Value>(value.items()[*index]) : std::nullopt;
    }
    case Kind::kText: {
      if (!key.is_integral()) return std::nullopt;
      auto characters = Characters(value.text());
      auto index = IndexIn(key.integer(), characters.size());
      return index ? std::optional<Value>(characters[*index]) : std::nullopt;
    }
    case Kind::kObject: return value.object().Item(key);
    default: return std::nullopt;
  }
}

/// What numbers have besides methods.
std::optional<Value> NumberAttribute(const Value& value, std::string_view name) {
  if (name == "real") return value.is_real() ? value : Value(value.integer());
  if (name == "imag") return value.is_real() ? Value(0.0) : Value(0);
  if (value.is_real()) return std::nullopt;
  if (name == "numerator") return Value(value.integer());
  return name == "denominator" ? std::optional<Value>(1) : std::nullopt;
}

std::optional<Value> FindAttribute(const Value& value, std::string_view name) {
  if (value.is_number()) {
    if (auto found = NumberAttribute(value, name)) return found;
  }
  return value.is_object() ? value.object().Attribute(name) : BoundMethod(value, name);
}

Result<bool> Contains(const Value& container, const Value& item) {
  switch (container.kind()) {
    case Kind::kText:
      if (!item.is_text()) return Mismatch(Operator::kIn, item, container);
      return container.text().find(item.text()) != std::string::npos;
    case Kind::kDict:
      if (!item.Hashable()) return Fail(ErrorCode::kJinjaType, fmt::format("'{}' cannot be a key", item.type_name()));
      return container.dict().Find(item) != nullptr;
    case Kind::kNone:
    case Kind::kBoolean:
    case Kind::kInteger:
    case Kind::kReal: return Mismatch(Operator::kIn, item, container);
    default: break;
  }
  if (container.is_object()) {
    SMELT_ASSIGN(auto contained, container.object().Contains(item));
    if (contained) return *contained;
  }
  SMELT_ASSIGN(List members, Iterate(container));
  return std::ranges::any_of(members, [&item](const Value& member) { return member.Equals(item); });
}

}  // namespace

std::string_view OperatorText(Operator operation) {
  constexpr std::string_view kTexts[] = {
      "+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "in", "not in"};
  return kTexts[static_cast<std::size_t>(operation)];
}

Result<Value> Calculate(Operator operation, const Value& left, const Value& right) {
  if (left.is_number() && right.is_number()) return CalculateNumbers(operation, left, right);
  if (operation == Operator::kModulo && left.is_text()) {
    SMELT_ASSIGN(std::string text, PercentFormat(left.text(), right));
    return Value(std::move(text));
  }
  if (operation == Operator::kAdd && left.is_text() && right.is_text()) return Value(left.text() + right.text());
  if (operation == Operator::kAdd && left.is_sequence() && left.kind() == right.kind()) {
    List items = left.items();
    items.insert(items.end(), right.items().begin(), right.items().end());
    return left.is_tuple() ? Value::MakeTuple(std::move(items)) : Value::MakeList(std::move(items));
  }
  if (operation == Operator::kMultiply) {
    if ((left.is_text() || left.is_sequence()) && right.is_integral()) return Repeat(left, right.integer());
    if (left.is_integral() && (right.is_text() || right.is_sequence())) return Repeat(right, left.integer());
  }
  for (bool is_left : {true, false}) {
    const Value &self = is_left ? left : right, &other = is_left ? right : left;
    if (!self.is_object()) continue;
    SMELT_ASSIGN(auto result, self.object().Calculate(operation, other, is_left));
    if (result) return *std::move(result);
  }
  return Mismatch(operation, left, right);
}

Result<bool> Satisfies(Operator operation, const Value& left, const Value& right) {
  switch (operation) {
    case Operator::kEqual: return left.Equals(right);
    case Operator::kNotEqual: return !left.Equals(right);
    case Operator::kIn: return Contains(right, left);
    case Operator::kNotIn: {
      SMELT_ASSIGN(bool contained, Contains(right, left));
      return !contained;
    }
    default: break;
  }
  if (left.is_object() && right.is_object()) {
    if (auto known = left.object().Satisfies(operation, right.object())) return *known;
  }
  SMELT_ASSIGN(int order, Compare(left, right));
  switch (operation) {
    case Operator::kLess: return order < 0;
    case Operator::kLessEqual: return order <= 0;
    case Operator::kGreater: return order > 0;
    default: return order >= 0;
  }
}

Result<Value> Negate(const Value& value) {
  if (value.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, value.undefined_hint());
  if (value.is_object()) {
    SMELT_ASSIGN(auto negated, value.object().Calculate(Operator::kMultiply, Value(-1), true));
    if (negated) return *std::move(negated);
  }
  if (!value.is_number()) return Fail(ErrorCode::kJinjaType, fmt::format("'{}' has no negative", value.type_name()));
  return value.is_real() ? Result<Value>(-value.number()) : CalculateIntegers(Operator::kSubtract, 0, value.integer());
}

Value GetAttribute(const Value& value, std::string_view name) {
  if (value.is_undefined()) return value;
  if (auto found = FindAttribute(value, name)) return *std::move(found);
  if (auto found = FindItem(value, Value(name))) return *std::move(found);
  return Value::Undefined(MissingHint(value, name));
}

std::optional<Value> AttributeAlone(const Value& value, std::string_view name) {
  return FindAttribute(value, name);
}

Value GetItem(const Value& value, const Value& key) {
  if (value.is_undefined()) return value;
  if (auto found = FindItem(value, key)) return *std::move(found);
  if (key.is_text()) {
    if (auto found = FindAttribute(value, key.text())) return *std::move(found);
    return Value::Undefined(MissingHint(value, key.text()));
  }
  return Value::Undefined(fmt::format("'{} object' has no element {}", value.type_name(), key.Repr()));
}

Result<Value> Slice(const Value& value, const Value& start, const Value& stop, const Value& step) {
  if (value.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, value.undefined_hint());
  auto range = value.As<Range>();
  if (!value.is_text() && !value.is_sequence() && range == nullptr) {
    return Fail(ErrorCode::kJinjaType, fmt::format("'{}' cannot be sliced", value.type_name()));
  }
  for (const Value* bound : {&start, &stop, &step}) {
    if (!bound->is_absent() && !bound->is_integral()) {
      return Fail(ErrorCode::kJinjaType, "the bounds of a slice must be integers");
    }
  }
  std::int64_t stride = step.is_absent() ? 1 : step.integer();
  if (stride == 0) return Fail(ErrorCode::kJinjaType, "the step of a slice must not be zero");
  SMELT_ASSIGN(List items, Iterate(value));
  auto size = static_cast<std::int64_t>(items.size());
  std::int64_t lowest = stride > 0 ? 0 : -1, highest = stride > 0 ? size : size - 1;
  auto bound = [&](const Value& given, std::int64_t fallback) {
    if (given.is_absent()) return fallback;
    std::int64_t position = given.integer();
    if (position < 0) position = std::max<std::int64_t>(position, -size - 1) + size;
    return std::clamp(position, lowest, highest);
  };
  std::int64_t from = bound(start, stride > 0 ? lowest : highest), to = bound(stop, stride > 0 ? highest : lowest);
  if (range != nullptr) return range->Slice(from, to, stride);
  List taken;
  if (stride > 0) {
    for (std::int64_t i = from; i < to; i += std::min(stride, size))
      taken.push_back(items[static_cast<std::size_t>(i)]);
  } else {
    for (std::int64_t i = from; i > to; i += std::max(stride, -size))
      taken.push_back(items[static_cast<std::size_t>(i)]);
  }
  if (!value.is_text())
    return value.is_tuple() ? Value::MakeTuple(std::move(taken)) : Value::MakeList(std::move(taken));
  std::string text;
  for (const Value& character : taken) text += character.text();
  return Value(std::move(text));
}

}  // namespace smelt::transform::jinja
