#include "transform/internal/jinja/set_object.h"

#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/jinja/circles.h"
#include "transform/internal/jinja/methods.h"
#include "transform/internal/jinja/operators.h"

namespace smelt::transform::jinja {
namespace {

Value Wrapped(Set set) {
  return Value(std::make_shared<Set>(std::move(set)));
}

}  // namespace

/// The methods of sets: each gets the set and the sets or items that it was called with.
struct SetMethods {
  using Body = Result<Value> (*)(Set& self, const List& given);
  struct Method {
    std::string_view name;
    Body run;
    std::size_t arguments_min, arguments_max;
  };
  static constexpr std::size_t kMany = 1000;

  static Result<Set> Other(const Value& value) {
    SMELT_ASSIGN(List items, Iterate(value));
    return Set::From(std::move(items));
  }
  static Status Insert(Set& self, const Value& item) {
    if (!item.Hashable()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("'{}' cannot be in a set", item.type_name()));
    }
    SMELT_TRY(RefuseCircle(Value(self.shared_from_this()), item));
    self.members_.Set(item, Value(true));
    return {};
  }
  static Result<Value> Add(Set& self, const List& given) {
    SMELT_TRY(Insert(self, given[0]));
    return Value::None();
  }
  static Result<Value> Update(Set& self, const List& given) {
    for (const Value& other : given) {
      SMELT_ASSIGN(List items, Iterate(other));
      for (const Value& item : items) SMELT_TRY(Insert(self, item));
    }
    return Value::None();
  }
  static Result<Value> Discard(Set& self, const List& given) {
    if (given[0].Hashable()) self.members_.Take(given[0]);
    return Value::None();
  }
  static Result<Value> Remove(Set& self, const List& given) {
    if (!self.Has(given[0])) {
      return Fail(ErrorCode::kJinjaType, fmt::format("remove(): the set does not hold {}", given[0].Repr()));
    }
    return Discard(self, given);
  }
  static Result<Value> Pop(Set& self, const List&) {
    if (self.members_.empty()) return Fail(ErrorCode::kJinjaType, "pop(): the set is empty");
    Value first = self.members_.entries().front().first;
    self.members_.Take(first);
    return first;
  }
  static Result<Value> Clear(Set& self, const List&) {
    self.members_.clear();
    return Value::None();
  }
  static Result<Set> Copied(const Set& self) { return Set::From(*self.Members()); }
  static Result<Value> Copy(Set& self, const List&) {
    SMELT_ASSIGN(Set copy, Copied(self));
    return Wrapped(std::move(copy));
  }
  static Result<Value> Union(Set& self, const List& given) {
    List all = *self.Members();
    for (const Value& other : given) {
      SMELT_ASSIGN(List items, Iterate(other));
      all.insert(all.end(), items.begin(), items.end());
    }
    SMELT_ASSIGN(Set made, Set::From(std::move(all)));
    return Wrapped(std::move(made));
  }
  /// The members that all (or none) of the given sets have.
  static Result<Value> Kept(Set& self, const List& given, bool wanted) {
    List kept = *self.Members();
    for (const Value& other : given) {
      SMELT_ASSIGN(Set members, Other(other));
      std::erase_if(kept, [&](const Value& item) { return members.Has(item) != wanted; });
    }
    SMELT_ASSIGN(Set made, Set::From(std::move(kept)));
    return Wrapped(std::move(made));
  }
  static Result<Value> Intersection(Set& self, const List& given) { return Kept(self, given, true); }
  static Result<Value> Difference(Set& self, const List& given) { return Kept(self, given, false); }
  static Result<Value> SymmetricDifference(Set& self, const List& given) {
    SMELT_ASSIGN(Set other, Other(given[0]));
    Value mine = self.Without(other), theirs = other.Without(self);
    return Union(*mine.As<Set>(), {theirs});
  }
  static Result<Value> Replace(Set& self, Result<Value> made) {
    if (!made) return made;
    self.members_ = std::move(made->As<Set>()->members_);
    return Value::None();
  }
  static Result<Value> DifferenceUpdate(Set& self, const List& given) { return Replace(self, Difference(self, given)); }
  static Result<Value> IntersectionUpdate(Set& self, const List& given) {
    return Replace(self, Intersection(self, given));
  }
  static Result<Value> SymmetricDifferenceUpdate(Set& self, const List& given) {
    return Replace(self, SymmetricDifference(self, given));
  }
  static Result<Value> IsSubset(Set& self, const List& given) {
    SMELT_ASSIGN(Set other, Other(given[0]));
    return self.IsSubsetOf(other);
  }
  static Result<Value> IsSuperset(Set& self, const List& given) {
    SMELT_ASSIGN(Set other, Other(given[0]));
    return other.IsSubsetOf(self);
  }
  static Result<Value> IsDisjoint(Set& self, const List& given) {
    SMELT_ASSIGN(Value common, Intersection(self, given));
    return !common.Truthy();
  }

  static const Method* Find(std::string_view name);
};

namespace {

constexpr SetMethods::Method kSetMethods[] = {
    {"add", SetMethods::Add, 1, 1},
    {"clear", SetMethods::Clear, 0, 0},
    {"copy", SetMethods::Copy, 0, 0},
    {"difference", SetMethods::Difference, 0, SetMethods::kMany},
    {"difference_update", SetMethods::DifferenceUpdate, 0, SetMethods::kMany},
    {"discard", SetMethods::Discard, 1, 1},
    {"intersection", SetMethods::Intersection, 0, SetMethods::kMany},
    {"intersection_update", SetMethods::IntersectionUpdate, 0, SetMethods::kMany},
    {"isdisjoint", SetMethods::IsDisjoint, 1, 1},
    {"issubset", SetMethods::IsSubset, 1, 1},
    {"issuperset", SetMethods::IsSuperset, 1, 1},
    {"pop", SetMethods::Pop, 0, 0},
    {"remove", SetMethods::Remove, 1, 1},
    {"symmetric_difference", SetMethods::SymmetricDifference, 1, 1},
    {"symmetric_difference_update", SetMethods::SymmetricDifferenceUpdate, 1, 1},
    {"union", SetMethods::Union, 0, SetMethods::kMany},
    {"update", SetMethods::Update, 0, SetMethods::kMany},
};

}  // namespace

const SetMethods::Method* SetMethods::Find(std::string_view name) {
  auto found = std::ranges::find(kSetMethods, name, &Method::name);
  return found == std::end(kSetMethods) ? nullptr : found;
}

Result<Set> Set::From(List items) {
  Set set;
  for (Value& item : items) {
    if (!item.Hashable()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("'{}' cannot be in a set", item.type_name()));
    }
    if (set.members_.Find(item) == nullptr) set.members_.Set(std::move(item), Value(true));
  }
  return set;
}

Result<Value> Set::Make(const Value& iterable) {
  SMELT_ASSIGN(List items, Iterate(iterable));
  SMELT_ASSIGN(Set set, From(std::move(items)));
  return Wrapped(std::move(set));
}

Value Set::Without(const Set& other) const {
  Set kept;
  for (const auto& [item, present] : members_.entries()) {
    if (!other.Has(item)) kept.members_.Set(item, Value(true));
  }
  return Wrapped(std::move(kept));
}

bool Set::IsSubsetOf(const Set& other) const {
  return std::ranges::all_of(members_.entries(), [&](const Dict::Entry& entry) { return other.Has(entry.first); });
}

std::string Set::ToText() const {
  if (members_.empty()) return "set()";
  std::string listed = Value::MakeList(*Members()).Repr();
  return "{" + listed.substr(1, listed.size() - 2) + "}";
}

bool Set::Equals(const Object& other) const {
  const auto* set = dynamic_cast<const Set*>(&other);
  return set != nullptr && set->members_.size() == members_.size() && IsSubsetOf(*set);
}

std::optional<Value> Set::Attribute(std::string_view name) {
  const SetMethods::Method* method = SetMethods::Find(name);
  if (method == nullptr) return std::nullopt;
  auto self = std::static_pointer_cast<Set>(shared_from_this());
  auto body = [self, method](Interpreter&, Arguments arguments) -> Result<Value> {
    std::size_t count = arguments.positional.size();
    if (!arguments.named.empty() || count < method->arguments_min || count > method->arguments_max) {
      return Fail(ErrorCode::kJinjaType, fmt::format("{}() takes {} arguments", method->name, method->arguments_min));
    }
    return method->run(*self, arguments.positional);
  };
  return Function::Make(std::string(name), std::move(body), {Value(self)});
}

std::optional<List> Set::Members() const {
  List members;
  members.reserve(members_.size());
  for (const auto& [item, present] : members_.entries()) members.push_back(item);
  return members;
}

Result<std::optional<bool>> Set::Contains(const Value& item) const {
  if (item.Hashable()) return std::optional<bool>(Has(item));
  return Fail(ErrorCode::kJinjaType, fmt::format("'{}' cannot be in a set", item.type_name()));
}

Result<std::optional<Value>> Set::Calculate(Operator operation, const Value& other, bool is_left) const {
  auto set = other.As<Set>();
  if (operation != Operator::kSubtract || set == nullptr || !is_left) return std::optional<Value>();
  return std::optional<Value>(Without(*set));
}

std::optional<bool> Set::Satisfies(Operator operation, const Object& other) const {
  const auto* set = dynamic_cast<const Set*>(&other);
  if (set == nullptr) return std::nullopt;
  bool proper = members_.size() != set->members_.size();
  switch (operation) {
    case Operator::kLess: return proper && IsSubsetOf(*set);
    case Operator::kLessEqual: return IsSubsetOf(*set);
    case Operator::kGreater: return proper && set->IsSubsetOf(*this);
    default: return set->IsSubsetOf(*this);
  }
}

}  // namespace smelt::transform::jinja
