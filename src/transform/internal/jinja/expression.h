#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "transform/internal/jinja/builtin.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

struct Expression {
  enum class Kind {
    kLiteral,
    kName,
    kSequence,
    kDict,
    kNot,
    kSign,
    kCalculation,
    kLogic,
    kComparison,
    kConcatenation,
    kCondition,
    kAttribute,
    kItem,
    kSlice,
    kCall,
    kFilter,
    kTest,
  };

  Expression(Kind its_kind, std::uint32_t its_offset) : kind(its_kind), offset(its_offset) {}
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;
  virtual ~Expression() = default;

  Kind kind;
  std::uint32_t offset;      ///< place in the template's source
  std::uint16_t height = 1;  ///< levels of expressions below and including this one
};
using ExpressionPointer = std::unique_ptr<Expression>;

template <Expression::Kind kOwnKind>
struct ExpressionOf : Expression {
  static constexpr Kind kKind = kOwnKind;
  explicit ExpressionOf(std::uint32_t its_offset) : Expression(kOwnKind, its_offset) {}
};

struct LiteralExpression : ExpressionOf<Expression::Kind::kLiteral> {
  using ExpressionOf::ExpressionOf;
  Value value;
};
struct NameExpression : ExpressionOf<Expression::Kind::kName> {
  using ExpressionOf::ExpressionOf;
  std::string name;
};
struct SequenceExpression : ExpressionOf<Expression::Kind::kSequence> {
  using ExpressionOf::ExpressionOf;
  std::vector<ExpressionPointer> items;
  bool is_tuple = false;
};
struct DictExpression : ExpressionOf<Expression::Kind::kDict> {
  using ExpressionOf::ExpressionOf;
  std::vector<std::pair<ExpressionPointer, ExpressionPointer>> entries;
};
struct NotExpression : ExpressionOf<Expression::Kind::kNot> {
  using ExpressionOf::ExpressionOf;
  ExpressionPointer operand;
};
struct SignExpression : ExpressionOf<Expression::Kind::kSign> {
  using ExpressionOf::ExpressionOf;
  bool negative = false;
  ExpressionPointer operand;
};
struct CalculationExpression : ExpressionOf<Expression::Kind::kCalculation> {
  using ExpressionOf::ExpressionOf;
  Operator operation = Operator::kAdd;
  ExpressionPointer left, right;
};
struct LogicExpression : ExpressionOf<Expression::Kind::kLogic> {
  using ExpressionOf::ExpressionOf;
  bool is_and = false;
  ExpressionPointer left, right;
};
struct ComparisonExpression : ExpressionOf<Expression::Kind::kComparison> {
  using ExpressionOf::ExpressionOf;
  ExpressionPointer first;
  std::vector<std::pair<Operator, ExpressionPointer>> rest;
};
struct ConcatenationExpression : ExpressionOf<Expression::Kind::kConcatenation> {
  using ExpressionOf::ExpressionOf;
  std::vector<ExpressionPointer> parts;
};
struct ConditionExpression : ExpressionOf<Expression::Kind::kCondition> {
  using ExpressionOf::ExpressionOf;
  ExpressionPointer condition, then;
  ExpressionPointer otherwise;  ///< null: undefined
};
struct AttributeExpression : ExpressionOf<Expression::Kind::kAttribute> {
  using ExpressionOf::ExpressionOf;
  ExpressionPointer object;
  std::string name;
};
struct ItemExpression : ExpressionOf<Expression::Kind::kItem> {
  using ExpressionOf::ExpressionOf;
  ExpressionPointer object, key;
};
struct SliceExpression : ExpressionOf<Expression::Kind::kSlice> {
  using ExpressionOf::ExpressionOf;
  ExpressionPointer object;
  ExpressionPointer start, stop, step;  ///< null when left out
};
struct ArgumentList {
  std::vector<ExpressionPointer> positional;
  std::vector<std::pair<std::string, ExpressionPointer>> named;
  ExpressionPointer star, star_star;  ///< *args and **kwargs, null when absent
};
struct CallExpression : ExpressionOf<Expression::Kind::kCall> {
  using ExpressionOf::ExpressionOf;
  ExpressionPointer callee;
  ArgumentList arguments;
};
struct FilterExpression : ExpressionOf<Expression::Kind::kFilter> {
  using ExpressionOf::ExpressionOf;
  ExpressionPointer input;          ///< null at the start of a filter block: the block's text
  const Builtin* filter = nullptr;  ///< null: there is none of that name
  std::string problem;              ///< what is said then, where the place is reached
  ArgumentList arguments;
};
struct TestExpression : ExpressionOf<Expression::Kind::kTest> {
  using ExpressionOf::ExpressionOf;
  ExpressionPointer input;
  const Builtin* test = nullptr;  ///< null: there is none of that name
  std::string problem;            ///< what is said then, where the place is reached
  ArgumentList arguments;
};

}  // namespace smelt::transform::jinja
