#include "transform/internal/selection/state_compare.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "transform/internal/selection/contract_compare.h"

namespace smelt::transform {
namespace {

using Keys = std::initializer_list<std::string_view>;

std::string AnyTextAt(const Json& object, std::string_view key) {
  const Json& value = ValueAt(object, key);
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? std::string() : JsonText(value);
}

/// Without what says nothing: nulls, empty lists and maps.
Json WithoutEmpty(const Json& value) {
  if (!value.is_object()) return value;
  Json kept = Json::object();
  for (const auto& [key, part] : value.items()) {
    Json inner = WithoutEmpty(part);
    const bool is_empty = inner.is_null() || (inner.is_structured() && inner.empty());
    if (!is_empty) kept[key] = std::move(inner);
  }
  return kept;
}

/// Whether a value says nothing.
bool IsNothing(const Json& value) {
  return value.is_null() || (value.is_structured() && value.empty()) ||
         (value.is_string() && value.get_ref<const std::string&>().empty());
}

/// Whether two maps say the same.
bool SayTheSame(const Json& left, const Json& right) {
  const Json now = WithoutEmpty(left), before = WithoutEmpty(right);
  return (IsNothing(now) && IsNothing(before)) || SameJson(now, before);
}

/// A configuration as it is written, as far as it is compared.
Json Comparable(const Json& unrendered, Keys left_out) {
  Json kept = Json::object();
  const Json full = WithoutEmpty(unrendered);
  for (const auto& [key, value] : full.items()) {
    if (std::ranges::find(left_out, key) != left_out.end()) continue;
    kept[key == "pre_hook" ? "pre-hook" : key == "post_hook" ? "post-hook" : key] = value;
  }
  return kept;
}

bool SameConfig(const Json& unrendered, const Json& old, Keys left_out) {
  return SameJson(Comparable(unrendered, left_out), Comparable(ValueAt(old, "unrendered_config"), left_out));
}

bool SameConfig(const Node& node, const Json& old) {
  // Names are part of the relation, tags and groups of nothing that is built.
  return SameConfig(node.unrendered_config, old, {"alias", "schema", "database", "tags", "group"});
}

bool SameRelation(const Node& node, const Json& old) {
  const Json& before = ValueAt(old, "unrendered_config");
  return std::ranges::all_of(std::array{"database", "schema", "alias"}, [&](const char* key) {
    return SameJson(ValueAt(node.unrendered_config, key), ValueAt(before, key));
  });
}

bool SameFqn(const std::vector<std::string>& fqn, const Json& old) {
  return ValueAt(old, "fqn") == Json(fqn);
}

bool SameBody(const Node& node, const Json& old) {
  if (node.type == ResourceType::kGenericTest) return true;  // its id is made of it
  if (node.type != ResourceType::kSeed) return node.raw_sql == AnyTextAt(old, "raw_code");
  const Json& checksum = ValueAt(old, "checksum");
  // dbt does not read large seeds: it knows them by their path only.
  if (AnyTextAt(checksum, "name") == "path") return AnyTextAt(checksum, "checksum").ends_with(node.original_file);
  return AnyTextAt(checksum, "checksum") == node.checksum;
}

bool SamePersistedDescription(const Node& node, const Json& old) {
  const Json& persisted = ValueAt(node.config.all, "persist_docs");
  if (ValueAt(persisted, "relation") == true && node.description != AnyTextAt(old, "description")) return false;
  if (ValueAt(persisted, "columns") != true) return true;
  std::map<std::string, std::string> now, before;
  for (const Column& column : node.columns) now[column.name] = column.description;
  if (const Json& columns = ValueAt(old, "columns"); columns.is_object()) {
    for (const auto& [name, column] : columns.items()) before[name] = AnyTextAt(column, "description");
  }
  return now == before;
}

/// What refs to a model depend on.
bool SameReference(const Node& node, const Json& old) {
  if (node.type != ResourceType::kModel) return true;
  const std::string access = AnyTextAt(node.config.all, "access"), before = AnyTextAt(old, "access");
  constexpr std::size_t kDay = 10;  // "2026-01-31", with or without a time behind it
  return node.latest_version == AnyTextAt(old, "latest_version") &&
         (access.empty() ? "protected" : access) == (before.empty() ? "protected" : before) &&
         node.deprecation_date.substr(0, kDay) == AnyTextAt(old, "deprecation_date").substr(0, kDay);
}

/// A unit test without what it is called and described.
Json UnitTestText(const Json& test) {
  Json text = Json::object();
  for (const char* key : {"model", "given", "expect", "overrides", "versions"}) {
    const Json& value = ValueAt(test, key);
    text[key] = value;
    if (!value.is_array()) text[key] = WithoutEmpty(value);
  }
  for (Json& given : text["given"]) given = WithoutEmpty(given);
  return text;
}

bool SameSourceRelation(const SourceTable& source, const Json& old) {
  return source.relation.schema == AnyTextAt(old, "schema") &&
         source.relation.identifier == AnyTextAt(old, "identifier");
}

bool SameSource(const SourceTable& source, const Json& old) {
  return SameSourceRelation(source, old) && SameFqn(source.fqn, old) &&
         SameConfig(source.unrendered_config, old, {"tags"}) &&
         SayTheSame(source.freshness, ValueAt(old, "freshness")) &&
         source.loaded_at_field == AnyTextAt(old, "loaded_at_field") &&
         SayTheSame(source.external, ValueAt(old, "external"));
}

constexpr std::string_view kExposureKeys[] = {"type", "owner", "maturity", "url", "description", "label"};
constexpr std::string_view kMetricKeys[] = {"type", "description", "label"};
constexpr std::string_view kSemanticModelKeys[] = {"model",      "description", "defaults",       "entities",
                                                   "dimensions", "measures",    "primary_entity", "label"};
constexpr std::string_view kSavedQueryKeys[] = {"query_params", "description", "label", "exports"};

/// What of each kind of description is compared.
std::span<const std::string_view> ComparedKeys(std::string_view type) {
  if (type == "exposure") return kExposureKeys;
  if (type == "metric") return kMetricKeys;
  if (type == "semantic_model") return kSemanticModelKeys;
  return kSavedQueryKeys;
}

/// Without the values that are there because nobody said anything else.
Json Essence(const Json& value) {
  if (value.is_array()) {
    Json list = Json::array();
    for (const Json& item : value) list.push_back(Essence(item));
    return list;
  }
  Json kept = WithoutEmpty(value);
  if (!kept.is_object()) return kept;
  for (auto& [key, part] : kept.items()) part = Essence(part);
  return kept;
}

/// Whether everything that is written now was there before with the same value; dbt's manifests have more.
bool Covers(const Json& before, const Json& now) {
  if (now.is_array()) {
    return before.is_array() && before.size() == now.size() &&
           std::ranges::equal(before, now, [](const Json& a, const Json& b) { return Covers(a, b); });
  }
  if (!now.is_object()) return before == now || (now.is_string() && Json(AnyTextAt(Json{{"v", before}}, "v")) == now);
  if (!before.is_object()) return now.empty();
  return std::ranges::all_of(now.items(),
                             [&](const auto& item) { return Covers(ValueAt(before, item.key()), item.value()); });
}

bool SameDescribed(const Described& described, const Json& old) {
  for (const std::string_view key : ComparedKeys(described.type)) {
    const Json now = Essence(ValueAt(described.body, key)), before = Essence(ValueAt(old, key));
    if (IsNothing(now) ? !IsNothing(before) : !Covers(before, now)) return false;
  }
  if (described.type != "exposure") return true;
  const std::set<std::string> now(described.depends_on.begin(), described.depends_on.end());
  std::set<std::string> before;
  for (const Json& id : ValueAt(ValueAt(old, "depends_on"), "nodes")) before.insert(id.get<std::string>());
  return now == before && SameFqn(described.fqn, old);
}

/// Whether a member is a node in the narrow sense: unit tests have no body, relation and contract of their own.
bool IsNode(const Member& member) {
  return member.node != nullptr && member.node->type != ResourceType::kUnitTest;
}

}  // namespace

bool SameJson(const Json& left, const Json& right) {
  if (left.is_object() && right.is_object()) {
    return left.size() == right.size() && std::ranges::all_of(left.items(), [&](const auto& item) {
             const auto other = right.find(item.key());
             return other != right.end() && SameJson(item.value(), *other);
           });
  }
  if (left.is_array() && right.is_array()) return std::ranges::equal(left, right, SameJson);
  return left == right;
}

bool StateComparison::IsOtherNode(const Node& node, const Json& old) const {
  if (node.type == ResourceType::kUnitTest) return !SameJson(UnitTestText(node.unit_test), UnitTestText(old));
  if (node.type == ResourceType::kGenericTest) return !SameConfig(node, old) || !SameFqn(node.fqn, old);
  return !SameBody(node, old) || !SameConfig(node, old) || !SamePersistedDescription(node, old) ||
         !SameFqn(node.fqn, old) || !SameRelation(node, old) || !SameContract(node, old) || !SameReference(node, old);
}

bool StateComparison::IsModified(const Member& member) const {
  const Json* old = Previous(member);
  if (member.node == nullptr) {
    if (old == nullptr) return false;
    return member.source != nullptr ? !SameSource(*member.source, *old)
                                    : !SameDescribed(*member.described, *old) || HasOtherConfig(member);
  }
  return old == nullptr || IsOtherNode(*member.node, *old) || HasOtherMacros(member);
}

bool StateComparison::HasOtherBody(const Member& member) const {
  if (!IsNode(member)) return false;
  const Json* old = Previous(member);
  return old == nullptr || !SameBody(*member.node, *old);
}

bool StateComparison::HasOtherConfig(const Member& member) const {
  if (member.node != nullptr && !IsNode(member)) return false;
  const Json* old = Previous(member);
  if (old == nullptr) return true;
  if (member.node != nullptr) return !SameConfig(*member.node, *old);
  if (member.source != nullptr) return !SameConfig(member.source->unrendered_config, *old, {"tags"});
  return !SameConfig(member.described->unrendered_config, *old, {"group", "tags"});
}

bool StateComparison::HasOtherRelation(const Member& member) const {
  const Json* old = Previous(member);
  if (member.source != nullptr) return old == nullptr || !SameSourceRelation(*member.source, *old);
  return IsNode(member) && (old == nullptr || !SameRelation(*member.node, *old));
}

bool StateComparison::HasOtherPersistedDescription(const Member& member) const {
  const Json* old = Previous(member);
  return IsNode(member) && (old == nullptr || !SamePersistedDescription(*member.node, *old));
}

bool StateComparison::HasOtherContract(const Member& member) const {
  const Json* old = Previous(member);
  return IsNode(member) && (old == nullptr || !SameContract(*member.node, *old));
}

bool StateComparison::IsOtherMacro(const MacroEntry& macro) const {
  if (macro.package == kBuiltInPackage) return false;
  const auto [known, is_new] = macros_.try_emplace(&macro, false);  // macros may call each other in a circle
  if (!is_new) return known->second;
  const auto old = previous_.MacroText(macro.unique_id);
  bool is_other = !old || *old != macro.Text();
  for (const MacroEntry* used : macro.depends_on) is_other = is_other || IsOtherMacro(*used);
  macros_[&macro] = is_other;
  return is_other;
}

bool StateComparison::HasOtherMacros(const Member& member) const {
  if (member.node == nullptr) return false;
  const Node& node = *member.node;
  constexpr std::string_view kPrefix = "macro.";
  for (const std::string& id : node.macros) {
    const std::size_t dot = id.find('.', kPrefix.size());
    if (dot == std::string::npos) continue;
    const MacroEntry* macro =
        project_.macros.FindIn(id.substr(kPrefix.size(), dot - kPrefix.size()), id.substr(dot + 1));
    if (macro != nullptr && IsOtherMacro(*macro)) return true;
  }
  if (node.type != ResourceType::kGenericTest) return false;
  const std::string name = "test_" + node.test_name;
  const MacroEntry* test = node.test_namespace.empty() ? project_.macros.Find(name, node.package)
                                                       : project_.macros.FindIn(node.test_namespace, name);
  return test != nullptr && IsOtherMacro(*test);
}

}  // namespace smelt::transform
