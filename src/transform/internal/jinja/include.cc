// Templates that use other templates.

#include <fmt/format.h>

#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/restore.h"

namespace smelt::transform::jinja {

/// What an imported template defines: its macros and variables.
class Interpreter::Module final : public Object {
 public:
  Module(std::string name, ScopePointer scope, std::string text)
      : name_(std::move(name)), scope_(std::move(scope)), text_(std::move(text)) {}

  std::string type_name() const override { return "template module " + name_; }
  std::string ToText() const override { return text_; }
  std::string Repr() const override { return "<TemplateModule '" + name_ + "'>"; }
  std::optional<Value> Attribute(std::string_view name) override {
    const Value* found = name.starts_with('_') ? nullptr : scope_->Own(name);
    return found == nullptr ? std::nullopt : std::optional<Value>(*found);
  }
  List Held() const override { return scope_->OwnValues(); }

 private:
  std::string name_;
  ScopePointer scope_;
  std::string text_;
};

Result<TemplatePointer> Interpreter::FindTemplate(const Value& names) const {
  if (templates_ == nullptr) {
    return Fail(Error(ErrorCode::kJinjaType, "there are no templates that this one could include or import")
                    .Hint("macros of the project and its packages are called by their names alone"));
  }
  List wanted{names};
  if (names.is_sequence()) wanted = names.items();
  for (const Value& name : wanted) {
    if (name.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, name.undefined_hint());
    if (!name.is_text())
      return Fail(ErrorCode::kJinjaType, fmt::format("a template is named by a text, not '{}'", name.type_name()));
    SMELT_ASSIGN(TemplatePointer found, templates_->Find(name.text()));
    if (found != nullptr) return found;
  }
  return TemplatePointer();
}

Result<Interpreter::Flow> Interpreter::RunInclude(const IncludeStatement& statement) {
  SMELT_ASSIGN(Value name, Evaluate(*statement.name));
  SMELT_ASSIGN(TemplatePointer included, FindTemplate(name));
  if (included == nullptr) {
    if (statement.ignore_missing) return Flow::kNext;
    return Fail(ErrorCode::kJinjaUndefined, fmt::format("there is no template {}", name.Repr()));
  }
  Restore restore_template(template_, included);
  Restore restore_scope(scope_, std::make_shared<Scope>(statement.with_context ? scope_ : nullptr));
  return RunBody(included->body);
}

Result<Interpreter::Flow> Interpreter::RunImport(const ImportStatement& statement) {
  SMELT_ASSIGN(Value name, Evaluate(*statement.name));
  SMELT_ASSIGN(TemplatePointer imported, FindTemplate(name));
  if (imported == nullptr) {
    return Fail(ErrorCode::kJinjaUndefined, fmt::format("there is no template {}", name.Repr()));
  }
  auto inner = std::make_shared<Scope>(statement.with_context ? scope_ : nullptr);
  Output output;
  {
    Restore restore_template(template_, imported);
    Restore restore_scope(scope_, inner);
    Restore restore_out(out_, &output);
    SMELT_ASSIGN(Flow flow, RunBody(imported->body));
    if (flow == Flow::kReturn) return flow;
  }
  auto module = std::make_shared<Module>(imported->name, inner, std::move(output.text));
  if (!statement.alias.empty()) {
    scope_->Set(statement.alias, Value(std::move(module)));
    return Flow::kNext;
  }
  // Macros do not keep the scope alive that they were defined in: the module does, under a name that none can write.
  scope_->Set(fmt::format(" {}", statement.offset), Value(module));
  for (const auto& [wanted, alias] : statement.names) {
    auto found = module->Attribute(wanted);
    std::string hint = fmt::format("the template '{}' does not define '{}'", imported->name, wanted);
    scope_->Set(alias, found ? *std::move(found) : Value::Undefined(std::move(hint)));
  }
  return Flow::kNext;
}

}  // namespace smelt::transform::jinja
