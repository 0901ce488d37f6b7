#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// Python's set. Its order is that of insertion, where Python's depends on hashes.
class Set final : public Object {
 public:
  Set() = default;
  Set(Set&& other) noexcept : members_(std::move(other.members_)) {}

  /// The distinct members of `items`. Errors: kJinjaType for what cannot be hashed.
  static Result<Set> From(List items);
  /// Python's set(value). Errors: kJinjaType.
  static Result<Value> Make(const Value& iterable);

  bool Has(const Value& item) const { return item.Hashable() && members_.Find(item) != nullptr; }
  /// The members that `other` does not have.
  Value Without(const Set& other) const;
  bool IsSubsetOf(const Set& other) const;

  std::string type_name() const override { return "set"; }
  std::string ToText() const override;
  bool Truthy() const override { return !members_.empty(); }
  bool Equals(const Object& other) const override;
  bool hashable() const override { return false; }
  std::optional<Value> Attribute(std::string_view name) override;
  std::optional<List> Members() const override;
  std::optional<std::int64_t> Length() const override { return static_cast<std::int64_t>(members_.size()); }
  Result<std::optional<bool>> Contains(const Value& item) const override;
  Result<std::optional<Value>> Calculate(Operator operation, const Value& other, bool is_left) const override;
  std::optional<bool> Satisfies(Operator operation, const Object& other) const override;
  List Held() const override { return *Members(); }

 private:
  friend struct SetMethods;

  Dict members_;
};

}  // namespace smelt::transform::jinja
