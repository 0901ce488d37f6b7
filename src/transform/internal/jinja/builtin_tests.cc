#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/jinja/builtin.h"
#include "transform/internal/jinja/decimal.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

Result<Value> IsBoolean(BuiltinCall& call) {
  return call.input.is_boolean();
}
Result<Value> IsCallable(BuiltinCall& call) {
  // Calling an undefined value is what fails, not asking.
  return call.input.is_undefined() || (call.input.is_object() && call.input.object().callable());
}
Result<Value> IsDefined(BuiltinCall& call) {
  return !call.input.is_undefined();
}
Result<Value> IsUndefined(BuiltinCall& call) {
  return call.input.is_undefined();
}
Result<Value> IsFalse(BuiltinCall& call) {
  return call.input.is_boolean() && !call.input.Truthy();
}
Result<Value> IsTrue(BuiltinCall& call) {
  return call.input.is_boolean() && call.input.Truthy();
}
Result<Value> IsReal(BuiltinCall& call) {
  return call.input.is_real();
}
Result<Value> IsInteger(BuiltinCall& call) {
  return call.input.kind() == Kind::kInteger;
}
Result<Value> IsNumber(BuiltinCall& call) {
  return call.input.is_number() || call.input.As<Decimal>() != nullptr;
}
Result<Value> IsNone(BuiltinCall& call) {
  return call.input.is_none();
}
Result<Value> IsText(BuiltinCall& call) {
  return call.input.is_text();
}
Result<Value> IsMapping(BuiltinCall& call) {
  return call.input.is_dict() || (call.input.is_object() && call.input.object().is_mapping());
}
Result<Value> IsSame(BuiltinCall& call) {
  return call.input.SameAs(call.arguments[0]);
}
Result<Value> IsEscaped(BuiltinCall&) {
  return false;
}

Result<Value> IsIterable(BuiltinCall& call) {
  return call.input.is_object() ? call.input.object().iterable() : Iterate(call.input).has_value();
}

Result<Value> IsSequence(BuiltinCall& call) {
  if (call.input.is_object()) return call.input.object().is_sequence() || call.input.object().is_mapping();
  return call.input.is_text() || call.input.is_sequence() || call.input.is_dict() || call.input.is_undefined();
}

bool AllOf(const Value& value, bool (*wanted)(char32_t), bool (*other)(char32_t)) {
  bool found = false;
  std::string text = value.ToText();
  for (std::string_view character : Characters(text)) {
    char32_t point = DecodeAt(character, 0).value;
    if (other(point)) return false;
    found = found || wanted(point);
  }
  return found;
}
Result<Value> IsLowerText(BuiltinCall& call) {
  return AllOf(call.input, IsLower, IsUpper);
}
Result<Value> IsUpperText(BuiltinCall& call) {
  return AllOf(call.input, IsUpper, IsLower);
}

Status RequireHashable(const BuiltinCall& call) {
  if (call.input.Hashable()) return {};
  return Fail(ErrorCode::kJinjaType, fmt::format("'{}' is no name of a {}", call.input.type_name(), call.name));
}
Result<Value> IsFilter(BuiltinCall& call) {
  SMELT_TRY(RequireHashable(call));
  return FindFilter(call.input.ToText()) != nullptr;
}
Result<Value> IsTest(BuiltinCall& call) {
  SMELT_TRY(RequireHashable(call));
  return FindTest(call.input.ToText()) != nullptr;
}

Result<Value> Remainder(BuiltinCall& call, const Value& divisor, std::int64_t wanted) {
  SMELT_ASSIGN(Value remainder, Calculate(Operator::kModulo, call.input, divisor));
  return remainder.Equals(Value(wanted));
}
Result<Value> IsEven(BuiltinCall& call) {
  return Remainder(call, Value(2), 0);
}
Result<Value> IsOdd(BuiltinCall& call) {
  return Remainder(call, Value(2), 1);
}
Result<Value> IsDivisible(BuiltinCall& call) {
  return Remainder(call, call.arguments[0], 0);
}

template <Operator kOperation>
Result<Value> Compares(BuiltinCall& call) {
  SMELT_ASSIGN(bool satisfied, Satisfies(kOperation, call.input, call.arguments[0]));
  return satisfied;
}

constexpr Builtin kTests[] = {
    {"!=", Compares<Operator::kNotEqual>, {"other"}, 1},
    {"<", Compares<Operator::kLess>, {"other"}, 1},
    {"<=", Compares<Operator::kLessEqual>, {"other"}, 1},
    {"==", Compares<Operator::kEqual>, {"other"}, 1},
    {">", Compares<Operator::kGreater>, {"other"}, 1},
    {">=", Compares<Operator::kGreaterEqual>, {"other"}, 1},
    {"boolean", IsBoolean},
    {"callable", IsCallable},
    {"defined", IsDefined},
    {"divisibleby", IsDivisible, {"num"}, 1},
    {"eq", Compares<Operator::kEqual>, {"other"}, 1},
    {"equalto", Compares<Operator::kEqual>, {"other"}, 1},
    {"escaped", IsEscaped},
    {"even", IsEven},
    {"false", IsFalse},
    {"filter", IsFilter},
    {"float", IsReal},
    {"ge", Compares<Operator::kGreaterEqual>, {"other"}, 1},
    {"greaterthan", Compares<Operator::kGreater>, {"other"}, 1},
    {"gt", Compares<Operator::kGreater>, {"other"}, 1},
    {"in", Compares<Operator::kIn>, {"seq"}, 1},
    {"integer", IsInteger},
    {"iterable", IsIterable},
    {"le", Compares<Operator::kLessEqual>, {"other"}, 1},
    {"lessthan", Compares<Operator::kLess>, {"other"}, 1},
    {"lower", IsLowerText},
    {"lt", Compares<Operator::kLess>, {"other"}, 1},
    {"mapping", IsMapping},
    {"ne", Compares<Operator::kNotEqual>, {"other"}, 1},
    {"none", IsNone},
    {"number", IsNumber},
    {"odd", IsOdd},
    {"sameas", IsSame, {"other"}, 1},
    {"sequence", IsSequence},
    {"string", IsText},
    {"test", IsTest},
    {"true", IsTrue},
    {"undefined", IsUndefined},
    {"upper", IsUpperText},
};
static_assert(SortedByName(kTests));

}  // namespace

const Builtin* FindTest(std::string_view name) {
  return FindBuiltin(kTests, name);
}

std::vector<std::string_view> TestNames() {
  std::vector<std::string_view> names;
  for (const Builtin& test : kTests) names.push_back(test.name);
  return names;
}

}  // namespace smelt::transform::jinja
