#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

enum class Operator {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kModulo,
  kPower,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kNotIn,
};

/// As written: "+", "//", "not in".
std::string_view OperatorText(Operator operation);

/// Python's arithmetic, on numbers, strings, lists and tuples.
/// Errors: kJinjaType, kJinjaUndefined, kJinjaLimit (a result that would be huge, integers beyond 64 bits).
Result<Value> Calculate(Operator operation, const Value& left, const Value& right);
/// Python's comparisons and `in`. Errors: kJinjaType, kJinjaUndefined.
Result<bool> Satisfies(Operator operation, const Value& left, const Value& right);
/// `-value`. Errors: kJinjaType, kJinjaUndefined.
Result<Value> Negate(const Value& value);

/// `value.name` and `value[key]` as Jinja looks them up: attribute first or item first, then the other. What is not
/// there is undefined. An undefined `value` gives an undefined value with its hint: callers decide whether to fail.
Value GetAttribute(const Value& value, std::string_view name);
Value GetItem(const Value& value, const Value& key);

/// `value.name` without a look at its items; nothing when there is no such attribute.
std::optional<Value> AttributeAlone(const Value& value, std::string_view name);

/// `value[start:stop:step]`. Errors: kJinjaType.
Result<Value> Slice(const Value& value, const Value& start, const Value& stop, const Value& step);

/// Elements of a sequence or characters of a text that one value may have at most.
inline constexpr std::int64_t kElementsMax = 10'000'000;

}  // namespace smelt::transform::jinja
