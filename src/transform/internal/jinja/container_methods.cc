#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/jinja/circles.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/iterables.h"
#include "transform/internal/jinja/methods.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/sorting.h"

namespace smelt::transform::jinja {
namespace {

// -- lists and tuples

List& Items(const BuiltinCall& call) {
  return call.input.items();
}

Status RequireRoom(const List& items, std::size_t more) {
  if (items.size() + more <= static_cast<std::size_t>(kElementsMax)) return {};
  return Fail(ErrorCode::kJinjaLimit, fmt::format("a list would have more than {} elements", kElementsMax));
}

Result<Value> Append(BuiltinCall& call) {
  SMELT_TRY(RequireRoom(Items(call), 1));
  SMELT_TRY(RefuseCircle(call.input, call.arguments[0]));
  Items(call).push_back(call.arguments[0]);
  return Value::None();
}

Result<Value> Extend(BuiltinCall& call) {
  SMELT_ASSIGN(List more, Iterate(call.arguments[0]));
  SMELT_TRY(RequireRoom(Items(call), more.size()));
  for (const Value& item : more) SMELT_TRY(RefuseCircle(call.input, item));
  Items(call).insert(Items(call).end(), more.begin(), more.end());
  return Value::None();
}

Result<Value> Insert(BuiltinCall& call) {
  SMELT_ASSIGN(std::int64_t index, call.Integer(0, 0));
  SMELT_TRY(RequireRoom(Items(call), 1));
  SMELT_TRY(RefuseCircle(call.input, call.arguments[1]));
  auto size = static_cast<std::int64_t>(Items(call).size());
  if (index < 0) index = std::max<std::int64_t>(index, -size) + size;
  Items(call).insert(Items(call).begin() + std::min(index, size), call.arguments[1]);
  return Value::None();
}

Result<Value> PopItem(BuiltinCall& call) {
  SMELT_ASSIGN(std::int64_t index, call.Integer(0, -1));
  auto size = static_cast<std::int64_t>(Items(call).size());
  if (index < 0) index += size;
  if (index < 0 || index >= size) return Fail(ErrorCode::kJinjaType, "pop(): the list has no such element");
  Value taken = Items(call)[static_cast<std::size_t>(index)];
  Items(call).erase(Items(call).begin() + index);
  return taken;
}

/// index(value, start, stop).
Result<Value> IndexOf(BuiltinCall& call) {
  auto size = static_cast<std::int64_t>(Items(call).size());
  auto bound = [&](std::size_t argument, std::int64_t fallback) -> Result<std::size_t> {
    if (argument >= call.arguments.size()) return static_cast<std::size_t>(fallback);
    SMELT_ASSIGN(std::int64_t position, call.Integer(argument, fallback));
    if (position < 0) position = std::max<std::int64_t>(position, -size) + size;
    return static_cast<std::size_t>(std::min(position, size));
  };
  SMELT_ASSIGN(std::size_t start, bound(1, 0));
  SMELT_ASSIGN(std::size_t stop, bound(2, size));
  for (std::size_t i = start; i < stop; ++i) {
    if (Items(call)[i].Equals(call.arguments[0])) return i;
  }
  return Fail(ErrorCode::kJinjaType, fmt::format("index(): {} is not in the list", call.arguments[0].Repr()));
}

Result<Value> Remove(BuiltinCall& call) {
  SMELT_ASSIGN(Value index, IndexOf(call));
  Items(call).erase(Items(call).begin() + index.integer());
  return Value::None();
}

Result<Value> CountOf(BuiltinCall& call) {
  return std::ranges::count_if(Items(call), [&call](const Value& item) { return item.Equals(call.arguments[0]); });
}

/// list.sort(key=…, reverse=…), by name only.
Result<Value> Sort(BuiltinCall& call) {
  Value key = call.raw.TakeNamed("key").value_or(Value::None());
  bool reverse = call.raw.TakeNamed("reverse").value_or(Value(false)).Truthy();
  if (!call.raw.positional.empty() || !call.raw.named.empty()) {
    return Fail(ErrorCode::kJinjaType, "sort() takes key=… and reverse=… only");
  }
  std::function<Result<Value>(const Value&)> key_of;
  if (!key.is_none()) {
    key_of = [&](const Value& item) -> Result<Value> {
      Arguments arguments;
      arguments.positional.push_back(item);
      return call.interpreter.Call(key, std::move(arguments));
    };
  }
  SMELT_TRY(SortValues(Items(call), key_of, reverse));
  return Value::None();
}

Result<Value> Reverse(BuiltinCall& call) {
  std::ranges::reverse(Items(call));
  return Value::None();
}

Result<Value> ClearList(BuiltinCall& call) {
  Items(call).clear();
  return Value::None();
}

Result<Value> CopyList(BuiltinCall& call) {
  return Value::MakeList(Items(call));
}

// -- dicts

Status RequireHashable(const Value& key) {
  if (key.Hashable()) return {};
  return Fail(ErrorCode::kJinjaType, fmt::format("'{}' cannot be a key", key.type_name()));
}

Result<Value> Get(BuiltinCall& call) {
  SMELT_TRY(RequireHashable(call.arguments[0]));
  if (const Value* found = call.input.dict().Find(call.arguments[0])) return *found;
  return call.arguments[1].is_undefined() ? Value::None() : call.arguments[1];
}

template <DictView::Part kPart>
Result<Value> View(BuiltinCall& call) {
  return Value(std::make_shared<DictView>(call.input, kPart));
}

/// dict.update(other, name=value…), where other is a dict or a list of pairs.
Result<Value> Update(BuiltinCall& call) {
  Dict& dict = call.input.dict();
  if (call.raw.positional.size() > 1) return Fail(ErrorCode::kJinjaType, "update() takes at most 1 argument");
  if (!call.raw.positional.empty()) {
    SMELT_ASSIGN(Dict other, DictFrom(call.raw.positional[0]));
    for (const auto& [key, value] : other.entries()) {
      SMELT_TRY(RefuseCircle(call.input, value));
      dict.Set(key, value);
    }
  }
  for (const auto& [name, value] : call.raw.named) {
    SMELT_TRY(RefuseCircle(call.input, value));
    dict.Set(name, value);
  }
  return Value::None();
}

Result<Value> PopKey(BuiltinCall& call) {
  SMELT_TRY(RequireHashable(call.arguments[0]));
  if (auto taken = call.input.dict().Take(call.arguments[0])) return *std::move(taken);
  if (!call.arguments[1].is_undefined()) return call.arguments[1];
  return Fail(ErrorCode::kJinjaType, fmt::format("pop(): there is no key {}", call.arguments[0].Repr()));
}

Result<Value> PopLast(BuiltinCall& call) {
  Dict& dict = call.input.dict();
  if (dict.empty()) return Fail(ErrorCode::kJinjaType, "popitem(): the dict is empty");
  Value key = dict.entries().back().first;
  Value value = *dict.Take(key);
  return Value::MakeTuple({std::move(key), std::move(value)});
}

Result<Value> SetDefault(BuiltinCall& call) {
  SMELT_TRY(RequireHashable(call.arguments[0]));
  Dict& dict = call.input.dict();
  if (const Value* found = dict.Find(call.arguments[0])) return *found;
  Value value = call.arguments[1].is_undefined() ? Value::None() : call.arguments[1];
  SMELT_TRY(RefuseCircle(call.input, value));
  dict.Set(call.arguments[0], value);
  return value;
}

/// `{}.fromkeys(keys, value)`.
Result<Value> FromKeys(BuiltinCall& call) {
  SMELT_ASSIGN(List keys, Iterate(call.arguments[0]));
  Dict made;
  for (Value& key : keys) {
    SMELT_TRY(RequireHashable(key));
    made.Set(std::move(key), call.arguments[1].is_undefined() ? Value::None() : call.arguments[1]);
  }
  return Value::MakeDict(std::move(made));
}

Result<Value> ClearDict(BuiltinCall& call) {
  call.input.dict().clear();
  return Value::None();
}

Result<Value> CopyDict(BuiltinCall& call) {
  return Value::MakeDict(call.input.dict());
}

constexpr Builtin kListMethods[] = {
    {"append", Append, {"object"}, 1},
    {"clear", ClearList},
    {"copy", CopyList},
    {"count", CountOf, {"value"}, 1},
    {"extend", Extend, {"iterable"}, 1},
    {"index", IndexOf, {"value", "start", "stop"}, 1},
    {"insert", Insert, {"index", "object"}, 2},
    {"pop", PopItem, {"index"}},
    {"remove", Remove, {"value"}, 1},
    {"reverse", Reverse},
    {"sort", Sort, {}, 0, true},
};
static_assert(SortedByName(kListMethods));

constexpr Builtin kTupleMethods[] = {
    {"count", CountOf, {"value"}, 1},
    {"index", IndexOf, {"value", "start", "stop"}, 1},
};
static_assert(SortedByName(kTupleMethods));

constexpr Builtin kDictMethods[] = {
    {"clear", ClearDict},
    {"copy", CopyDict},
    {"fromkeys", FromKeys, {"iterable", "value"}, 1},
    {"get", Get, {"key", "default"}, 1},
    {"items", View<DictView::Part::kItems>},
    {"keys", View<DictView::Part::kKeys>},
    {"pop", PopKey, {"key", "default"}, 1},
    {"popitem", PopLast},
    {"setdefault", SetDefault, {"key", "default"}, 1},
    {"update", Update, {}, 0, true},
    {"values", View<DictView::Part::kValues>},
};
static_assert(SortedByName(kDictMethods));

}  // namespace

Result<Dict> DictFrom(const Value& value) {
  if (value.is_dict()) return value.dict();
  SMELT_ASSIGN(List pairs, Iterate(value));
  Dict dict;
  for (const Value& pair : pairs) {
    SMELT_ASSIGN(List members, Iterate(pair));
    if (members.size() != 2) return Fail(ErrorCode::kJinjaType, "a dict is made of pairs of a key and a value");
    SMELT_TRY(RequireHashable(members[0]));
    dict.Set(members[0], members[1]);
  }
  return dict;
}

const Builtin* FindMethod(const Value& value, std::string_view name) {
  switch (value.kind()) {
    case Kind::kText: return FindBuiltin(TextMethods(), name);
    case Kind::kList: return FindBuiltin(kListMethods, name);
    case Kind::kTuple: return FindBuiltin(kTupleMethods, name);
    case Kind::kDict: return FindBuiltin(kDictMethods, name);
    case Kind::kBoolean:
    case Kind::kInteger:
    case Kind::kReal: return FindBuiltin(NumberMethods(), name);
    default: return nullptr;
  }
}

std::optional<Value> BoundMethod(const Value& value, std::string_view name) {
  const Builtin* method = FindMethod(value, name);
  if (method == nullptr) return std::nullopt;
  auto body = [value, method](Interpreter& interpreter, Arguments arguments) {
    return RunBuiltin(*method, interpreter, value, std::move(arguments));
  };
  return Function::Make(std::string(name), std::move(body), {value});
}

}  // namespace smelt::transform::jinja
