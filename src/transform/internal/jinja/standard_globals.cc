#include "transform/internal/jinja/standard_globals.h"

#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/methods.h"

namespace smelt::transform::jinja {
namespace {

constexpr std::int64_t kRangeMax = 1'000'000;

Result<Value> Range(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("range", {"start", "stop", "step"}, 1));
  for (const Value& value : bound) {
    if (!value.is_undefined() && !value.is_integral()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("range() needs integers, not '{}'", value.type_name()));
    }
  }
  bool only_stop = bound[1].is_undefined();
  std::int64_t start = only_stop ? 0 : bound[0].integer(), stop = bound[only_stop ? 0 : 1].integer();
  std::int64_t step = bound[2].is_undefined() ? 1 : bound[2].integer();
  if (step == 0) return Fail(ErrorCode::kJinjaType, "range() needs a step that is not zero");
  // In floating point: the difference of two integers may not fit one.
  double count = std::max(0.0, (static_cast<double>(stop) - static_cast<double>(start)) / static_cast<double>(step));
  if (count > static_cast<double>(kRangeMax)) {
    return Fail(ErrorCode::kJinjaLimit, fmt::format("range() makes at most {} numbers", kRangeMax));
  }
  List numbers;
  for (std::int64_t i = start; step > 0 ? i < stop : i > stop;) {
    numbers.emplace_back(i);
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return Value::MakeList(std::move(numbers));
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

Result<Value> Zip(Interpreter&, Arguments arguments) {
  std::vector<List> lists;
  std::size_t shortest = arguments.positional.empty() ? 0 : static_cast<std::size_t>(-1);
  for (const Value& value : arguments.positional) {
    SMELT_ASSIGN(List list, Iterate(value));
    shortest = std::min(shortest, list.size());
    lists.push_back(std::move(list));
  }
  List rows;
  for (std::size_t i = 0; i < shortest; ++i) {
    List row;
    for (const List& list : lists) row.push_back(list[i]);
    rows.push_back(Value::MakeTuple(std::move(row)));
  }
  return Value::MakeList(std::move(rows));
}

/// Python's set(): the distinct members, here as a list in their first order.
Result<Value> MakeSet(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("set", {"iterable"}, 0));
  SMELT_ASSIGN(List items, Iterate(bound[0]));
  Dict seen;
  for (Value& item : items) {
    if (!item.Hashable()) return Fail(ErrorCode::kJinjaType, "set() cannot hold lists or dicts");
    seen.Set(std::move(item), Value(true));
  }
  List members;
  for (const auto& [key, present] : seen.entries()) members.push_back(key);
  return Value::MakeList(std::move(members));
}

}  // namespace

const Value* GlobalTable::Find(std::string_view name) const {
  auto found = values_.find(name);
  if (found != values_.end()) return &found->second;
  return fallback_ == nullptr ? nullptr : fallback_->Find(name);
}

void AddStandardGlobals(GlobalTable& table) {
  auto add = [&table](const char* name, Result<Value> (*body)(Interpreter&, Arguments)) {
    table.Set(name, Function::Make(name, body));
  };
  add("range", Range);
  add("dict", MakeDict);
  add("namespace", MakeNamespace);
  add("cycler", MakeCycler);
  add("joiner", MakeJoiner);
  add("zip", Zip);
  add("set", MakeSet);
}

}  // namespace smelt::transform::jinja
