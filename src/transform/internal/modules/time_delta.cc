#include <fmt/format.h>

#include <cmath>

#include "transform/internal/jinja/operators.h"
#include "transform/internal/modules/datetime_values.h"
#include "transform/internal/modules/object_methods.h"

namespace smelt::transform::jinja {
namespace {

/// The days, seconds and microseconds that Python splits a timedelta into; only the days can be negative.
struct DeltaParts {
  std::int64_t days, seconds, micros;
  explicit DeltaParts(std::int64_t total) {
    days = total / kMicrosPerDay - (total % kMicrosPerDay < 0 ? 1 : 0);
    std::int64_t rest = total - days * kMicrosPerDay;
    seconds = rest / kMicrosPerSecond;
    micros = rest % kMicrosPerSecond;
  }
};

std::int64_t FloorDivide(std::int64_t left, std::int64_t right) {
  std::int64_t quotient = left / right;
  return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
}

Result<Value> TotalSeconds(TimeDelta& self, Interpreter&, const Arguments&) {
  return static_cast<double>(self.micros()) / kMicrosPerSecond;
}

constexpr ObjectMethod<TimeDelta> kTimeDeltaMethods[] = {{"total_seconds", TotalSeconds}};

/// delta op delta.
Result<std::optional<Value>> OfTwo(Operator operation, std::int64_t left, std::int64_t right) {
  auto made = [](Result<Value> value) -> Result<std::optional<Value>> {
    SMELT_ASSIGN(Value delta, std::move(value));
    return std::optional<Value>(std::move(delta));
  };
  bool divides =
      operation == Operator::kDivide || operation == Operator::kFloorDivide || operation == Operator::kModulo;
  if (divides && right == 0) return Fail(ErrorCode::kJinjaType, "division by a timedelta of zero");
  switch (operation) {
    case Operator::kAdd: return made(Value(std::make_shared<TimeDelta>(left + right)));
    case Operator::kSubtract: return made(Value(std::make_shared<TimeDelta>(left - right)));
    case Operator::kDivide: return made(static_cast<double>(left) / static_cast<double>(right));
    case Operator::kFloorDivide: return made(FloorDivide(left, right));
    case Operator::kModulo: return made(Value(std::make_shared<TimeDelta>(left - FloorDivide(left, right) * right)));
    default: return std::optional<Value>();
  }
}

}  // namespace

bool Holds(Operator operation, std::int64_t left, std::int64_t right) {
  switch (operation) {
    case Operator::kLess: return left < right;
    case Operator::kLessEqual: return left <= right;
    case Operator::kGreater: return left > right;
    default: return left >= right;
  }
}

Result<Value> TimeDelta::Make(double micros) {
  if (!(std::fabs(micros) <= static_cast<double>(kDaysMax) * static_cast<double>(kMicrosPerDay))) {
    return Fail(ErrorCode::kJinjaLimit, fmt::format("a timedelta has at most {} days", kDaysMax));
  }
  return Value(std::make_shared<TimeDelta>(static_cast<std::int64_t>(std::nearbyint(micros))));
}

std::string TimeDelta::ToText() const {
  DeltaParts parts(micros_);
  std::string text;
  if (parts.days != 0) text = fmt::format("{} day{}, ", parts.days, parts.days == 1 || parts.days == -1 ? "" : "s");
  text += fmt::format("{}:{:02}:{:02}", parts.seconds / 3600, parts.seconds / 60 % 60, parts.seconds % 60);
  return parts.micros == 0 ? text : text + fmt::format(".{:06}", parts.micros);
}

std::string TimeDelta::Repr() const {
  DeltaParts parts(micros_);
  std::string text, separator;
  auto add = [&](std::string_view name, std::int64_t value) {
    if (value == 0) return;
    text += fmt::format("{}{}={}", separator, name, value);
    separator = ", ";
  };
  add("days", parts.days);
  add("seconds", parts.seconds);
  add("microseconds", parts.micros);
  return fmt::format("datetime.timedelta({})", text.empty() ? "0" : text);
}

bool TimeDelta::Equals(const Object& other) const {
  const auto* delta = dynamic_cast<const TimeDelta*>(&other);
  return delta != nullptr && delta->micros_ == micros_;
}

std::optional<Value> TimeDelta::Attribute(std::string_view name) {
  DeltaParts parts(micros_);
  if (name == "days") return Value(parts.days);
  if (name == "seconds") return Value(parts.seconds);
  if (name == "microseconds") return Value(parts.micros);
  return BoundObjectMethod(*this, kTimeDeltaMethods, name);
}

Result<std::optional<Value>> TimeDelta::Calculate(Operator operation, const Value& other, bool is_left) const {
  if (auto delta = other.As<TimeDelta>()) {
    return is_left ? OfTwo(operation, micros_, delta->micros_) : OfTwo(operation, delta->micros_, micros_);
  }
  if (!other.is_number()) return std::optional<Value>();
  double number = other.number();
  bool divides = operation == Operator::kDivide || operation == Operator::kFloorDivide;
  if (divides && is_left && number == 0) return Fail(ErrorCode::kJinjaType, "division by zero");
  double result = 0;
  if (operation == Operator::kMultiply) {
    result = static_cast<double>(micros_) * number;
  } else if (operation == Operator::kDivide && is_left) {
    result = static_cast<double>(micros_) / number;
  } else if (operation == Operator::kFloorDivide && is_left && other.is_integral()) {
    return std::optional<Value>(std::make_shared<TimeDelta>(FloorDivide(micros_, other.integer())));
  } else {
    return std::optional<Value>();
  }
  SMELT_ASSIGN(Value made, Make(result));
  return std::optional<Value>(std::move(made));
}

std::optional<bool> TimeDelta::Satisfies(Operator operation, const Object& other) const {
  const auto* delta = dynamic_cast<const TimeDelta*>(&other);
  return delta == nullptr ? std::nullopt : std::optional<bool>(Holds(operation, micros_, delta->micros_));
}

}  // namespace smelt::transform::jinja
