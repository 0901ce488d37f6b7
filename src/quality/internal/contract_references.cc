#include "quality/internal/contract_references.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace smelt::quality {
namespace {

/// One end of a relationship.
struct Place {
  std::string object, property;
  bool elsewhere = false;
};

/// "orders.id", "schema/orders/properties/id", "customers.yml#/schema/people/properties/id".
std::optional<Place> ParsePlace(std::string_view text) {
  Place place;
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
    place.elsewhere = true;
    text.remove_prefix(hash + 1);
  }
  while (text.starts_with('/')) text.remove_prefix(1);
  constexpr std::string_view kSchema = "schema/";
  constexpr std::string_view kProperties = "/properties/";
  if (text.starts_with(kSchema)) {
    text.remove_prefix(kSchema.size());
    const std::size_t end = text.find(kProperties);
    if (end == std::string_view::npos) return std::nullopt;
    place.object = text.substr(0, end);
    place.property = text.substr(end + kProperties.size());
    for (std::size_t at = place.property.find(kProperties); at != std::string::npos;
         at = place.property.find(kProperties)) {
      place.property.replace(at, kProperties.size(), ".");
    }
  } else {
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    place.object = text.substr(0, dot);
    place.property = text.substr(dot + 1);
  }
  if (place.object.empty() || place.property.empty()) return std::nullopt;
  return place;
}

Error Wrong(const ConfigNode& node, std::string problem) {
  return node.ErrorHere(ErrorCode::kConfigValueInvalid, std::move(problem))
      .Hint(
          "write it as {from: orders.customer_id, to: customers.id}, or lists of as many columns on both sides; "
          "a relationship of a column has no from");
}

Result<std::vector<Place>> ReadEnd(const ConfigNode& relationship, std::string_view key) {
  SMELT_ASSIGN(const ConfigNode node, relationship.Require(key));
  SMELT_ASSIGN(const std::vector<std::string> texts, node.AsStringList());
  std::vector<Place> places;
  for (const std::string& text : texts) {
    auto place = ParsePlace(text);
    if (!place) return Fail(Wrong(node, fmt::format("'{}' names no column of a table", text)));
    places.push_back(std::move(*place));
  }
  if (places.empty()) return Fail(Wrong(node, fmt::format("'{}' names no column", key)));
  const bool same = std::ranges::all_of(places, [&](const Place& place) { return place.object == places[0].object; });
  if (!same) return Fail(Wrong(node, fmt::format("'{}' names columns of several tables", key)));
  return places;
}

Result<ContractReference> ReadReference(const ConfigNode& node, const std::string& property) {
  if (!node.is_map()) return Fail(Wrong(node, "a relationship must be a map"));
  SMELT_TRY(node.AllowKeys({"id", "type", "from", "to", "description", "tags", "customProperties"}));
  ContractReference reference;
  reference.line = node.line();
  SMELT_ASSIGN(const std::vector<Place> to, ReadEnd(node, "to"));
  for (const Place& place : to) reference.to.push_back(place.property);
  reference.object = to.front().object;
  reference.elsewhere = to.front().elsewhere;
  if (!property.empty()) {
    if (const auto from = node.Find("from")) return Fail(Wrong(*from, "a relationship of a column starts from it"));
    reference.from = {property};
  } else {
    SMELT_ASSIGN(const std::vector<Place> from, ReadEnd(node, "from"));
    for (const Place& place : from) reference.from.push_back(place.property);
  }
  if (reference.from.size() == reference.to.size()) return reference;
  return Fail(Wrong(node, fmt::format("the relationship leads from {} column{} to {}", reference.from.size(),
                                      reference.from.size() == 1 ? "" : "s", reference.to.size())));
}

/// The thing whose id or name it is.
template <typename Thing>
const Thing* FindNamed(const std::vector<Thing>& things, const std::string& name) {
  const auto by_name = std::ranges::find(things, name, &Thing::name);
  if (by_name != things.end()) return &*by_name;
  const auto by_id = std::ranges::find(things, name, &Thing::id);
  return by_id == things.end() ? nullptr : &*by_id;
}

void NameProperties(const ContractObject& object, std::vector<std::string>& properties) {
  for (std::string& name : properties) {
    if (const ContractProperty* found = FindNamed(object.properties, name)) name = found->name;
  }
}

}  // namespace

std::string ContractReference::Text() const {
  if (to.size() == 1) return fmt::format("{}.{}", object, to[0]);
  return fmt::format("{} ({})", object, fmt::join(to, ", "));
}

Result<std::vector<ContractReference>> ReadReferences(const ConfigNode& node, const std::string& property) {
  std::vector<ContractReference> references;
  const auto list = node.Find("relationships");
  if (!list || list->is_null()) return references;
  if (!list->is_list()) return Fail(Wrong(*list, "'relationships' must be a list"));
  for (const ConfigNode& item : list->items()) {
    SMELT_ASSIGN(ContractReference reference, ReadReference(item, property));
    references.push_back(std::move(reference));
  }
  return references;
}

void ResolveReferences(std::vector<ContractObject>& objects) {
  for (ContractObject& object : objects) {
    for (ContractReference& reference : object.references) {
      NameProperties(object, reference.from);
      const ContractObject* other = reference.elsewhere ? nullptr : FindNamed(objects, reference.object);
      if (other == nullptr) continue;
      reference.object = other->name;
      NameProperties(*other, reference.to);
    }
  }
}

std::string UnmatchedSql(const std::string& child, const std::string& parent,
                         const std::vector<std::pair<std::string, std::string>>& columns) {
  std::vector<std::string> present, same;
  for (const auto& [from, to] : columns) {
    present.push_back(fmt::format("child.{} is not null", from));
    same.push_back(fmt::format("parent.{} = child.{}", to, from));
  }
  return fmt::format(
      "with child as (select * from {}), parent as (select * from {}) select count(*) from child where {} and not "
      "exists (select 1 from parent where {})",
      child, parent, fmt::join(present, " and "), fmt::join(same, " and "));
}

}  // namespace smelt::quality
