#include "transform/internal/jinja/standard_globals.h"

#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/iterables.h"
#include "transform/internal/jinja/methods.h"

namespace smelt::transform::jinja {
namespace {

Result<Value> MakeRange(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("range", {"start", "stop", "step"}, 1));
  if (!arguments.named.empty()) return Fail(ErrorCode::kJinjaType, "range() takes no named arguments");
  for (std::size_t i = 0; i < arguments.positional.size(); ++i) {
    if (bound[i].is_undefined()) return Fail(ErrorCode::kJinjaUndefined, bound[i].undefined_hint());
    if (!bound[i].is_integral()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("range() needs integers, not '{}'", bound[i].type_name()));
    }
  }
  switch (arguments.positional.size()) {
    case 1: return Range::Make(0, bound[0].integer(), 1);
    case 2: return Range::Make(bound[0].integer(), bound[1].integer(), 1);
    default: return Range::Make(bound[0].integer(), bound[1].integer(), bound[2].integer());
  }
}

Result<Value> MakeDict(Interpreter&, Arguments arguments) {
  if (arguments.positional.size() > 1) return Fail(ErrorCode::kJinjaType, "dict() takes at most 1 argument");
  Dict dict;
  if (!arguments.positional.empty()) {
    SMELT_ASSIGN(dict, DictFrom(arguments.positional[0]));
  }
  for (auto& [name, value] : arguments.named) dict.Set(name, std::move(value));
  return Value::MakeDict(std::move(dict));
}

Result<Value> MakeNamespace(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(Value fields, MakeDict(interpreter, std::move(arguments)));
  auto made = std::make_shared<Namespace>();
  for (const auto& [name, value] : fields.dict().entries()) made->Set(name.ToText(), value);
  return Value(std::move(made));
}

/// Gives its values in turn.
class Cycler final : public Object {
 public:
  explicit Cycler(List values) : values_(std::move(values)) {}

  std::string type_name() const override { return "cycler"; }
  List Held() const override { return values_; }

  std::optional<Value> Attribute(std::string_view name) override {
    if (name == "current") return values_[next_];
    if (name != "next" && name != "reset") return std::nullopt;
    auto self = std::static_pointer_cast<Cycler>(shared_from_this());
    auto body = [self, advance = name == "next"](Interpreter&, Arguments) -> Result<Value> {
      if (!advance) return self->next_ = 0, Value::None();
      Value value = self->values_[self->next_];
      self->next_ = (self->next_ + 1) % self->values_.size();
      return value;
    };
    return Function::Make(std::string(name), std::move(body), {Value(self)});
  }

 private:
  List values_;
  std::size_t next_ = 0;
};

Result<Value> MakeCycler(Interpreter&, Arguments arguments) {
  if (arguments.positional.empty()) return Fail(ErrorCode::kJinjaType, "cycler() needs at least one value");
  return Value(std::make_shared<Cycler>(std::move(arguments.positional)));
}

/// A separator that is empty the first time.
Result<Value> MakeJoiner(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("joiner", {"sep"}, 0));
  Value separator = bound[0].is_undefined() ? Value(", ") : bound[0];
  auto body = [separator, used = std::make_shared<bool>(false)](Interpreter&, Arguments) {
    return Result<Value>(std::exchange(*used, true) ? separator : Value(""));
  };
  return Function::Make("joiner", std::move(body), {separator});
}

}  // namespace

const Value* GlobalTable::Find(std::string_view name) const {
  auto found = values_.find(name);
  if (found != values_.end()) return &found->second;
  return fallback_ == nullptr ? nullptr : fallback_->Find(name);
}

std::vector<std::string_view> GlobalTable::Names() const {
  std::vector<std::string_view> names;
  if (fallback_ != nullptr) names = fallback_->Names();
  for (const auto& [name, value] : values_) names.push_back(name);
  return names;
}

void AddStandardGlobals(GlobalTable& table) {
  auto add = [&table](const char* name, Result<Value> (*body)(Interpreter&, Arguments)) {
    table.Set(name, Function::Make(name, body));
  };
  add("range", MakeRange);
  add("dict", MakeDict);
  add("namespace", MakeNamespace);
  add("cycler", MakeCycler);
  add("joiner", MakeJoiner);
  AddPureFunctions(table);
}

}  // namespace smelt::transform::jinja
