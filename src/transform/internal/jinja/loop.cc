#include <fmt/format.h>

#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/restore.h"

namespace smelt::transform::jinja {

/// The `loop` variable.
class Loop final : public Object {
 public:
  Loop(const ForStatement& statement, TemplatePointer home, const ScopePointer& outside, List items, int depth)
      : statement_(statement), home_(std::move(home)), outside_(outside), items_(std::move(items)), depth_(depth) {}

  const List& items() const { return items_; }
  void MoveTo(std::size_t index) { index_ = index; }

  std::string type_name() const override { return "loop"; }
  std::string ToText() const override { return fmt::format("<LoopContext {}/{}>", index_ + 1, items_.size()); }
  List Held() const override { return items_; }

  std::optional<Value> Attribute(std::string_view name) override {
    std::size_t size = items_.size();
    if (name == "index") return Value(index_ + 1);
    if (name == "index0") return Value(index_);
    if (name == "first") return Value(index_ == 0);
    if (name == "last") return Value(index_ + 1 == size);
    if (name == "length") return Value(size);
    if (name == "revindex") return Value(size - index_);
    if (name == "revindex0") return Value(size - index_ - 1);
    if (name == "depth") return Value(depth_);
    if (name == "depth0") return Value(depth_ - 1);
    if (name == "previtem") return index_ > 0 ? items_[index_ - 1] : Value::Undefined("there is no previous item");
    if (name == "nextitem") return index_ + 1 < size ? items_[index_ + 1] : Value::Undefined("there is no next item");
    if (name == "cycle") return Method("cycle", &Loop::Cycle);
    if (name == "changed") return Method("changed", &Loop::Changed);
    return std::nullopt;
  }

  bool callable() const override { return true; }

  /// `loop(children)` of a recursive loop: the text of the same loop over other items.
  Result<Value> Call(Interpreter& interpreter, Arguments arguments) override {
    if (!statement_.recursive) {
      return Fail(ErrorCode::kJinjaType, "loop() is only for loops that say 'recursive'");
    }
    SMELT_ASSIGN(List bound, arguments.Bind("loop", {"iterable"}, 1));
    Interpreter::Output output;
    Restore restore_out(interpreter.out_, &output);
    Restore restore_template(interpreter.template_, home_);
    ScopePointer outside = outside_.lock();
    if (outside == nullptr) return Fail(ErrorCode::kJinjaType, "the loop has ended");
    SMELT_TRY(interpreter.RunLoop(statement_, bound[0], outside, depth_ + 1));
    return interpreter.Keep(std::move(output));
  }

 private:
  using Action = Result<Value> (Loop::*)(const Arguments&);

  Value Method(std::string name, Action action) {
    return Function::Make(std::move(name), [self = weak_from_this(), action](Interpreter&, Arguments arguments) {
      auto loop = std::static_pointer_cast<Loop>(self.lock());
      if (loop == nullptr) return Result<Value>(Fail(ErrorCode::kJinjaType, "the loop has ended"));
      return ((*loop).*action)(arguments);
    });
  }

  Result<Value> Cycle(const Arguments& arguments) {
    if (arguments.positional.empty()) return Fail(ErrorCode::kJinjaType, "cycle() needs at least one value");
    return arguments.positional[index_ % arguments.positional.size()];
  }

  Result<Value> Changed(const Arguments& arguments) {
    Value current = Value::MakeTuple(arguments.positional);
    bool changed = !last_seen_ || !last_seen_->Equals(current);
    last_seen_ = std::move(current);
    return changed;
  }

  const ForStatement& statement_;
  TemplatePointer home_;
  std::weak_ptr<Scope> outside_;  ///< it holds this loop, in its turn
  List items_;
  std::size_t index_ = 0;
  int depth_;
  std::optional<Value> last_seen_;
};

Result<Interpreter::Flow> Interpreter::RunFor(const ForStatement& statement) {
  SMELT_ASSIGN(Value iterable, Evaluate(*statement.iterable));
  if (returned_) return Flow::kReturn;
  return RunLoop(statement, iterable, scope_, 1);
}

Result<List> Interpreter::LoopItems(const ForStatement& statement, const Value& iterable, const ScopePointer& outside) {
  SMELT_ASSIGN(List items, Iterate(iterable));
  if (statement.condition == nullptr) return items;
  List kept;
  Restore restore_scope(scope_, std::make_shared<Scope>(outside));
  for (Value& item : items) {
    SMELT_TRY(CountStep(statement.offset));
    SMELT_TRY(Assign(statement.target, item));
    SMELT_ASSIGN(Value wanted, Evaluate(*statement.condition));
    if (wanted.Truthy()) kept.push_back(std::move(item));
  }
  return kept;
}

Result<Interpreter::Flow> Interpreter::RunLoop(const ForStatement& statement, const Value& iterable,
                                               const ScopePointer& outside, int depth) {
  SMELT_TRY(CheckStack());
  SMELT_ASSIGN(List items, LoopItems(statement, iterable, outside));
  if (items.empty()) {
    Restore restore_scope(scope_, std::make_shared<Scope>(outside));
    return RunBody(statement.otherwise);
  }
  auto loop = std::make_shared<Loop>(statement, template_, outside, std::move(items), depth);
  auto inner = std::make_shared<Scope>(outside);
  bool completed = false;
  for (std::size_t i = 0; i < loop->items().size(); ++i) {
    if (options_.stop.stop_requested()) return Fail(ErrorCode::kCancelled, "interrupted");
    SMELT_TRY(CountStep(statement.offset));
    inner->clear();
    loop->MoveTo(i);
    Restore restore_scope(scope_, inner);
    scope_->Set("loop", Value(loop));
    SMELT_TRY(Assign(statement.target, loop->items()[i]));
    SMELT_ASSIGN(Flow flow, RunBody(statement.body));
    if (flow == Flow::kReturn) return flow;
    if (flow == Flow::kBreak) break;
    completed = completed || flow == Flow::kNext;
  }
  // As in Jinja, `else` runs unless the body ran to its end at least once.
  if (!completed) {
    Restore restore_scope(scope_, std::make_shared<Scope>(outside));
    return RunBody(statement.otherwise);
  }
  return Flow::kNext;
}

}  // namespace smelt::transform::jinja
