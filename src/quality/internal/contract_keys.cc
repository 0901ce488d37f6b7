#include "quality/internal/contract_keys.h"

#include <algorithm>
#include <array>
#include <functional>

#include <fmt/format.h>

#include "quality/contract.h"

namespace smelt::quality {
namespace {

using Kind = ContractKeyKind;

constexpr auto kStatus = std::to_array<std::string_view>({"proposed", "draft", "active", "deprecated", "retired"});
constexpr auto kLogicalTypes = std::to_array<std::string_view>(
    {"string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean"});
constexpr auto kRuleTypes = std::to_array<std::string_view>({"library", "sql", "text", "custom"});
constexpr auto kMetrics =
    std::to_array<std::string_view>({"nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"});
constexpr auto kUnits = std::to_array<std::string_view>({"rows", "percent"});

ContractKey Text(std::string_view name, std::string_view summary, bool required = false) {
  return {name, Kind::kText, summary, required, {}, {}};
}
ContractKey Word(std::string_view name, std::string_view summary, std::span<const std::string_view> words) {
  return {name, Kind::kText, summary, false, {}, words};
}
ContractKey Of(std::string_view name, Kind kind, std::string_view summary) {
  return {name, kind, summary, false, {}, {}};
}
ContractKey Block(std::string_view name, std::string_view block, std::string_view summary) {
  return {name, Kind::kBlock, summary, false, block, {}};
}
ContractKey Blocks(std::string_view name, std::string_view block, std::string_view summary) {
  return {name, Kind::kBlocks, summary, false, block, {}};
}

/// What may stand nearly everywhere, for people and other programs.
std::vector<ContractKey> WithNotes(std::vector<ContractKey> keys) {
  const auto add = [&](ContractKey key) {
    if (std::ranges::find(keys, key.name, &ContractKey::name) == keys.end()) keys.push_back(key);
  };
  add(Text("id", "A name that stays when others change."));
  add(Text("description", "For people."));
  add(Of("tags", Kind::kTexts, "For people and catalogues."));
  add(Of("authoritativeDefinitions", Kind::kAny, "Where more is said."));
  add(Of("customProperties", Kind::kAny, "Anything else."));
  return keys;
}

ContractBlock Contract() {
  return {"contract",
          WithNotes({
              Text("apiVersion", "The version of the standard: v3.0.0 to v3.1.0.", true),
              Text("kind", "DataContract.", true),
              Text("id", "A name that stays when others change.", true),
              Text("name", "What the contract is called."),
              Text("version", "The contract's own version; a breaking change raises its first number.", true),
              {"status", Kind::kText, "How far the contract is.", true, {}, kStatus},
              Text("tenant", "Who owns it."),
              Text("domain", "The domain it belongs to."),
              Text("dataProduct", "The data product it is about."),
              Of("description", Kind::kAny, "Purpose, usage and limitations."),
              Blocks("schema", "object", "The tables."),
              Blocks("servers", "server", "Where the data is."),
              Blocks("slaProperties", "sla", "Promises of service."),
              Text("slaDefaultElement", "The column that promises without an element are about."),
              Of("team", Kind::kAny, "Who to ask."),
              Blocks("roles", "role", "Who may do what."),
              Blocks("support", "support", "Where to ask."),
              Of("price", Kind::kAny, "What it costs."),
              Of("contractCreatedTs", Kind::kScalar, "When the contract was made."),
          })};
}

ContractBlock Object() {
  return {"object",
          WithNotes({
              Text("name", "What the table is called.", true),
              Text("physicalName", "The table in the lake: schema.table."),
              Text("logicalType", "object."),
              Text("physicalType", "table or view."),
              Text("businessName", "What people call it."),
              Text("dataGranularityDescription", "What one row is."),
              Blocks("properties", "property", "The columns."),
              Blocks("quality", "rule", "Rules on the table."),
              Of("relationships", Kind::kAny, "Keys of other tables: [{from: orders.customer_id, to: customers.id}]."),
          })};
}

ContractBlock Property() {
  return {"property", WithNotes({
                          Text("name", "What the column is called.", true),
                          Text("physicalName", "The column in the table, where it has another name."),
                          Word("logicalType", "The family of types.", kLogicalTypes),
                          Block("logicalTypeOptions", "options", "Bounds of the values."),
                          Text("physicalType", "The type as the engine calls it."),
                          Text("businessName", "What people call it."),
                          Of("required", Kind::kFlag, "Every row has a value."),
                          Of("unique", Kind::kFlag, "No value occurs twice."),
                          Of("primaryKey", Kind::kFlag, "Part of what tells rows apart."),
                          Of("primaryKeyPosition", Kind::kInteger, "Its place in the key, from 1."),
                          Of("partitioned", Kind::kFlag, "The table is partitioned by it."),
                          Of("partitionKeyPosition", Kind::kInteger, "Its place among them, from 1."),
                          Of("criticalDataElement", Kind::kFlag, "It matters."),
                          Text("classification", "How confidential it is."),
                          Text("encryptedName", "The column that holds it encrypted."),
                          Of("transformSourceObjects", Kind::kTexts, "What it is made of."),
                          Text("transformLogic", "How it is made."),
                          Text("transformDescription", "How it is made, for people."),
                          Of("examples", Kind::kAny, "Values."),
                          Blocks("properties", "property", "The fields of an object."),
                          Block("items", "item", "What an array holds."),
                          Blocks("quality", "rule", "Rules on the values."),
                          Of("relationships", Kind::kAny, "Keys of other tables: [{to: customers.id}]."),
                      })};
}

ContractBlock Item() {
  ContractBlock item = Property();
  item.name = "item";
  for (ContractKey& key : item.keys) key.required = false;
  return item;
}

ContractBlock Options() {
  return {"options",
          {
              Of("minLength", Kind::kInteger, "Of texts, in characters."),
              Of("maxLength", Kind::kInteger, "Of texts, in characters."),
              Text("pattern", "A regular expression (RE2) that occurs in the text."),
              Text("format", "uuid and email are checked; others are for people."),
              Of("minimum", Kind::kScalar, "The least value."),
              Of("maximum", Kind::kScalar, "The greatest value."),
              Of("exclusiveMinimum", Kind::kScalar, "A bound that values are above."),
              Of("exclusiveMaximum", Kind::kScalar, "A bound that values are below."),
              Of("multipleOf", Kind::kNumber, "Values are multiples of it."),
              Of("minItems", Kind::kInteger, "Of arrays."),
              Of("maxItems", Kind::kInteger, "Of arrays."),
              Of("uniqueItems", Kind::kFlag, "Of arrays."),
              Of("minProperties", Kind::kInteger, "Of objects."),
              Of("maxProperties", Kind::kInteger, "Of objects."),
              Of("required", Kind::kTexts, "Of objects: fields that are there."),
              Of("timezone", Kind::kScalar, "Of times: whether they have a zone."),
              Text("defaultTimezone", "Of times: the zone of those without."),
          }};
}

ContractBlock Rule() {
  return {"rule",
          WithNotes({
              Text("name", "What the rule is called."),
              Word("type", "library (the default), sql, text or custom.", kRuleTypes),
              Word("metric", "What is counted.", kMetrics),
              Word("rule", "The same, by its name before 3.1.", kMetrics),
              Of("arguments", Kind::kAny, "missingValues, validValues, pattern, properties."),
              Text("query", "Of type sql: a query that gives one value; {object} and {property} stand for the names."),
              Of("mustBe", Kind::kNumber, "The value."),
              Of("mustNotBe", Kind::kNumber, "Not the value."),
              Of("mustBeGreaterThan", Kind::kNumber, "A bound that the value is above."),
              Of("mustBeGreaterOrEqualTo", Kind::kNumber, "The least value."),
              Of("mustBeLessThan", Kind::kNumber, "A bound that the value is below."),
              Of("mustBeLessOrEqualTo", Kind::kNumber, "The greatest value."),
              Of("mustBeBetween", Kind::kNumbers, "Two bounds, both within."),
              Of("mustNotBeBetween", Kind::kNumbers, "Two bounds, both without."),
              Word("unit", "rows (the default) or percent of them.", kUnits),
              Text("dimension", "accuracy, completeness, conformity, …"),
              Text("severity", "error (the default); warning and info do not break the contract."),
              Text("businessImpact", "What a broken rule costs."),
              Text("method", "How it is checked."),
              Text("scheduler", "What runs it."),
              Text("schedule", "When it runs."),
              Text("engine", "Of type custom: who judges it."),
              Of("implementation", Kind::kAny, "Of type custom: what the engine reads."),
          })};
}

std::vector<ContractBlock> MakeBlocks() {
  std::vector<ContractBlock> blocks = {Contract(), Object(), Property(), Item(), Options(), Rule()};
  blocks.push_back({"sla", WithNotes({
                               Text("property", "latency, frequency, retention, availability, …", true),
                               Of("value", Kind::kScalar, "What is promised."),
                               Of("valueExt", Kind::kScalar, "A second value of the promise."),
                               Text("unit", "y, m, d, h, min or s; or the word in full."),
                               Text("element", "The column it is about: table.column."),
                               Text("driver", "Why it is promised: regulatory, analytics, operational."),
                               Text("scheduler", "What runs it."),
                               Text("schedule", "When it runs."),
                           })});
  blocks.push_back({"server",
                    WithNotes({
                        Text("server", "What the server is called.", true),
                        Text("type", "What kind of server it is.", true),
                        Text("environment", "prod, dev, …"),
                        Text("schema", "The schema of tables that name none."),
                        Of("roles", Kind::kAny, "Who may do what there."),
                    }),
                    true});
  blocks.push_back({"role", WithNotes({
                                Text("role", "What the role is called.", true),
                                Text("access", "What it may do."),
                                Text("firstLevelApprovers", "Who approves first."),
                                Text("secondLevelApprovers", "Who approves then."),
                            })});
  blocks.push_back({"support", WithNotes({
                                   Text("channel", "What the channel is called.", true),
                                   Text("url", "Where it is."),
                                   Text("tool", "email, slack, teams, ticket, …"),
                                   Text("scope", "interactive, announcements, issues."),
                                   Text("invitationUrl", "How to join."),
                               })});
  return blocks;
}

const ContractBlock& FindBlock(std::string_view name) {
  return *std::ranges::find(ContractBlocks(), name, &ContractBlock::name);
}

Error WrongKind(const ConfigNode& node, std::string_view key, std::string_view wanted) {
  return node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} has to be {}", key, wanted))
      .Hint("docs/schemas/contract.schema.json says what stands where");
}

Status CheckWord(const ConfigNode& node, const ContractKey& key) {
  SMELT_ASSIGN(const std::string text, node.AsString());
  if (key.words.empty() || std::ranges::find(key.words, text) != key.words.end()) return {};
  const std::string nearest = NearestWord(text, {key.words.begin(), key.words.end()});
  const std::string all = fmt::format("{} is one of {}", key.name, fmt::join(key.words, ", "));
  Error error = node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("\"{}\" is no {}", text, key.name));
  return Fail(std::move(error).Hint(nearest.empty() ? all : fmt::format("did you mean {}? {}", nearest, all)));
}

Status CheckList(const ConfigNode& node, const ContractKey& key,
                 const std::function<Status(const ConfigNode&)>& check) {
  if (!node.is_list()) return Fail(WrongKind(node, key.name, "a list"));
  for (const ConfigNode& item : node.items()) SMELT_TRY(check(item));
  return {};
}

Status IsNumber(const ConfigNode& node) {
  SMELT_TRY(node.AsDouble());
  return {};
}

Status IsScalar(const ConfigNode& node) {
  SMELT_TRY(node.AsString());
  return {};
}

Status CheckValue(const ConfigNode& node, const ContractKey& key) {
  if (node.is_null() && !key.required) return {};
  switch (key.kind) {
    case Kind::kText: return CheckWord(node, key);
    case Kind::kFlag: {
      SMELT_TRY(node.AsBool());
      return {};
    }
    case Kind::kInteger: {
      SMELT_TRY(node.AsInt());
      return {};
    }
    case Kind::kNumber: return IsNumber(node);
    case Kind::kScalar: return IsScalar(node);
    case Kind::kTexts: return CheckList(node, key, IsScalar);
    case Kind::kNumbers: return CheckList(node, key, IsNumber);
    case Kind::kAny: return {};
    case Kind::kBlock: return CheckContractBlock(node, key.block);
    case Kind::kBlocks:
      return CheckList(node, key, [&](const ConfigNode& item) { return CheckContractBlock(item, key.block); });
  }
  return {};
}

Json KeySchema(const ContractKey& key) {
  Json schema = Json::object();
  const auto reference = [&] { return Json{{"$ref", fmt::format("#/$defs/{}", key.block)}}; };
  switch (key.kind) {
    case Kind::kText: schema["type"] = "string"; break;
    case Kind::kFlag: schema["type"] = "boolean"; break;
    case Kind::kNumber: schema["type"] = "number"; break;
    case Kind::kInteger: schema["type"] = "integer"; break;
    case Kind::kScalar: schema["type"] = Json::array({"string", "number", "boolean"}); break;
    case Kind::kTexts: schema = {{"type", "array"}, {"items", {{"type", "string"}}}}; break;
    case Kind::kNumbers: schema = {{"type", "array"}, {"items", {{"type", "number"}}}}; break;
    case Kind::kAny: break;
    case Kind::kBlock: schema = reference(); break;
    case Kind::kBlocks: schema = {{"type", "array"}, {"items", reference()}}; break;
  }
  if (!key.words.empty()) schema["enum"] = std::vector<std::string_view>(key.words.begin(), key.words.end());
  if (!key.summary.empty()) schema["description"] = key.summary;
  return schema;
}

Json BlockSchema(const ContractBlock& block) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const ContractKey& key : block.keys) {
    properties[std::string(key.name)] = KeySchema(key);
    if (key.required) required.push_back(key.name);
  }
  Json schema = {{"type", "object"}, {"additionalProperties", block.open}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

}  // namespace

const std::vector<ContractBlock>& ContractBlocks() {
  static const std::vector<ContractBlock> kBlocks = MakeBlocks();
  return kBlocks;
}

Status CheckContractBlock(const ConfigNode& node, std::string_view block_name) {
  const ContractBlock& block = FindBlock(block_name);
  if (!node.is_map()) return Fail(WrongKind(node, block.name, "a map"));
  std::vector<std::string_view> known;
  for (const ContractKey& key : block.keys) known.push_back(key.name);
  if (!block.open) SMELT_TRY(node.AllowKeys(known));
  for (const ContractKey& key : block.keys) {
    if (key.required) SMELT_TRY(node.Require(key.name));
    if (const auto value = node.Find(key.name)) SMELT_TRY(CheckValue(*value, key));
  }
  return {};
}

Json ContractSchema() {
  const std::vector<ContractBlock>& blocks = ContractBlocks();
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "Data contract (Open Data Contract Standard 3), as smelt reads it"}};
  schema.update(BlockSchema(blocks.front()));
  Json definitions = Json::object();
  for (const ContractBlock& block : blocks) {
    if (&block != &blocks.front()) definitions[std::string(block.name)] = BlockSchema(block);
  }
  schema["$defs"] = std::move(definitions);
  return schema;
}

}  // namespace smelt::quality
