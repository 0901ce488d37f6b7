#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/jinja/source_map.h"
#include "transform/internal/jinja/template.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// Where the names come from that no template sets: `ref`, `var`, the project's macros. The values must not change
/// while an interpreter uses them.
class Globals {
 public:
  virtual ~Globals() = default;
  /// The value called `name`, or null.
  virtual const Value* Find(std::string_view name) const = 0;
  /// The names it has, to suggest one of them.
  virtual std::vector<std::string_view> Names() const { return {}; }
};

/// Where `include` and `import` find other templates.
class TemplateSource {
 public:
  virtual ~TemplateSource() = default;
  /// The template of that name, or null. Errors: those of parsing it.
  virtual Result<TemplatePointer> Find(std::string_view name) const = 0;
};

/// The variables of one block of a template.
class Scope {
 public:
  explicit Scope(std::shared_ptr<Scope> parent) : parent_(std::move(parent)) {}

  /// The variable in this scope or those around it, or null.
  const Value* Find(std::string_view name) const;
  void Set(std::string_view name, Value value);
  /// The variable of this scope alone, or null.
  const Value* Own(std::string_view name) const;
  List OwnValues() const;
  void AddNames(std::vector<std::string_view>& names) const;
  void clear() { variables_.clear(); }

 private:
  std::vector<std::pair<std::string, Value>> variables_;
  std::shared_ptr<Scope> parent_;
};
using ScopePointer = std::shared_ptr<Scope>;

/// A macro, or the body of a call block as its macro sees it.
class Macro final : public Object {
 public:
  Macro(std::string name, TemplatePointer home, const Signature& signature, const Body& body)
      : name_(std::move(name)), home_(std::move(home)), signature_(signature), body_(body) {}

  /// Gives it the scope in which it was defined; the macro does not keep it alive. A macro without one sees the
  /// globals only.
  void CloseOver(const ScopePointer& scope) {
    enclosing_ = scope;
    encloses_ = true;
  }

  std::string type_name() const override { return "macro " + name_; }
  std::string ToText() const override { return name_ == "caller" ? "<Macro anonymous>" : "<Macro '" + name_ + "'>"; }
  bool callable() const override { return true; }
  Result<Value> Call(Interpreter& interpreter, Arguments arguments) override;
  std::optional<Value> Attribute(std::string_view name) override;

  const std::string& name() const { return name_; }
  const TemplatePointer& home() const { return home_; }
  const Signature& signature() const { return signature_; }
  const Body& body() const { return body_; }
  bool encloses() const { return encloses_; }
  ScopePointer enclosing() const { return enclosing_.lock(); }

 private:
  std::string name_;
  TemplatePointer home_;
  const Signature& signature_;
  const Body& body_;
  std::weak_ptr<Scope> enclosing_;
  bool encloses_ = false;
};

struct RenderOptions {
  /// Attributes, items and calls of undefined values are undefined instead of errors, as dbt does while it parses.
  bool lenient = false;
  std::size_t output_bytes_max = 256U << 20;
  int macro_depth_max = 200;
  std::int64_t steps_max = 100'000'000;  ///< statements and rounds of loops that one interpreter runs
  std::stop_token stop;
};

/// Runs templates. Confined to one thread; several may use the same globals and templates.
class Interpreter {
 public:
  explicit Interpreter(const Globals& globals, RenderOptions options = {});
  /// Lets templates include and import those of `templates`, which must outlive the interpreter.
  void set_templates(const TemplateSource* templates) { templates_ = templates; }
  /// Notes in `places` where the parts of the next rendered text come from; it must outlive the rendering.
  void set_source_map(SourceMap* places) { places_ = places; }

  /// The text that the template makes.
  /// Errors: kJinjaUndefined, kJinjaType, kJinjaRaised, kJinjaLimit, kCancelled and those of the functions that it
  /// calls; all with file, line and column, the line itself and the stack of macros in the message.
  Result<std::string> Render(const TemplatePointer& parsed);
  /// The text of a part of a template: a snapshot's body.
  Result<std::string> RenderPart(const TemplatePointer& parsed, const Body& body);
  /// The value of a template that is a single expression, else its text; the filters as_bool, as_number and as_native
  /// convert.
  Result<Value> RenderNative(const TemplatePointer& parsed);

  // -- for objects and functions written in C++

  /// Calls any callable value. Errors: kJinjaType when it is none.
  Result<Value> Call(const Value& callee, Arguments arguments);
  Result<Value> CallMacro(const Macro& macro, Arguments arguments);
  /// Ends the macro that is running with this result: `return(value)`.
  void Return(Value value) { returned_ = std::move(value); }
  bool native() const { return native_; }
  const Globals& globals() const { return globals_; }
  /// Where the call stands that is being made; nothing when C++ code made it.
  struct PlaceInFile {
    std::string file;
    Place place;
  };
  std::optional<PlaceInFile> CallPlace() const;

 private:
  friend class Loop;
  class Module;
  enum class Flow { kNext, kBreak, kContinue, kReturn };
  /// What statements print into.
  struct Output {
    std::string text;
    SourceMap places;
  };
  /// A text that a macro or block made, which may be printed later.
  struct Captured {
    Value value;
    SourceMap places;
  };
  /// A macro that is running and the place that called it.
  struct Frame {
    std::string_view macro;
    TemplatePointer caller;
    std::uint32_t offset;
  };

  // -- statements (interpreter.cc)
  Result<Flow> RunBody(const Body& body);
  /// Fails when all that may be run has been run.
  Status CountStep(std::size_t offset);
  Result<Flow> RunStatement(const Statement& statement);
  Result<Flow> RunKind(const Statement& statement);
  Result<Flow> RunOutput(const OutputStatement& statement);
  Result<Flow> RunIf(const IfStatement& statement);
  Result<Flow> RunSetBlock(const SetBlockStatement& statement);
  Result<Flow> RunCallBlock(const CallBlockStatement& statement);
  Result<Flow> RunFilterBlock(const FilterBlockStatement& statement);
  Result<Flow> RunWith(const WithStatement& statement);
  Result<Flow> RunBodyInScope(const Body& body);
  Status Append(std::string_view text);
  /// Appends what the expression at `offset` gave.
  Status AppendValue(const Value& value, std::uint32_t offset);
  /// The text as a value whose places are known when it is printed.
  Value Keep(Output output);
  /// What is known of a text that a macro or block made, with where it begins in that; null: nothing.
  const Captured* FindCaptured(const std::string& text, std::size_t& begin) const;
  Status Assign(const Target& target, const Value& value);
  /// What `body` prints, in a scope of its own.
  Result<Value> Capture(const Body& body);

  // -- other templates (include.cc)
  Result<Flow> RunInclude(const IncludeStatement& statement);
  Result<Flow> RunImport(const ImportStatement& statement);
  /// Null when there is none of that name. Errors: kJinjaType when there are none at all, and those of parsing it.
  Result<TemplatePointer> FindTemplate(const Value& names) const;

  // -- loops (loop.cc)
  Result<Flow> RunFor(const ForStatement& statement);
  Result<Flow> RunLoop(const ForStatement& statement, const Value& iterable, const ScopePointer& outside, int depth);
  Result<List> LoopItems(const ForStatement& statement, const Value& iterable, const ScopePointer& outside);

  // -- expressions (evaluator.cc)
  Result<Value> Evaluate(const Expression& expression);
  Result<Value> EvaluateKind(const Expression& expression);
  Result<Value> EvaluateName(const NameExpression& expression);
  Result<Value> EvaluateSequence(const SequenceExpression& expression);
  Result<Value> EvaluateDict(const DictExpression& expression);
  Result<Value> EvaluateLogic(const LogicExpression& expression);
  Result<Value> EvaluateComparison(const ComparisonExpression& expression);
  Result<Value> EvaluateConcatenation(const ConcatenationExpression& expression);
  Result<Value> EvaluateCondition(const ConditionExpression& expression);
  Result<Value> EvaluateAttribute(const AttributeExpression& expression);
  Result<Value> EvaluateItem(const ItemExpression& expression);
  Result<Value> EvaluateSlice(const SliceExpression& expression);
  Result<Value> EvaluateCall(const CallExpression& expression, Arguments extra);
  Result<Value> EvaluateFilter(const FilterExpression& expression, const Value* block_text);
  Result<Value> EvaluateOptional(const ExpressionPointer& expression);
  Result<Arguments> EvaluateArguments(const ArgumentList& list);
  /// Fails for an undefined value unless lenient.
  Status RequireDefined(const Value& value) const;

  // -- macros and errors (macro_call.cc)
  Result<ScopePointer> BindMacro(const Macro& macro, Arguments arguments);
  Status BindRest(const Macro& macro, Scope& scope, Arguments& arguments);
  Result<Value> RunMacroBody(const Macro& macro, const ScopePointer& scope);
  /// Adds place and macro stack to an error that has none yet.
  Error Explain(Error error, std::uint32_t offset) const;
  /// The known name that is nearest to the one that an error calls undefined, as a hint; else empty.
  std::string NearestName(const Error& error) const;
  Status CheckStack() const;
  static const char* StackHere();

  const Globals& globals_;
  RenderOptions options_;
  const TemplateSource* templates_ = nullptr;
  bool native_ = false;
  TemplatePointer template_;  ///< whose statements are running
  ScopePointer scope_;
  Output* out_ = nullptr;
  SourceMap* places_ = nullptr;     ///< wanted by the caller; null: places are not noted
  SitePointer site_;                ///< what is running, while places are noted
  std::vector<Captured> captured_;  ///< the last ones
  std::vector<Frame> calls_;
  std::int64_t steps_ = 0;
  std::uint32_t call_offset_ = 0;  ///< of the call that is being made
  std::optional<Value> returned_;
  const char* stack_base_ = nullptr;
};

}  // namespace smelt::transform::jinja
