#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/filters.h"
#include "transform/internal/jinja/template.h"

namespace smelt::transform::jinja {
namespace {

std::optional<Value> ConstantOf(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kLiteral: return static_cast<const LiteralExpression&>(expression).value;
    case Expression::Kind::kSign: {
      const auto& sign = static_cast<const SignExpression&>(expression);
      auto value = ConstantOf(*sign.operand);
      if (!value || !value->is_number()) return std::nullopt;
      if (!sign.negative) return value;
      auto negated = Negate(*value);
      return negated ? std::optional<Value>(*negated) : std::nullopt;
    }
    case Expression::Kind::kSequence: {
      const auto& sequence = static_cast<const SequenceExpression&>(expression);
      List items;
      for (const ExpressionPointer& item : sequence.items) {
        auto value = ConstantOf(*item);
        if (!value) return std::nullopt;
        items.push_back(*std::move(value));
      }
      return sequence.is_tuple ? Value::MakeTuple(std::move(items)) : Value::MakeList(std::move(items));
    }
    case Expression::Kind::kDict: {
      Dict dict;
      for (const auto& [key_expression, value_expression] : static_cast<const DictExpression&>(expression).entries) {
        auto key = ConstantOf(*key_expression), value = ConstantOf(*value_expression);
        if (!key || !value || !key->Hashable()) return std::nullopt;
        dict.Set(*std::move(key), *std::move(value));
      }
      return Value::MakeDict(std::move(dict));
    }
    default: return std::nullopt;
  }
}

}  // namespace

std::optional<Value> ParseLiteral(const std::string& text) {
  auto parsed = ParseTemplate("{{ " + text + " }}", "literal");
  if (!parsed) return std::nullopt;
  const Body& body = (*parsed)->body;
  if (body.size() != 1 || body[0]->kind != Statement::Kind::kOutput) return std::nullopt;
  return ConstantOf(*static_cast<const OutputStatement&>(*body[0]).value);
}

}  // namespace smelt::transform::jinja
