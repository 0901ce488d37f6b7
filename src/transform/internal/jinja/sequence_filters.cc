#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/filters.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/sorting.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

/// Follows a dotted path ("address.city", "0.name", or an integer) from an item.
Value FollowPath(const Value& item, const Value& path) {
  if (!path.is_text()) return GetItem(item, path);
  Value current = item;
  std::string_view rest = path.text();
  for (bool more = true; more;) {
    std::size_t dot = rest.find('.');
    std::string_view part = rest.substr(0, dot);
    more = dot != std::string_view::npos;
    if (more) rest.remove_prefix(dot + 1);
    std::int64_t index = 0;
    auto parsed = std::from_chars(part.data(), part.data() + part.size(), index);
    bool numeric = parsed.ec == std::errc() && parsed.ptr == part.data() + part.size();
    current = GetItem(current, numeric ? Value(index) : Value(part));
  }
  return current;
}

Value FoldCase(Value value, bool case_sensitive) {
  return value.is_text() && !case_sensitive ? Value(ToLower(value.text())) : value;
}

/// What filters sort, group and compare by: the item or an attribute of it, strings without case by default.
Value KeyOf(const Value& item, const Value& attribute, bool case_sensitive) {
  return FoldCase(attribute.is_absent() ? item : FollowPath(item, attribute), case_sensitive);
}

Result<Value> ToList(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  return Value::MakeList(std::move(items));
}

Result<Value> CountItems(BuiltinCall& call) {
  SMELT_ASSIGN(std::int64_t length, Length(call.input));
  return length;
}

Result<Value> First(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  return items.empty() ? Value::Undefined("there is no first item, the sequence is empty") : items.front();
}

Result<Value> Last(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  return items.empty() ? Value::Undefined("there is no last item, the sequence is empty") : items.back();
}

Result<Value> Join(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  std::string separator = call.arguments[0].ToText(), out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += separator;
    out += (call.Given(1) == nullptr ? items[i] : FollowPath(items[i], call.arguments[1])).ToText();
  }
  return Value(std::move(out));
}

Result<Value> Reverse(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  std::ranges::reverse(items);
  if (!call.input.is_text()) return Value::MakeList(std::move(items));
  std::string out;
  for (const Value& item : items) out += item.text();
  return Value(std::move(out));
}

/// sort(reverse, case_sensitive, attribute); several attributes are separated by commas.
Result<Value> Sort(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  bool reverse = call.arguments[0].Truthy(), case_sensitive = call.arguments[1].Truthy();
  const Value& attribute = call.arguments[2];
  auto key = [&](const Value& item) -> Result<Value> {
    if (!attribute.is_text() || !attribute.text().contains(',')) return KeyOf(item, attribute, case_sensitive);
    List keys;
    for (std::string_view rest = attribute.text(); !rest.empty();) {
      std::size_t comma = std::min(rest.find(','), rest.size());
      keys.push_back(KeyOf(item, Value(rest.substr(0, comma)), case_sensitive));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return Value::MakeTuple(std::move(keys));
  };
  SMELT_TRY(SortValues(items, key, reverse));
  return Value::MakeList(std::move(items));
}

Result<Value> DictSort(BuiltinCall& call) {
  if (!call.input.is_dict()) return Fail(ErrorCode::kJinjaType, "dictsort needs a dict");
  std::string by = call.Given(1) == nullptr ? "key" : call.arguments[1].ToText();
  if (by != "key" && by != "value") return Fail(ErrorCode::kJinjaType, "dictsort sorts by 'key' or 'value'");
  List pairs;
  for (const auto& [key, value] : call.input.dict().entries()) pairs.push_back(Value::MakeTuple({key, value}));
  bool case_sensitive = call.arguments[0].Truthy();
  auto key = [&](const Value& pair) -> Result<Value> {
    return FoldCase(pair.items()[by == "key" ? 0 : 1], case_sensitive);
  };
  SMELT_TRY(SortValues(pairs, key, call.arguments[2].Truthy()));
  return Value::MakeList(std::move(pairs));
}

Result<Value> Unique(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  Dict seen;
  List kept;
  for (Value& item : items) {
    Value key = KeyOf(item, call.arguments[1], call.arguments[0].Truthy());
    if (!key.Hashable()) return Fail(ErrorCode::kJinjaType, "unique cannot compare lists or dicts");
    if (seen.Find(key) != nullptr) continue;
    seen.Set(std::move(key), Value(true));
    kept.push_back(std::move(item));
  }
  return Value::MakeList(std::move(kept));
}

Result<Value> Extreme(BuiltinCall& call, int wanted_order) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  if (items.empty()) return Value::Undefined(fmt::format("{} of an empty sequence", call.name));
  bool case_sensitive = call.arguments[0].Truthy();
  std::size_t best = 0;
  Value best_key = KeyOf(items[0], call.arguments[1], case_sensitive);
  for (std::size_t i = 1; i < items.size(); ++i) {
    Value key = KeyOf(items[i], call.arguments[1], case_sensitive);
    SMELT_ASSIGN(int order, Compare(key, best_key));
    if (order * wanted_order <= 0) continue;
    best = i;
    best_key = std::move(key);
  }
  return items[best];
}
Result<Value> Minimum(BuiltinCall& call) {
  return Extreme(call, -1);
}
Result<Value> Maximum(BuiltinCall& call) {
  return Extreme(call, 1);
}

Result<Value> Sum(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  Value total = call.arguments[1].is_undefined() ? Value(0) : call.arguments[1];
  for (const Value& item : items) {
    Value addend = call.Given(0) == nullptr ? item : FollowPath(item, call.arguments[0]);
    SMELT_ASSIGN(total, Calculate(Operator::kAdd, total, addend));
  }
  return total;
}

/// A group: a pair of the value in common and the items that have it.
class Group final : public Object {
 public:
  explicit Group(Value grouper) : grouper_(std::move(grouper)), items_(Value::MakeList()) {}

  List& items() { return items_.items(); }

  std::string type_name() const override { return "group"; }
  std::string ToText() const override { return Value::MakeTuple({grouper_, items_}).Repr(); }
  std::optional<List> Members() const override { return List{grouper_, items_}; }
  List Held() const override { return {grouper_, items_}; }
  std::optional<Value> Item(const Value& key) override { return GetItem(Value::MakeTuple({grouper_, items_}), key); }
  std::optional<Value> Attribute(std::string_view name) override {
    if (name == "grouper") return grouper_;
    return name == "list" ? std::optional<Value>(items_) : std::nullopt;
  }

 private:
  Value grouper_, items_;
};

Result<Value> GroupBy(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  const Value& fallback = call.arguments[1];
  auto plain = [&](const Value& item) {
    Value value = FollowPath(item, call.arguments[0]);
    return value.is_undefined() && !fallback.is_undefined() ? fallback : value;
  };
  auto key = [&](const Value& item) -> Result<Value> { return FoldCase(plain(item), call.arguments[2].Truthy()); };
  SMELT_TRY(SortValues(items, key, false));
  List groups;
  std::shared_ptr<Group> group;
  Value current;
  for (const Value& item : items) {
    SMELT_ASSIGN(Value item_key, key(item));
    if (group == nullptr || !item_key.Equals(current)) {
      group = std::make_shared<Group>(plain(item));
      groups.emplace_back(group);
      current = std::move(item_key);
    }
    group->items().push_back(item);
  }
  return Value::MakeList(std::move(groups));
}

Result<Value> Batch(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  SMELT_ASSIGN(std::int64_t size, call.Integer(0, 0));
  if (size < 1 || size > kElementsMax) return Fail(ErrorCode::kJinjaType, "batch needs a size of at least 1");
  List batches;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i % static_cast<std::size_t>(size) == 0) batches.push_back(Value::MakeList());
    batches.back().items().push_back(items[i]);
  }
  if (call.Given(1) != nullptr && !batches.empty()) {
    batches.back().items().resize(static_cast<std::size_t>(size), call.arguments[1]);
  }
  return Value::MakeList(std::move(batches));
}

Result<Value> SliceInto(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  SMELT_ASSIGN(std::int64_t count, call.Integer(0, 0));
  if (count < 1 || count > kElementsMax) return Fail(ErrorCode::kJinjaType, "slice needs at least 1 slice");
  auto slices = static_cast<std::size_t>(count);
  std::size_t each = items.size() / slices, longer = items.size() % slices, next = 0;
  List out;
  for (std::size_t i = 0; i < slices; ++i) {
    List part;
    for (std::size_t size = each + (i < longer ? 1 : 0); size > 0; --size) part.push_back(items[next++]);
    if (call.Given(1) != nullptr && i >= longer) part.push_back(call.arguments[1]);
    out.push_back(Value::MakeList(std::move(part)));
  }
  return Value::MakeList(std::move(out));
}

Result<Value> Attribute(BuiltinCall& call) {
  SMELT_ASSIGN(std::string name, call.Text(0));
  return GetAttribute(call.input, name);
}

Result<Value> Items(BuiltinCall& call) {
  if (call.input.is_undefined()) return Value::MakeList();
  if (!call.input.is_dict()) return Fail(ErrorCode::kJinjaType, "items needs a dict");
  List pairs;
  for (const auto& [key, value] : call.input.dict().entries()) pairs.push_back(Value::MakeTuple({key, value}));
  return Value::MakeList(std::move(pairs));
}

Result<Value> Default(BuiltinCall& call) {
  bool replace = call.input.is_undefined() || (call.arguments[1].Truthy() && !call.input.Truthy());
  if (!replace) return call.input;
  return call.arguments[0].is_undefined() ? Value("") : call.arguments[0];
}

/// map('filter', …) or map(attribute='name', default=…).
Result<Value> Map(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  Arguments arguments = call.raw;
  List mapped;
  if (auto attribute = arguments.positional.empty() ? arguments.TakeNamed("attribute") : std::nullopt) {
    Value fallback = arguments.TakeNamed("default").value_or(Value());
    if (!arguments.named.empty()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("map() takes no argument '{}'", arguments.named[0].first));
    }
    for (const Value& item : items) {
      Value value = FollowPath(item, *attribute);
      mapped.push_back(value.is_undefined() && !fallback.is_undefined() ? fallback : std::move(value));
    }
    return Value::MakeList(std::move(mapped));
  }
  if (arguments.positional.empty() || !arguments.positional[0].is_text()) {
    return Fail(ErrorCode::kJinjaType, "map() needs the name of a filter or attribute=…");
  }
  const Builtin* filter = FindFilter(arguments.positional[0].text());
  if (filter == nullptr) {
    return Fail(ErrorCode::kJinjaType, fmt::format("there is no filter '{}'", arguments.positional[0].text()));
  }
  arguments.positional.erase(arguments.positional.begin());
  for (const Value& item : items) {
    SMELT_ASSIGN(Value value, RunBuiltin(*filter, call.interpreter, item, arguments));
    mapped.push_back(std::move(value));
  }
  return Value::MakeList(std::move(mapped));
}

/// select, reject and, by an attribute, selectattr, rejectattr: keeps the items whose test gives `keep`.
Result<Value> Choose(BuiltinCall& call, bool keep, bool by_attribute) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  Arguments arguments = call.raw;
  auto take_first = [&arguments] {
    Value first = arguments.positional.front();
    arguments.positional.erase(arguments.positional.begin());
    return first;
  };
  Value attribute;
  if (by_attribute) {
    if (arguments.positional.empty()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("{}() needs the name of an attribute", call.name));
    }
    attribute = take_first();
  }
  const Builtin* test = nullptr;
  if (!arguments.positional.empty()) {
    std::string name = take_first().ToText();
    test = FindTest(name);
    if (test == nullptr) return Fail(ErrorCode::kJinjaType, fmt::format("there is no test '{}'", name));
  }
  List kept;
  for (Value& item : items) {
    Value tested = by_attribute ? FollowPath(item, attribute) : item;
    if (test != nullptr) {
      SMELT_ASSIGN(tested, RunBuiltin(*test, call.interpreter, Value(tested), arguments));
    }
    if (tested.Truthy() == keep) kept.push_back(std::move(item));
  }
  return Value::MakeList(std::move(kept));
}
Result<Value> Select(BuiltinCall& call) {
  return Choose(call, true, false);
}
Result<Value> Reject(BuiltinCall& call) {
  return Choose(call, false, false);
}
Result<Value> SelectByAttribute(BuiltinCall& call) {
  return Choose(call, true, true);
}
Result<Value> RejectByAttribute(BuiltinCall& call) {
  return Choose(call, false, true);
}

constexpr Builtin kFilters[] = {
    {"attr", Attribute, {"name"}, 1},
    {"batch", Batch, {"linecount", "fill_with"}, 1},
    {"count", CountItems},
    {"d", Default, {"default_value", "boolean"}},
    {"default", Default, {"default_value", "boolean"}},
    {"dictsort", DictSort, {"case_sensitive", "by", "reverse"}},
    {"first", First},
    {"groupby", GroupBy, {"attribute", "default", "case_sensitive"}, 1},
    {"items", Items},
    {"join", Join, {"d", "attribute"}},
    {"last", Last},
    {"length", CountItems},
    {"list", ToList},
    {"map", Map, {}, 0, true},
    {"max", Maximum, {"case_sensitive", "attribute"}},
    {"min", Minimum, {"case_sensitive", "attribute"}},
    {"reject", Reject, {}, 0, true},
    {"rejectattr", RejectByAttribute, {}, 0, true},
    {"reverse", Reverse},
    {"select", Select, {}, 0, true},
    {"selectattr", SelectByAttribute, {}, 0, true},
    {"slice", SliceInto, {"slices", "fill_with"}, 1},
    {"sort", Sort, {"reverse", "case_sensitive", "attribute"}},
    {"sum", Sum, {"attribute", "start"}},
    {"unique", Unique, {"case_sensitive", "attribute"}},
};
static_assert(SortedByName(kFilters));

}  // namespace

std::span<const Builtin> SequenceFilters() {
  return kFilters;
}

}  // namespace smelt::transform::jinja
