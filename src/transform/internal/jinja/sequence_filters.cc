#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/filters.h"
#include "transform/internal/jinja/iterables.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/set_object.h"
#include "transform/internal/jinja/sorting.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

/// Follows a dotted path ("address.city", "0.name", or an integer) from an item.
/// Errors: kJinjaUndefined when a part before the last one is undefined.
Result<Value> FollowPath(const Value& item, const Value& path) {
  if (item.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, item.undefined_hint());
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
    bool numeric = parsed.ec == std::errc() && parsed.ptr == part.data() + part.size() && !part.starts_with('-');
    if (current.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, current.undefined_hint());
    current = GetItem(current, numeric ? Value(index) : Value(part));
  }
  return current;
}

Value FoldCase(Value value, bool case_sensitive) {
  return value.is_text() && !case_sensitive ? Value(ToLower(value.text())) : value;
}

/// What filters sort, group and compare by: the item or an attribute of it, strings without case by default.
Result<Value> KeyOf(const Value& item, const Value& attribute, bool case_sensitive) {
  if (attribute.is_absent()) return FoldCase(item, case_sensitive);
  SMELT_ASSIGN(Value value, FollowPath(item, attribute));
  return FoldCase(std::move(value), case_sensitive);
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
  if (auto iterator = call.input.As<Iterator>()) {
    SMELT_TRY(iterator->Readable());
    return iterator->Next().value_or(Value::Undefined("there is no first item, the sequence is empty"));
  }
  SMELT_ASSIGN(List items, Iterate(call.input));
  return items.empty() ? Value::Undefined("there is no first item, the sequence is empty") : items.front();
}

Result<Value> Last(BuiltinCall& call) {
  if (call.input.As<Iterator>() != nullptr || call.input.As<Set>() != nullptr) {
    return Fail(Error(ErrorCode::kJinjaType, fmt::format("'{}' has no last item", call.input.type_name()))
                    .Hint("make a list of it first: | list | last"));
  }
  SMELT_ASSIGN(List items, Iterate(call.input));
  return items.empty() ? Value::Undefined("there is no last item, the sequence is empty") : items.back();
}

Result<Value> Join(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  std::string separator = call.arguments[0].ToText(), out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += separator;
    SMELT_ASSIGN(Value part,
                 call.Given(1) == nullptr ? Result<Value>(items[i]) : FollowPath(items[i], call.arguments[1]));
    out += part.ToText();
  }
  return Value(std::move(out));
}

Result<Value> Reverse(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  std::ranges::reverse(items);
  if (!call.input.is_text()) {
    std::string_view type = call.input.is_list()                ? "list_reverseiterator"
                            : call.input.is_dict()              ? "dict_reversekeyiterator"
                            : call.input.As<Range>() != nullptr ? "range_iterator"
                                                                : "reversed";
    return Iterator::Make(fmt::format("{} object", type), std::move(items));
  }
  std::string out;
  for (const Value& item : items) out += item.text();
  return Value(std::move(out));
}

/// sort(reverse, case_sensitive, attribute); several attributes are separated by commas.
Result<Value> Sort(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  bool reverse = call.arguments[0].Truthy(), case_sensitive = call.arguments[1].Truthy();
  List attributes{call.arguments[2]};
  if (attributes[0].is_text()) {
    std::string text = attributes[0].text();
    attributes.clear();
    for (std::string_view rest = text;;) {
      std::size_t comma = std::min(rest.find(','), rest.size());
      attributes.emplace_back(rest.substr(0, comma));
      if (comma == rest.size()) break;
      rest.remove_prefix(comma + 1);
    }
  }
  auto key = [&](const Value& item) -> Result<Value> {
    List keys;
    for (const Value& attribute : attributes) {
      SMELT_ASSIGN(Value part, KeyOf(item, attribute, case_sensitive));
      keys.push_back(std::move(part));
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

Result<List> UniqueItems(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  Dict seen;
  List kept;
  for (Value& item : items) {
    SMELT_ASSIGN(Value key, KeyOf(item, call.arguments[1], call.arguments[0].Truthy()));
    if (!key.Hashable()) return Fail(ErrorCode::kJinjaType, "unique cannot compare lists or dicts");
    if (seen.Find(key) != nullptr) continue;
    seen.Set(std::move(key), Value(true));
    kept.push_back(std::move(item));
  }
  return kept;
}
Result<Value> Unique(BuiltinCall& call) {
  return Iterator::Make("generator object sync_do_unique", UniqueItems(call));
}

Result<Value> Extreme(BuiltinCall& call, int wanted_order) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  if (items.empty()) return Value::Undefined(fmt::format("{} of an empty sequence", call.name));
  bool case_sensitive = call.arguments[0].Truthy();
  std::size_t best = 0;
  SMELT_ASSIGN(Value best_key, KeyOf(items[0], call.arguments[1], case_sensitive));
  for (std::size_t i = 1; i < items.size(); ++i) {
    SMELT_ASSIGN(Value key, KeyOf(items[i], call.arguments[1], case_sensitive));
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
    SMELT_ASSIGN(Value addend, call.Given(0) == nullptr ? Result<Value>(item) : FollowPath(item, call.arguments[0]));
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
  std::optional<Value> Item(const Value& key) override {
    if (!key.is_integral() || key.integer() < -2 || key.integer() > 1) return std::nullopt;
    return key.integer() % 2 == 0 ? grouper_ : items_;
  }
  bool is_sequence() const override { return true; }
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
  auto plain = [&](const Value& item) -> Result<Value> {
    SMELT_ASSIGN(Value value, FollowPath(item, call.arguments[0]));
    return value.is_undefined() && !fallback.is_undefined() ? fallback : value;
  };
  auto key = [&](const Value& item) -> Result<Value> {
    SMELT_ASSIGN(Value value, plain(item));
    return FoldCase(std::move(value), call.arguments[2].Truthy());
  };
  SMELT_TRY(SortValues(items, key, false));
  List groups;
  std::shared_ptr<Group> group;
  Value current;
  for (const Value& item : items) {
    SMELT_ASSIGN(Value item_key, key(item));
    if (group == nullptr || !item_key.Equals(current)) {
      SMELT_ASSIGN(Value grouper, plain(item));
      group = std::make_shared<Group>(std::move(grouper));
      groups.emplace_back(group);
      current = std::move(item_key);
    }
    group->items().push_back(item);
  }
  return Value::MakeList(std::move(groups));
}

Result<List> BatchItems(BuiltinCall& call) {
  SMELT_ASSIGN(List items, Iterate(call.input));
  SMELT_ASSIGN(std::int64_t size, call.Integer(0, 0));
  if (size > kElementsMax) return Fail(ErrorCode::kJinjaLimit, "batch() was given a huge size");
  List batches;
  Value batch = Value::MakeList();
  for (const Value& item : items) {
    if (static_cast<std::int64_t>(batch.items().size()) == size) {
      batches.push_back(batch);
      batch = Value::MakeList();
    }
    batch.items().push_back(item);
  }
  if (!batch.items().empty()) {
    auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(size, 0));
    if (call.Given(1) != nullptr && batch.items().size() < wanted) batch.items().resize(wanted, call.arguments[1]);
    batches.push_back(std::move(batch));
  }
  return batches;
}
Result<Value> Batch(BuiltinCall& call) {
  return Iterator::Make("generator object do_batch", BatchItems(call));
}

Result<List> SliceIntoItems(BuiltinCall& call) {
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
  return out;
}
Result<Value> SliceInto(BuiltinCall& call) {
  return Iterator::Make("generator object sync_do_slice", SliceIntoItems(call));
}

Result<Value> Attribute(BuiltinCall& call) {
  SMELT_ASSIGN(std::string name, call.Text(0));
  if (call.input.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, call.input.undefined_hint());
  if (auto found = AttributeAlone(call.input, name)) return *std::move(found);
  return Value::Undefined(fmt::format("'{} object' has no attribute '{}'", call.input.type_name(), name));
}

/// One of the items, the same one for the same items: builds can be repeated.
Result<Value> Random(BuiltinCall& call) {
  if (call.input.is_object() && !call.input.object().is_sequence()) {
    return Fail(ErrorCode::kJinjaType, fmt::format("random needs a sequence, not '{}'", call.input.type_name()));
  }
  SMELT_ASSIGN(List items, Iterate(call.input));
  if (items.empty()) return Value::Undefined("there is no random item, the sequence is empty");
  std::size_t mixed = std::hash<std::string>()(call.input.ToText());
  return items[mixed % items.size()];
}

Result<List> ItemsItems(BuiltinCall& call) {
  if (call.input.is_undefined()) return List();
  if (!call.input.is_dict()) return Fail(ErrorCode::kJinjaType, "items needs a dict");
  List pairs;
  for (const auto& [key, value] : call.input.dict().entries()) pairs.push_back(Value::MakeTuple({key, value}));
  return pairs;
}
Result<Value> Items(BuiltinCall& call) {
  return Iterator::Make("generator object do_items", ItemsItems(call));
}

Result<Value> Default(BuiltinCall& call) {
  bool replace = call.input.is_undefined() || (call.arguments[1].Truthy() && !call.input.Truthy());
  if (!replace) return call.input;
  return call.arguments[0].is_undefined() ? Value("") : call.arguments[0];
}

/// map('filter', …) or map(attribute='name', default=…).
Result<List> MapItems(BuiltinCall& call) {
  if (!call.input.Truthy()) return List();
  SMELT_ASSIGN(List items, Iterate(call.input));
  Arguments arguments = call.raw;
  List mapped;
  if (auto attribute = arguments.positional.empty() ? arguments.TakeNamed("attribute") : std::nullopt) {
    Value fallback = arguments.TakeNamed("default").value_or(Value());
    if (!arguments.named.empty()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("map() takes no argument '{}'", arguments.named[0].first));
    }
    for (const Value& item : items) {
      SMELT_ASSIGN(Value value, FollowPath(item, *attribute));
      mapped.push_back(value.is_undefined() && !fallback.is_undefined() ? fallback : std::move(value));
    }
    return mapped;
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
  return mapped;
}
Result<Value> Map(BuiltinCall& call) {
  return Iterator::Make("generator object sync_do_map", MapItems(call));
}

/// select, reject and, by an attribute, selectattr, rejectattr: keeps the items whose test gives `keep`.
Result<List> Choose(BuiltinCall& call, bool keep, bool by_attribute) {
  if (!call.input.Truthy()) return List();
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
    SMELT_ASSIGN(Value tested, by_attribute ? FollowPath(item, attribute) : Result<Value>(item));
    if (test != nullptr) {
      SMELT_ASSIGN(tested, RunBuiltin(*test, call.interpreter, Value(tested), arguments));
    }
    if (tested.Truthy() == keep) kept.push_back(std::move(item));
  }
  return kept;
}
Result<Value> Chosen(BuiltinCall& call, bool keep, bool by_attribute) {
  return Iterator::Make("generator object select_or_reject", Choose(call, keep, by_attribute));
}
Result<Value> Select(BuiltinCall& call) {
  return Chosen(call, true, false);
}
Result<Value> Reject(BuiltinCall& call) {
  return Chosen(call, false, false);
}
Result<Value> SelectByAttribute(BuiltinCall& call) {
  return Chosen(call, true, true);
}
Result<Value> RejectByAttribute(BuiltinCall& call) {
  return Chosen(call, false, true);
}

Result<Value> IsList(BuiltinCall& call) {
  return call.input.is_list();
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
    {"is_list", IsList},
    {"items", Items},
    {"join", Join, {"d", "attribute"}},
    {"last", Last},
    {"length", CountItems},
    {"list", ToList},
    {"map", Map, {}, 0, true},
    {"max", Maximum, {"case_sensitive", "attribute"}},
    {"min", Minimum, {"case_sensitive", "attribute"}},
    {"random", Random},
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
