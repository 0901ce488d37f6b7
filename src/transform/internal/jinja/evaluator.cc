#include <fmt/format.h>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/methods.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/restore.h"

namespace smelt::transform::jinja {

Result<Value> Interpreter::Evaluate(const Expression& expression) {
  auto value = EvaluateKind(expression);
  if (!value) return Fail(Explain(std::move(value).error(), expression.offset));
  return value;
}

Result<Value> Interpreter::EvaluateKind(const Expression& expression) {
  SMELT_TRY(CheckStack());
  switch (expression.kind) {
    case Expression::Kind::kLiteral: return static_cast<const LiteralExpression&>(expression).value;
    case Expression::Kind::kName: return EvaluateName(static_cast<const NameExpression&>(expression));
    case Expression::Kind::kSequence: return EvaluateSequence(static_cast<const SequenceExpression&>(expression));
    case Expression::Kind::kDict: return EvaluateDict(static_cast<const DictExpression&>(expression));
    case Expression::Kind::kNot: {
      SMELT_ASSIGN(Value value, Evaluate(*static_cast<const NotExpression&>(expression).operand));
      return !value.Truthy();
    }
    case Expression::Kind::kSign: {
      const auto& sign = static_cast<const SignExpression&>(expression);
      SMELT_ASSIGN(Value value, Evaluate(*sign.operand));
      return sign.negative ? Negate(value) : Calculate(Operator::kAdd, Value(0), value);
    }
    case Expression::Kind::kCalculation: {
      const auto& calculation = static_cast<const CalculationExpression&>(expression);
      SMELT_ASSIGN(Value left, Evaluate(*calculation.left));
      SMELT_ASSIGN(Value right, Evaluate(*calculation.right));
      return Calculate(calculation.operation, left, right);
    }
    case Expression::Kind::kLogic: return EvaluateLogic(static_cast<const LogicExpression&>(expression));
    case Expression::Kind::kComparison: return EvaluateComparison(static_cast<const ComparisonExpression&>(expression));
    case Expression::Kind::kConcatenation:
      return EvaluateConcatenation(static_cast<const ConcatenationExpression&>(expression));
    case Expression::Kind::kCondition: return EvaluateCondition(static_cast<const ConditionExpression&>(expression));
    case Expression::Kind::kAttribute: return EvaluateAttribute(static_cast<const AttributeExpression&>(expression));
    case Expression::Kind::kItem: return EvaluateItem(static_cast<const ItemExpression&>(expression));
    case Expression::Kind::kSlice: return EvaluateSlice(static_cast<const SliceExpression&>(expression));
    case Expression::Kind::kCall: return EvaluateCall(static_cast<const CallExpression&>(expression), {});
    case Expression::Kind::kFilter: return EvaluateFilter(static_cast<const FilterExpression&>(expression), nullptr);
    case Expression::Kind::kTest: {
      const auto& test = static_cast<const TestExpression&>(expression);
      if (test.test == nullptr) return Fail(ErrorCode::kJinjaUndefined, test.problem);
      SMELT_ASSIGN(Value input, Evaluate(*test.input));
      SMELT_ASSIGN(Arguments arguments, EvaluateArguments(test.arguments));
      return RunBuiltin(*test.test, *this, input, std::move(arguments));
    }
  }
  SMELT_ASSERT(false);
}

Status Interpreter::RequireDefined(const Value& value) const {
  if (!value.is_undefined() || options_.lenient) return {};
  return Fail(ErrorCode::kJinjaUndefined, value.undefined_hint());
}

Result<Value> Interpreter::EvaluateName(const NameExpression& expression) {
  if (const Value* found = scope_->Find(expression.name)) return *found;
  if (const Value* found = globals_.Find(expression.name)) return *found;
  return Value::Undefined(fmt::format("'{}' is undefined", expression.name));
}

Result<Value> Interpreter::EvaluateSequence(const SequenceExpression& expression) {
  List items;
  items.reserve(expression.items.size());
  for (const ExpressionPointer& item : expression.items) {
    SMELT_ASSIGN(Value value, Evaluate(*item));
    items.push_back(std::move(value));
  }
  return expression.is_tuple ? Value::MakeTuple(std::move(items)) : Value::MakeList(std::move(items));
}

Result<Value> Interpreter::EvaluateDict(const DictExpression& expression) {
  Dict dict;
  for (const auto& [key_expression, value_expression] : expression.entries) {
    SMELT_ASSIGN(Value key, Evaluate(*key_expression));
    SMELT_ASSIGN(Value value, Evaluate(*value_expression));
    if (!key.Hashable()) return Fail(ErrorCode::kJinjaType, fmt::format("'{}' cannot be a key", key.type_name()));
    dict.Set(std::move(key), std::move(value));
  }
  return Value::MakeDict(std::move(dict));
}

Result<Value> Interpreter::EvaluateLogic(const LogicExpression& expression) {
  SMELT_ASSIGN(Value left, Evaluate(*expression.left));
  if (left.Truthy() != expression.is_and) return left;
  return Evaluate(*expression.right);
}

Result<Value> Interpreter::EvaluateComparison(const ComparisonExpression& expression) {
  SMELT_ASSIGN(Value left, Evaluate(*expression.first));
  for (const auto& [operation, operand] : expression.rest) {
    SMELT_ASSIGN(Value right, Evaluate(*operand));
    SMELT_ASSIGN(bool satisfied, Satisfies(operation, left, right));
    if (!satisfied) return false;
    left = std::move(right);
  }
  return true;
}

Result<Value> Interpreter::EvaluateConcatenation(const ConcatenationExpression& expression) {
  std::string text;
  for (const ExpressionPointer& part : expression.parts) {
    SMELT_ASSIGN(Value value, Evaluate(*part));
    text += value.ToText();
    if (text.size() > options_.output_bytes_max) return Fail(ErrorCode::kJinjaLimit, "the text is too large");
  }
  return Value(std::move(text));
}

Result<Value> Interpreter::EvaluateCondition(const ConditionExpression& expression) {
  SMELT_ASSIGN(Value condition, Evaluate(*expression.condition));
  if (condition.Truthy()) return Evaluate(*expression.then);
  if (expression.otherwise != nullptr) return Evaluate(*expression.otherwise);
  return Value::Undefined("the inline if has no else and its condition is false");
}

Result<Value> Interpreter::EvaluateAttribute(const AttributeExpression& expression) {
  SMELT_ASSIGN(Value object, Evaluate(*expression.object));
  SMELT_TRY(RequireDefined(object));
  return GetAttribute(object, expression.name);
}

Result<Value> Interpreter::EvaluateItem(const ItemExpression& expression) {
  SMELT_ASSIGN(Value object, Evaluate(*expression.object));
  SMELT_TRY(RequireDefined(object));
  SMELT_ASSIGN(Value key, Evaluate(*expression.key));
  return GetItem(object, key);
}

Result<Value> Interpreter::EvaluateOptional(const ExpressionPointer& expression) {
  return expression == nullptr ? Result<Value>(Value::None()) : Evaluate(*expression);
}

Result<Value> Interpreter::EvaluateSlice(const SliceExpression& expression) {
  SMELT_ASSIGN(Value object, Evaluate(*expression.object));
  SMELT_ASSIGN(Value start, EvaluateOptional(expression.start));
  SMELT_ASSIGN(Value stop, EvaluateOptional(expression.stop));
  SMELT_ASSIGN(Value step, EvaluateOptional(expression.step));
  if (object.is_undefined() && options_.lenient) return object;
  return Slice(object, start, stop, step);
}

Result<Arguments> Interpreter::EvaluateArguments(const ArgumentList& list) {
  Arguments arguments;
  arguments.positional.reserve(list.positional.size());
  for (const ExpressionPointer& argument : list.positional) {
    SMELT_ASSIGN(Value value, Evaluate(*argument));
    arguments.positional.push_back(std::move(value));
  }
  for (const auto& [name, argument] : list.named) {
    SMELT_ASSIGN(Value value, Evaluate(*argument));
    arguments.named.emplace_back(name, std::move(value));
  }
  if (list.star != nullptr) {
    SMELT_ASSIGN(Value value, Evaluate(*list.star));
    SMELT_ASSIGN(List more, Iterate(value));
    arguments.positional.insert(arguments.positional.end(), more.begin(), more.end());
  }
  if (list.star_star != nullptr) {
    SMELT_ASSIGN(Value value, Evaluate(*list.star_star));
    if (!value.is_dict()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("** needs a dict, not '{}'", value.type_name()));
    }
    for (const auto& [key, member] : value.dict().entries()) arguments.named.emplace_back(key.ToText(), member);
  }
  return arguments;
}

Result<Value> Interpreter::EvaluateCall(const CallExpression& expression, Arguments extra) {
  Value owner;
  const Builtin* method = nullptr;
  Value callee;
  if (expression.callee->kind == Expression::Kind::kAttribute) {
    // Methods of built-in types are called without making a value of them first.
    const auto& attribute = static_cast<const AttributeExpression&>(*expression.callee);
    SMELT_ASSIGN(owner, Evaluate(*attribute.object));
    SMELT_TRY(RequireDefined(owner));
    method = FindMethod(owner, attribute.name);
    if (method == nullptr) callee = GetAttribute(owner, attribute.name);
  } else {
    SMELT_ASSIGN(callee, Evaluate(*expression.callee));
  }
  SMELT_ASSIGN(Arguments arguments, EvaluateArguments(expression.arguments));
  arguments.named.insert(arguments.named.end(), extra.named.begin(), extra.named.end());
  call_offset_ = expression.offset;
  if (method != nullptr) return RunBuiltin(*method, *this, owner, std::move(arguments));
  return Call(callee, std::move(arguments));
}

Result<Value> Interpreter::Call(const Value& callee, Arguments arguments) {
  if (callee.is_undefined()) {
    SMELT_TRY(RequireDefined(callee));
    return callee;
  }
  if (callee.is_object()) return callee.object_pointer()->Call(*this, std::move(arguments));
  return Fail(ErrorCode::kJinjaType, fmt::format("'{}' cannot be called", callee.type_name()));
}

Result<Value> Interpreter::EvaluateFilter(const FilterExpression& expression, const Value* block_text) {
  Value input;
  if (expression.input == nullptr) {
    input = *block_text;
  } else if (expression.input->kind == Expression::Kind::kFilter) {
    SMELT_ASSIGN(input, EvaluateFilter(static_cast<const FilterExpression&>(*expression.input), block_text));
  } else {
    SMELT_ASSIGN(input, Evaluate(*expression.input));
  }
  if (expression.filter == nullptr) {
    return Fail(Explain(Error(ErrorCode::kJinjaUndefined, expression.problem), expression.offset));
  }
  SMELT_ASSIGN(Arguments arguments, EvaluateArguments(expression.arguments));
  auto value = RunBuiltin(*expression.filter, *this, input, std::move(arguments));
  if (!value) return Fail(Explain(std::move(value).error(), expression.offset));
  return value;
}

}  // namespace smelt::transform::jinja
