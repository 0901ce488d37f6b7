#include "quality/contract.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "base/config.h"
#include "base/file.h"
#include "quality/internal/contract_keys.h"
#include "quality/internal/contract_references.h"

namespace smelt::quality {
namespace {

constexpr auto kComparisons =
    std::to_array<std::string_view>({"mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo",
                                     "mustBeLessThan", "mustBeLessOrEqualTo", "mustBeBetween", "mustNotBeBetween"});

/// Keys whose change breaks nobody: for people, catalogues and other programs.
constexpr auto kNotes = std::to_array<std::string_view>(
    {"description", "tags", "businessName", "classification", "examples", "authoritativeDefinitions",
     "customProperties", "dataGranularityDescription", "criticalDataElement", "transformLogic", "transformDescription",
     "transformSourceObjects", "encryptedName"});

/// The text under a key whose type is checked already; empty when there is none.
std::string TextOf(const ConfigNode& node, std::string_view key) {
  const auto value = node.Find(key);
  return value && !value->is_null() ? value->AsString().value_or("") : std::string();
}

bool FlagOf(const ConfigNode& node, std::string_view key) {
  return node.BoolOr(key, false).value_or(false);
}

Json JsonOf(const ConfigNode& node, std::string_view key) {
  const auto value = node.Find(key);
  return value ? value->ToJson() : Json();
}

Json NotesOf(const ConfigNode& node) {
  Json notes = Json::object();
  for (const std::string_view key : kNotes) {
    if (node.Find(key)) notes[std::string(key)] = JsonOf(node, key);
  }
  return notes;
}

std::vector<ConfigNode> ItemsOf(const ConfigNode& node, std::string_view key) {
  const auto list = node.Find(key);
  return list ? list->items() : std::vector<ConfigNode>();
}

Status ReadComparison(const ConfigNode& node, ContractRule& rule) {
  for (const std::string_view key : kComparisons) {
    const auto value = node.Find(key);
    if (!value || value->is_null()) continue;
    if (!rule.comparison.empty()) {
      return Fail(
          value
              ->ErrorHere(ErrorCode::kConfigValueInvalid,
                          fmt::format("a rule has one comparison, and this one has {} and {}", rule.comparison, key))
              .Hint("make two rules of it, or use mustBeBetween"));
    }
    rule.comparison = key;
    if (!value->is_list()) {
      rule.bounds = {value->AsDouble().value_or(0)};
      continue;
    }
    for (const ConfigNode& bound : value->items()) rule.bounds.push_back(bound.AsDouble().value_or(0));
    if (rule.bounds.size() != 2 || rule.bounds[0] > rule.bounds[1]) {
      return Fail(
          value->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} takes two bounds, the lower first", key)));
    }
  }
  return {};
}

Result<ContractRule> ReadRule(const ConfigNode& node) {
  ContractRule rule;
  rule.line = node.line();
  rule.metric = TextOf(node, node.Find("metric") ? "metric" : "rule");
  rule.query = TextOf(node, "query");
  rule.type = TextOf(node, "type");
  if (rule.type.empty()) rule.type = !rule.query.empty() ? "sql" : !rule.metric.empty() ? "library" : "text";
  rule.severity = TextOf(node, "severity");
  rule.percent = TextOf(node, "unit") == "percent";
  if (node.Find("arguments")) rule.arguments = JsonOf(node, "arguments");
  for (const char* key : {"name", "description"}) {
    if (rule.name.empty()) rule.name = TextOf(node, key);
  }
  if (rule.name.empty()) rule.name = rule.metric.empty() ? rule.type : rule.metric;
  SMELT_TRY(ReadComparison(node, rule));
  const auto fail = [&](std::string problem, std::string hint) {
    return Fail(node.ErrorHere(ErrorCode::kConfigKeyMissing, std::move(problem)).Hint(std::move(hint)));
  };
  if (rule.type == "library" && rule.metric.empty()) {
    return fail("a rule of the library names no metric",
                "add metric: nullValues, missingValues, invalidValues, "
                "duplicateValues or rowCount");
  }
  if (rule.type == "sql" && rule.query.empty()) return fail("a rule of type sql has no query", "add query: select …");
  const bool compares = rule.type == "sql" || rule.metric == "rowCount";
  if (compares && rule.comparison.empty()) {
    return fail(fmt::format("the rule \"{}\" does not say what its value must be", rule.name),
                "add mustBe, mustBeGreaterThan, mustBeBetween, …");
  }
  return rule;
}

Result<std::vector<ContractRule>> ReadRules(const ConfigNode& node) {
  std::vector<ContractRule> rules;
  for (const ConfigNode& item : ItemsOf(node, "quality")) {
    SMELT_ASSIGN(ContractRule rule, ReadRule(item));
    rules.push_back(std::move(rule));
  }
  return rules;
}

/// Whether a lower bound is above the upper one: of numbers, or of dates and times as ISO 8601 writes them.
bool IsAbove(const ConfigNode& low, const ConfigNode& high) {
  const auto number_low = low.AsDouble();
  const auto number_high = high.AsDouble();
  if (number_low && number_high) return *number_low > *number_high;
  if (number_low || number_high) return false;
  const std::string text_low = low.AsString().value_or("");
  const std::string text_high = high.AsString().value_or("");
  return text_low.size() == text_high.size() && text_low > text_high;
}

Status CheckBounds(const ConfigNode& options) {
  constexpr auto kPairs =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"minLength", "maxLength"},
                                                                    {"minItems", "maxItems"},
                                                                    {"minProperties", "maxProperties"},
                                                                    {"minimum", "maximum"},
                                                                    {"minimum", "exclusiveMaximum"},
                                                                    {"exclusiveMinimum", "maximum"},
                                                                    {"exclusiveMinimum", "exclusiveMaximum"}});
  for (const auto& [lower, upper] : kPairs) {
    const auto low = options.Find(lower);
    const auto high = options.Find(upper);
    if (!low || !high || low->is_null() || high->is_null() || !IsAbove(*low, *high)) continue;
    return Fail(low->ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("{} {} is greater than {} {}: no value is within", lower,
                                           low->AsString().value_or(""), upper, high->AsString().value_or("")))
                    .Hint("swap the two, or remove one"));
  }
  return {};
}

Result<std::vector<ContractProperty>> ReadProperties(const ConfigNode& node);

Result<ContractProperty> ReadProperty(const ConfigNode& node) {
  ContractProperty property;
  property.line = node.line();
  property.id = TextOf(node, "id");
  property.name = TextOf(node, "name");
  property.physical_name = TextOf(node, "physicalName");
  if (property.physical_name.empty()) property.physical_name = property.name;
  property.logical_type = TextOf(node, "logicalType");
  property.physical_type = TextOf(node, "physicalType");
  property.required = FlagOf(node, "required");
  property.unique = FlagOf(node, "unique");
  property.primary_key = FlagOf(node, "primaryKey");
  SMELT_ASSIGN(property.key_position, node.IntOr("primaryKeyPosition", 0));
  if (const auto options = node.Find("logicalTypeOptions")) {
    SMELT_TRY(CheckBounds(*options));
    property.options = options->ToJson();
  }
  property.description = NotesOf(node);
  SMELT_ASSIGN(property.rules, ReadRules(node));
  SMELT_ASSIGN(property.properties, ReadProperties(node));
  if (const auto items = node.Find("items")) {
    SMELT_ASSIGN(ContractProperty item, ReadProperty(*items));
    item.name = "items";
    property.properties.push_back(std::move(item));
  }
  return property;
}

Result<std::vector<ContractProperty>> ReadProperties(const ConfigNode& node) {
  std::vector<ContractProperty> properties;
  for (const ConfigNode& item : ItemsOf(node, "properties")) {
    SMELT_ASSIGN(ContractProperty property, ReadProperty(item));
    const auto same = std::ranges::find(properties, property.name, &ContractProperty::name);
    if (same != properties.end()) {
      return Fail(item.ErrorHere(ErrorCode::kConfigValueInvalid,
                                 fmt::format("\"{}\" is there twice, first in line {}", property.name, same->line))
                      .Hint("remove or rename one of the two"));
    }
    properties.push_back(std::move(property));
  }
  return properties;
}

Result<ContractSla> ReadSla(const ConfigNode& node) {
  constexpr std::array<std::string_view, 4> kOfTime = {"latency", "freshness", "frequency", "retention"};
  ContractSla sla;
  sla.line = node.line();
  sla.property = TextOf(node, "property");
  sla.value = JsonOf(node, "value");
  sla.value_extension = JsonOf(node, "valueExt");
  sla.unit = TextOf(node, "unit");
  sla.element = TextOf(node, "element");
  if (std::ranges::find(kOfTime, sla.property) == kOfTime.end()) return sla;
  const std::string text = TextOf(node, "value");
  const bool is_length = sla.value.is_number()
                             ? sla.value.get<double>() >= 0
                             : !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) != 0;
  if (is_length) return sla;
  return Fail(node.Find("value")
                  .value_or(node)
                  .ErrorHere(ErrorCode::kConfigValueInvalid,
                             fmt::format("'{}' is no length of time that {} can have", text, sla.property))
                  .Hint("write a number and its unit: {value: 7, unit: d}"));
}

Status ReadObjects(const ConfigNode& root, DataContract& contract) {
  for (const ConfigNode& item : ItemsOf(root, "schema")) {
    ContractObject object;
    object.line = item.line();
    object.id = TextOf(item, "id");
    object.name = TextOf(item, "name");
    object.physical_name = TextOf(item, "physicalName");
    if (object.physical_name.empty()) object.physical_name = object.name;
    object.description = NotesOf(item);
    SMELT_ASSIGN(object.properties, ReadProperties(item));
    SMELT_ASSIGN(object.rules, ReadRules(item));
    SMELT_ASSIGN(object.references, ReadReferences(item, ""));
    for (const ConfigNode& column : ItemsOf(item, "properties")) {
      SMELT_ASSIGN(const auto references, ReadReferences(column, TextOf(column, "name")));
      object.references.insert(object.references.end(), references.begin(), references.end());
    }
    const auto same = std::ranges::find(contract.objects, object.name, &ContractObject::name);
    if (same != contract.objects.end()) {
      return Fail(item.ErrorHere(ErrorCode::kConfigValueInvalid,
                                 fmt::format("\"{}\" is there twice, first in line {}", object.name, same->line)));
    }
    contract.objects.push_back(std::move(object));
  }
  ResolveReferences(contract.objects);
  return {};
}

Status CheckVersion(const ConfigNode& root) {
  SMELT_ASSIGN(const ConfigNode version, root.Require("apiVersion"));
  if (!TextOf(root, "apiVersion").starts_with("v3.")) {
    return Fail(version
                    .ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("contracts of version {} are not read", TextOf(root, "apiVersion")))
                    .Hint("write the contract by version v3.1.0 of the Open Data Contract Standard"));
  }
  SMELT_ASSIGN(const ConfigNode kind, root.Require("kind"));
  if (TextOf(root, "kind") == "DataContract") return {};
  return Fail(
      kind.ErrorHere(ErrorCode::kConfigValueInvalid, "the file is no data contract").Hint("write kind: DataContract"));
}

Result<DataContract> ReadContract(const ConfigNode& root) {
  SMELT_TRY(CheckContractBlock(root, "contract"));
  SMELT_TRY(CheckVersion(root));
  DataContract contract;
  contract.file = root.file();
  contract.api_version = TextOf(root, "apiVersion");
  contract.id = TextOf(root, "id");
  contract.name = TextOf(root, "name");
  if (contract.name.empty()) contract.name = contract.id;
  contract.version = TextOf(root, "version");
  contract.status = TextOf(root, "status");
  contract.team = JsonOf(root, "team");
  contract.roles = JsonOf(root, "roles");
  contract.description = NotesOf(root);
  SMELT_TRY(ReadObjects(root, contract));
  for (const ConfigNode& item : ItemsOf(root, "slaProperties")) {
    SMELT_ASSIGN(ContractSla sla, ReadSla(item));
    if (sla.element.empty()) sla.element = TextOf(root, "slaDefaultElement");
    contract.sla.push_back(std::move(sla));
  }
  for (const ConfigNode& item : ItemsOf(root, "servers")) {
    contract.servers.push_back(
        {TextOf(item, "server"), TextOf(item, "type"), TextOf(item, "schema"), item.ToJson(), item.line()});
  }
  return contract;
}

}  // namespace

Result<DataContract> ParseContract(std::string_view text, const std::string& file) {
  SMELT_ASSIGN(const ConfigNode root,
               file.ends_with(".json") ? ConfigNode::ParseJsonText(text, file) : ConfigNode::ParseYaml(text, file));
  return ReadContract(root);
}

Result<DataContract> LoadContract(const std::string& path) {
  SMELT_ASSIGN(const ConfigNode root, ConfigNode::ReadFile(path));
  return ReadContract(root);
}

}  // namespace smelt::quality
