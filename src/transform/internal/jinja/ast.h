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

// -- expressions

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
  ExpressionPointer input;  ///< null at the start of a filter block: the block's text
  const Builtin* filter = nullptr;
  ArgumentList arguments;
};
struct TestExpression : ExpressionOf<Expression::Kind::kTest> {
  using ExpressionOf::ExpressionOf;
  ExpressionPointer input;
  const Builtin* test = nullptr;
  ArgumentList arguments;
};

// -- statements

struct Statement {
  enum class Kind {
    kData,
    kOutput,
    kIf,
    kFor,
    kSet,
    kSetBlock,
    kMacro,
    kCallBlock,
    kFilterBlock,
    kDo,
    kWith,
    kBreak,
    kContinue,
    kSnapshot,
    kDocs,
  };

  Statement(Kind its_kind, std::uint32_t its_offset) : kind(its_kind), offset(its_offset) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  virtual ~Statement() = default;

  Kind kind;
  std::uint32_t offset;
};
using StatementPointer = std::unique_ptr<Statement>;
using Body = std::vector<StatementPointer>;

template <Statement::Kind kOwnKind>
struct StatementOf : Statement {
  static constexpr Kind kKind = kOwnKind;
  explicit StatementOf(std::uint32_t its_offset) : Statement(kOwnKind, its_offset) {}
};

/// What an assignment assigns to: a name, `namespace.attribute`, or a tuple of targets.
struct Target {
  std::string name;
  std::string attribute;
  std::vector<Target> members;  ///< of a tuple; name is empty then
};

struct DataStatement : StatementOf<Statement::Kind::kData> {
  using StatementOf::StatementOf;
  std::string text;
};
struct OutputStatement : StatementOf<Statement::Kind::kOutput> {
  using StatementOf::StatementOf;
  ExpressionPointer value;
};
struct IfStatement : StatementOf<Statement::Kind::kIf> {
  using StatementOf::StatementOf;
  std::vector<std::pair<ExpressionPointer, Body>> branches;
  Body otherwise;
};
struct ForStatement : StatementOf<Statement::Kind::kFor> {
  using StatementOf::StatementOf;
  Target target;
  ExpressionPointer iterable;
  ExpressionPointer condition;  ///< null when there is none
  bool recursive = false;
  Body body, otherwise;
};
struct SetStatement : StatementOf<Statement::Kind::kSet> {
  using StatementOf::StatementOf;
  Target target;
  ExpressionPointer value;
};
struct SetBlockStatement : StatementOf<Statement::Kind::kSetBlock> {
  using StatementOf::StatementOf;
  Target target;
  ExpressionPointer filter;  ///< null when there is none
  Body body;
};
struct Parameter {
  std::string name;
  ExpressionPointer fallback;  ///< null: required to be given, else undefined
};
struct Signature {
  std::vector<Parameter> parameters;
  bool uses_varargs = false, uses_kwargs = false, uses_caller = false;
};
struct MacroStatement : StatementOf<Statement::Kind::kMacro> {
  using StatementOf::StatementOf;
  std::string name;  ///< as it is called: tests are "test_<name>", materializations "materialization_<name>_<adapter>"
  Signature signature;
  Body body;
  std::uint32_t end = 0;           ///< offset behind its closing tag
  std::vector<std::string> words;  ///< names, attributes and short texts that it mentions
};
struct CallBlockStatement : StatementOf<Statement::Kind::kCallBlock> {
  using StatementOf::StatementOf;
  Signature signature;
  ExpressionPointer call;  ///< a CallExpression
  Body body;
};
struct FilterBlockStatement : StatementOf<Statement::Kind::kFilterBlock> {
  using StatementOf::StatementOf;
  ExpressionPointer filter;
  Body body;
};
struct DoStatement : StatementOf<Statement::Kind::kDo> {
  using StatementOf::StatementOf;
  ExpressionPointer value;
};
struct WithStatement : StatementOf<Statement::Kind::kWith> {
  using StatementOf::StatementOf;
  std::vector<std::pair<Target, ExpressionPointer>> values;
  Body body;
};
struct BreakStatement : StatementOf<Statement::Kind::kBreak> {
  using StatementOf::StatementOf;
};
struct ContinueStatement : StatementOf<Statement::Kind::kContinue> {
  using StatementOf::StatementOf;
};
/// `{% snapshot name %}…{% endsnapshot %}`: a template within the file.
struct SnapshotStatement : StatementOf<Statement::Kind::kSnapshot> {
  using StatementOf::StatementOf;
  std::string name;
  Body body;
  std::uint32_t body_begin = 0, body_end = 0;  ///< offsets of its text
};
/// `{% docs name %}…{% enddocs %}`.
struct DocsStatement : StatementOf<Statement::Kind::kDocs> {
  using StatementOf::StatementOf;
  std::string name;
  std::string text;
};

}  // namespace smelt::transform::jinja
