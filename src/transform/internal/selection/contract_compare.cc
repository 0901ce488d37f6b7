#include "transform/internal/selection/contract_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/ascii.h"

namespace smelt::transform {
namespace {

/// A constraint, as far as it is told apart: manifests of dbt hold keys that nobody set.
std::map<std::string, std::string> ConstraintText(const Json& constraint) {
  std::map<std::string, std::string> text;
  for (const auto& [key, value] : constraint.items()) {
    const bool is_unset = value.is_null() || (value.is_array() && value.empty()) || value == true;
    if (!is_unset) text[key] = value.is_string() ? value.get<std::string>() : JsonText(value);
  }
  return text;
}

using Constraints = std::vector<std::map<std::string, std::string>>;

Constraints ConstraintTexts(const Json& list) {
  Constraints texts;
  for (const Json& constraint : list) {
    if (constraint.is_object()) texts.push_back(ConstraintText(constraint));
  }
  return texts;
}

struct Promise {
  std::string type;
  Constraints constraints;
  bool operator==(const Promise&) const = default;
};

/// What is promised, by column.
using Promises = std::map<std::string, Promise>;

Promises PromisesOf(const Node& node) {
  Promises promises;
  for (const Column& column : node.columns) {
    promises[column.name] = {column.data_type, ConstraintTexts(column.constraints)};
  }
  return promises;
}

Promises PromisesOf(const Json& old) {
  Promises promises;
  const Json& columns = ValueAt(old, "columns");
  if (!columns.is_object()) return promises;
  for (const auto& [name, column] : columns.items()) {
    promises[name] = {TextAt(column, "data_type"), ConstraintTexts(ValueAt(column, "constraints"))};
  }
  return promises;
}

bool IsEnforced(const Node& node) {
  return ValueAt(ValueAt(node.config.all, "contract"), "enforced") == true;
}

/// Whether a materialisation makes tables, which can hold rows to constraints.
bool Constrains(std::string_view materialized) {
  return materialized == "table" || materialized == "incremental";
}

/// "varchar" of "VARCHAR(10)": sizes are no promise.
std::string BaseType(const std::string& type) {
  std::string base = type.substr(0, type.find('('));
  while (base.ends_with(' ')) base.pop_back();
  return LowerAscii(base);
}

/// Those of `before` that are gone and that tables are held to.
std::vector<std::string> Removed(const Constraints& before, const Constraints& now) {
  constexpr std::array<std::string_view, 5> kHeld = {"check", "not_null", "unique", "primary_key", "foreign_key"};
  std::vector<std::string> removed;
  for (const auto& constraint : before) {
    const auto type = constraint.find("type");
    if (type == constraint.end() || std::ranges::find(kHeld, type->second) == kHeld.end()) continue;
    if (std::ranges::find(now, constraint) == now.end()) removed.push_back(type->second);
  }
  return removed;
}

void AddColumnChanges(const Promises& before, const Promises& now, bool was_held, std::vector<std::string>& changes) {
  for (const auto& [name, promise] : before) {
    const auto current = now.find(name);
    if (current == now.end()) {
      changes.push_back(fmt::format("the column {} is gone", name));
      continue;
    }
    if (BaseType(promise.type) != BaseType(current->second.type)) {
      changes.push_back(fmt::format("the column {} was {} and is {}", name, promise.type, current->second.type));
    }
    if (!was_held) continue;
    for (const std::string& type : Removed(promise.constraints, current->second.constraints)) {
      changes.push_back(fmt::format("the column {} has no {} constraint any more", name, type));
    }
  }
}

}  // namespace

bool WasEnforced(const Json& old) {
  return ValueAt(ValueAt(old, "contract"), "enforced") == true ||
         ValueAt(ValueAt(ValueAt(old, "config"), "contract"), "enforced") == true;
}

bool SameContract(const Node& node, const Json& old) {
  if (node.type != ResourceType::kModel) return true;
  const bool is_enforced = IsEnforced(node);
  if (is_enforced != WasEnforced(old)) return false;
  if (!is_enforced) return true;
  if (PromisesOf(node) != PromisesOf(old)) return false;
  const std::string before = TextAt(ValueAt(old, "config"), "materialized");
  const std::string& now = node.config.materialized;
  if (!Constrains(now) && !Constrains(before)) return true;
  return now == before && ConstraintTexts(node.constraints) == ConstraintTexts(ValueAt(old, "constraints"));
}

std::vector<std::string> BreakingChanges(const Node& node, const Json& old) {
  std::vector<std::string> changes;
  if (node.type != ResourceType::kModel || !WasEnforced(old)) return changes;
  if (!IsEnforced(node)) changes.emplace_back("the contract is not enforced any more");
  const std::string before = TextAt(ValueAt(old, "config"), "materialized");
  const Promises promised = PromisesOf(old);
  const Constraints constraints = ConstraintTexts(ValueAt(old, "constraints"));
  AddColumnChanges(promised, PromisesOf(node), Constrains(before), changes);
  if (!Constrains(before)) return changes;
  for (const std::string& type : Removed(constraints, ConstraintTexts(node.constraints))) {
    changes.push_back(fmt::format("the model has no {} constraint any more", type));
  }
  const bool had_some = !constraints.empty() || std::ranges::any_of(promised, [](const auto& column) {
    return !column.second.constraints.empty();
  });
  if (had_some && !Constrains(node.config.materialized)) {
    changes.push_back(fmt::format("it was a {} with constraints and is a {}", before, node.config.materialized));
  }
  return changes;
}

}  // namespace smelt::transform
