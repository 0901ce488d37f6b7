#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "transform/internal/jinja/expression.h"

namespace smelt::transform::jinja {

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
    kInclude,
    kImport,
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
/// `{% include 'name' [ignore missing] [with|without context] %}`.
struct IncludeStatement : StatementOf<Statement::Kind::kInclude> {
  using StatementOf::StatementOf;
  ExpressionPointer name;  ///< a text, or a list of texts of which the first that exists is taken
  bool ignore_missing = false, with_context = true;
};
/// `{% import 'name' as alias %}` and `{% from 'name' import a, b as c %}`, each `[with|without context]`.
struct ImportStatement : StatementOf<Statement::Kind::kImport> {
  using StatementOf::StatementOf;
  ExpressionPointer name;
  std::string alias;                                       ///< empty when single names are imported
  std::vector<std::pair<std::string, std::string>> names;  ///< what is imported, and as what
  bool with_context = false;
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
