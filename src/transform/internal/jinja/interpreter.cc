#include "transform/internal/jinja/interpreter.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "transform/internal/jinja/circles.h"
#include "transform/internal/jinja/restore.h"

namespace smelt::transform::jinja {

const Value* Scope::Find(std::string_view name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent_.get()) {
    if (const Value* found = scope->Own(name)) return found;
  }
  return nullptr;
}

const Value* Scope::Own(std::string_view name) const {
  for (const auto& [key, value] : variables_) {
    if (key == name) return &value;
  }
  return nullptr;
}

List Scope::OwnValues() const {
  List values;
  for (const auto& [key, value] : variables_) values.push_back(value);
  return values;
}

void Scope::AddNames(std::vector<std::string_view>& names) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent_.get()) {
    for (const auto& [key, value] : scope->variables_) names.push_back(key);
  }
}

void Scope::Set(std::string_view name, Value value) {
  for (auto& [key, current] : variables_) {
    if (key != name) continue;
    current = std::move(value);
    return;
  }
  variables_.emplace_back(name, std::move(value));
}

const char* Interpreter::StackHere() {
  return static_cast<const char*>(__builtin_frame_address(0));
}

Interpreter::Interpreter(const Globals& globals, RenderOptions options)
    : globals_(globals), options_(std::move(options)) {}

Result<std::string> Interpreter::Render(const TemplatePointer& parsed) {
  return RenderPart(parsed, parsed->body);
}

Result<std::string> Interpreter::RenderPart(const TemplatePointer& parsed, const Body& body) {
  Restore restore_template(template_, parsed);
  Restore restore_scope(scope_, std::make_shared<Scope>(nullptr));
  Restore restore_base(stack_base_, stack_base_ != nullptr ? stack_base_ : StackHere());
  Output out;
  Restore restore_out(out_, &out);
  Restore restore_site(site_,
                       places_ == nullptr ? nullptr : std::make_shared<const Site>(Site{parsed, "", nullptr, 0}));
  SMELT_TRY(RunBody(body));
  returned_.reset();
  if (places_ != nullptr) *places_ = std::move(out.places);
  return std::move(out.text);
}

Result<Value> Interpreter::RenderNative(const TemplatePointer& parsed) {
  Restore restore_native(native_, true);
  if (parsed->body.size() != 1 || parsed->body[0]->kind != Statement::Kind::kOutput) {
    SMELT_ASSIGN(std::string text, Render(parsed));
    return Value(std::move(text));
  }
  Restore restore_template(template_, parsed);
  Restore restore_scope(scope_, std::make_shared<Scope>(nullptr));
  Restore restore_base(stack_base_, stack_base_ != nullptr ? stack_base_ : StackHere());
  return Evaluate(*static_cast<const OutputStatement&>(*parsed->body[0]).value);
}

Status Interpreter::Append(std::string_view text) {
  if (out_->text.size() + text.size() > options_.output_bytes_max) {
    return Fail(ErrorCode::kJinjaLimit,
                fmt::format("the template makes more than {} MiB of text", options_.output_bytes_max >> 20));
  }
  out_->text.append(text);
  return {};
}

Status Interpreter::AppendValue(const Value& value, std::uint32_t offset) {
  if (site_ == nullptr) return value.is_text() ? Append(value.text()) : Append(value.ToText());
  const std::size_t at = out_->text.size();
  std::size_t begin = 0;
  const Captured* captured = value.is_text() ? FindCaptured(value.text(), begin) : nullptr;
  if (captured == nullptr) {
    out_->places.AddExpression(at, site_, offset);
    return value.is_text() ? Append(value.text()) : Append(value.ToText());
  }
  out_->places.Append(captured->places, begin, begin + value.text().size(), at);
  return Append(value.text());
}

Value Interpreter::Keep(Output output) {
  Value value(std::move(output.text));
  if (output.places.empty()) return value;
  constexpr std::size_t kCapturedMax = 64;
  if (captured_.size() >= kCapturedMax) captured_.erase(captured_.begin(), captured_.begin() + kCapturedMax / 2);
  captured_.push_back({value, std::move(output.places)});
  return value;
}

const Interpreter::Captured* Interpreter::FindCaptured(const std::string& text, std::size_t& begin) const {
  for (const Captured& captured : std::views::reverse(captured_)) {
    if (&captured.value.text() == &text) return begin = 0, &captured;
  }
  // What a filter left of one of the last texts: trimmed, mostly. Short texts are found anywhere.
  constexpr std::size_t kLengthMin = 8;
  constexpr std::ptrdiff_t kLooked = 4;
  if (text.size() < kLengthMin) return nullptr;
  const auto end = captured_.rbegin() + std::min<std::ptrdiff_t>(kLooked, std::ssize(captured_));
  for (auto captured = captured_.rbegin(); captured != end; ++captured) {
    begin = captured->value.text().find(text);
    if (begin != std::string::npos) return &*captured;
  }
  return nullptr;
}

Result<Interpreter::Flow> Interpreter::RunBody(const Body& body) {
  for (const StatementPointer& statement : body) {
    SMELT_ASSIGN(Flow flow, RunStatement(*statement));
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::RunBodyInScope(const Body& body) {
  Restore restore_scope(scope_, std::make_shared<Scope>(scope_));
  return RunBody(body);
}

Result<Value> Interpreter::Capture(const Body& body) {
  Output output;
  Restore restore_out(out_, &output);
  SMELT_TRY(RunBodyInScope(body));
  return Keep(std::move(output));
}

Status Interpreter::CountStep(std::size_t offset) {
  if (++steps_ <= options_.steps_max) return {};
  return Fail(
      Explain(Error(ErrorCode::kJinjaLimit,
                    fmt::format("the template runs more than {} statements and rounds of loops", options_.steps_max)),
              offset));
}

Result<Interpreter::Flow> Interpreter::RunStatement(const Statement& statement) {
  SMELT_TRY(CountStep(statement.offset));
  auto flow = RunKind(statement);
  if (!flow) return Fail(Explain(std::move(flow).error(), statement.offset));
  return returned_ ? Flow::kReturn : *flow;
}

Result<Interpreter::Flow> Interpreter::RunKind(const Statement& statement) {
  SMELT_TRY(CheckStack());
  switch (statement.kind) {
    case Statement::Kind::kData: {
      const std::string& text = static_cast<const DataStatement&>(statement).text;
      if (site_ != nullptr) out_->places.AddText(out_->text.size(), site_, statement.offset, text);
      SMELT_TRY(Append(text));
      break;
    }
    case Statement::Kind::kOutput: return RunOutput(static_cast<const OutputStatement&>(statement));
    case Statement::Kind::kIf: return RunIf(static_cast<const IfStatement&>(statement));
    case Statement::Kind::kFor: return RunFor(static_cast<const ForStatement&>(statement));
    case Statement::Kind::kSet: {
      const auto& set = static_cast<const SetStatement&>(statement);
      SMELT_ASSIGN(Value value, Evaluate(*set.value));
      SMELT_TRY(Assign(set.target, value));
      break;
    }
    case Statement::Kind::kSetBlock: return RunSetBlock(static_cast<const SetBlockStatement&>(statement));
    case Statement::Kind::kMacro: {
      const auto& definition = static_cast<const MacroStatement&>(statement);
      auto macro = std::make_shared<Macro>(definition.name, template_, definition.signature, definition.body);
      macro->CloseOver(scope_);
      scope_->Set(definition.name, Value(std::move(macro)));
      break;
    }
    case Statement::Kind::kCallBlock: return RunCallBlock(static_cast<const CallBlockStatement&>(statement));
    case Statement::Kind::kFilterBlock: return RunFilterBlock(static_cast<const FilterBlockStatement&>(statement));
    case Statement::Kind::kDo: SMELT_TRY(Evaluate(*static_cast<const DoStatement&>(statement).value)); break;
    case Statement::Kind::kWith: return RunWith(static_cast<const WithStatement&>(statement));
    case Statement::Kind::kBreak: return Flow::kBreak;
    case Statement::Kind::kContinue: return Flow::kContinue;
    // Definitions that the project reads; where a template is rendered they print nothing.
    case Statement::Kind::kSnapshot:
    case Statement::Kind::kDocs: break;
    case Statement::Kind::kInclude: return RunInclude(static_cast<const IncludeStatement&>(statement));
    case Statement::Kind::kImport: return RunImport(static_cast<const ImportStatement&>(statement));
  }
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::RunOutput(const OutputStatement& statement) {
  SMELT_ASSIGN(Value value, Evaluate(*statement.value));
  if (returned_) return Flow::kReturn;
  SMELT_TRY(AppendValue(value, statement.offset));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::RunIf(const IfStatement& statement) {
  for (const auto& [condition, body] : statement.branches) {
    SMELT_ASSIGN(Value value, Evaluate(*condition));
    if (value.Truthy()) return RunBody(body);
  }
  return RunBody(statement.otherwise);
}

Result<Interpreter::Flow> Interpreter::RunSetBlock(const SetBlockStatement& statement) {
  SMELT_ASSIGN(Value value, Capture(statement.body));
  if (returned_) return Flow::kReturn;
  if (statement.filter != nullptr) {
    SMELT_ASSIGN(value, EvaluateFilter(static_cast<const FilterExpression&>(*statement.filter), &value));
  }
  SMELT_TRY(Assign(statement.target, value));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::RunFilterBlock(const FilterBlockStatement& statement) {
  SMELT_ASSIGN(Value value, Capture(statement.body));
  if (returned_) return Flow::kReturn;
  SMELT_ASSIGN(Value filtered, EvaluateFilter(static_cast<const FilterExpression&>(*statement.filter), &value));
  SMELT_TRY(AppendValue(filtered, statement.offset));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::RunCallBlock(const CallBlockStatement& statement) {
  auto caller = std::make_shared<Macro>("caller", template_, statement.signature, statement.body);
  caller->CloseOver(scope_);
  Arguments extra;
  extra.named.emplace_back("caller", Value(std::move(caller)));
  SMELT_ASSIGN(Value value, EvaluateCall(static_cast<const CallExpression&>(*statement.call), std::move(extra)));
  if (returned_) return Flow::kReturn;
  SMELT_TRY(AppendValue(value, statement.offset));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::RunWith(const WithStatement& statement) {
  auto inner = std::make_shared<Scope>(scope_);
  for (const auto& [target, expression] : statement.values) {
    SMELT_ASSIGN(Value value, Evaluate(*expression));
    Restore restore_scope(scope_, inner);
    SMELT_TRY(Assign(target, value));
  }
  Restore restore_scope(scope_, inner);
  return RunBody(statement.body);
}

Status Interpreter::Assign(const Target& target, const Value& value) {
  if (!target.attribute.empty()) {
    const Value* owner = scope_->Find(target.name);
    if (owner == nullptr) owner = globals_.Find(target.name);
    if (owner == nullptr) return Fail(ErrorCode::kJinjaUndefined, fmt::format("'{}' is undefined", target.name));
    if (owner->is_object()) return owner->object_pointer()->SetAttribute(target.attribute, value);
    return Fail(ErrorCode::kJinjaType,
                fmt::format("cannot set '{}' of '{}': only the attributes of a namespace() can be set",
                            target.attribute, owner->type_name()));
  }
  if (target.members.empty()) {
    SMELT_TRY(RefuseDepth(value));
    scope_->Set(target.name, value);
    return {};
  }
  SMELT_ASSIGN(List parts, Iterate(value));
  if (parts.size() != target.members.size()) {
    return Fail(ErrorCode::kJinjaType,
                fmt::format("{} values cannot be assigned to {} names", parts.size(), target.members.size()));
  }
  for (std::size_t i = 0; i < parts.size(); ++i) SMELT_TRY(Assign(target.members[i], parts[i]));
  return {};
}

}  // namespace smelt::transform::jinja
