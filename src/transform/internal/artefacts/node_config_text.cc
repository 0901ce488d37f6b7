#include "transform/internal/artefacts/node_config_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace smelt::transform {
namespace {

enum KindBit : std::uint8_t { kModelBit = 1, kSeedBit = 2, kSnapshotBit = 4, kTestBit = 8, kOtherBit = 16 };
constexpr std::uint8_t kTables = kModelBit | kSeedBit | kSnapshotBit | kOtherBit;
constexpr std::uint8_t kAll = kTables | kTestBit;

/// A key of a configuration and what it is when nobody sets it.
struct ConfigKey {
  std::string_view key;
  std::uint8_t kinds;
  std::string_view unset;
};

constexpr std::array kKeys = {
    ConfigKey{"enabled", kAll, "true"},
    ConfigKey{"alias", kAll, "null"},
    ConfigKey{"schema", kTables, "null"},
    ConfigKey{"schema", kTestBit, "\"dbt_test__audit\""},
    ConfigKey{"database", kAll, "null"},
    ConfigKey{"tags", kAll, "[]"},
    ConfigKey{"meta", kAll, "{}"},
    ConfigKey{"group", kAll, "null"},
    ConfigKey{"static_analysis", kAll, "null"},
    ConfigKey{"materialized", kModelBit | kOtherBit, "\"view\""},
    ConfigKey{"materialized", kSeedBit, "\"seed\""},
    ConfigKey{"materialized", kSnapshotBit, "\"snapshot\""},
    ConfigKey{"materialized", kTestBit, "\"test\""},
    ConfigKey{"incremental_strategy", kTables, "null"},
    ConfigKey{"batch_size", kTables, "null"},
    ConfigKey{"lookback", kTables, "1"},
    ConfigKey{"begin", kTables, "null"},
    ConfigKey{"persist_docs", kTables, "{}"},
    ConfigKey{"post-hook", kTables, "[]"},
    ConfigKey{"pre-hook", kTables, "[]"},
    ConfigKey{"quoting", kTables, "{}"},
    ConfigKey{"column_types", kTables, "{}"},
    ConfigKey{"full_refresh", kTables, "null"},
    ConfigKey{"unique_key", kTables, "null"},
    ConfigKey{"on_schema_change", kTables, "\"ignore\""},
    ConfigKey{"on_configuration_change", kTables, "\"apply\""},
    ConfigKey{"grants", kTables, "{}"},
    ConfigKey{"packages", kTables, "[]"},
    ConfigKey{"docs", kTables, R"({"show": true, "node_color": null})"},
    ConfigKey{"contract", kTables, R"({"enforced": false, "alias_types": true})"},
    ConfigKey{"event_time", kTables, "null"},
    ConfigKey{"concurrent_batches", kTables, "null"},
    ConfigKey{"access", kModelBit, "\"protected\""},
    ConfigKey{"freshness", kModelBit, "null"},
    ConfigKey{"delimiter", kSeedBit, "\",\""},
    ConfigKey{"quote_columns", kSeedBit, "null"},
    ConfigKey{"strategy", kSnapshotBit, "null"},
    ConfigKey{"target_schema", kSnapshotBit, "null"},
    ConfigKey{"target_database", kSnapshotBit, "null"},
    ConfigKey{"updated_at", kSnapshotBit, "null"},
    ConfigKey{"check_cols", kSnapshotBit, "null"},
    ConfigKey{"snapshot_meta_column_names", kSnapshotBit,
              R"({"dbt_valid_to": null, "dbt_valid_from": null, "dbt_scd_id": null, "dbt_updated_at": null, )"
              R"("dbt_is_deleted": null})"},
    ConfigKey{"dbt_valid_to_current", kSnapshotBit, "null"},
    ConfigKey{"severity", kTestBit, "\"ERROR\""},
    ConfigKey{"store_failures", kTestBit, "null"},
    ConfigKey{"store_failures_as", kTestBit, "null"},
    ConfigKey{"where", kTestBit, "null"},
    ConfigKey{"limit", kTestBit, "null"},
    ConfigKey{"fail_calc", kTestBit, "\"count(*)\""},
    ConfigKey{"warn_if", kTestBit, "\"!= 0\""},
    ConfigKey{"error_if", kTestBit, "\"!= 0\""},
};

std::uint8_t KindOf(ResourceType type) {
  switch (type) {
    case ResourceType::kModel: return kModelBit;
    case ResourceType::kSeed: return kSeedBit;
    case ResourceType::kSnapshot: return kSnapshotBit;
    case ResourceType::kGenericTest:
    case ResourceType::kSingularTest: return kTestBit;
    default: return kOtherBit;
  }
}

/// "post_hook" for "post-hook": how configurations are kept here.
std::string_view KeptName(std::string_view key) {
  if (key == "post-hook") return "post_hook";
  if (key == "pre-hook") return "pre_hook";
  return key;
}

void WriteHooks(const Json& hooks, JsonWriter& json) {
  json.BeginList();
  const Json list = hooks.is_array() ? hooks : Json::array({hooks});
  for (const Json& hook : list) {
    json.BeginObject();
    json.Key("sql").Text(hook.is_object() ? hook.value("sql", "") : hook.is_string() ? hook.get<std::string>() : "");
    json.Key("transaction").Boolean(!hook.is_object() || hook.value("transaction", true));
    json.Key("index").Null();
    json.EndObject();
  }
  json.EndList();
}

/// Maps whose keys are always there: what is set goes over what is not.
bool IsCompleted(std::string_view key) {
  return key == "docs" || key == "contract" || key == "snapshot_meta_column_names";
}

void WriteValue(const ConfigKey& row, const Json& value, JsonWriter& json) {
  if (row.key.ends_with("-hook")) return WriteHooks(value, json);
  if (IsCompleted(row.key) && value.is_object()) {
    Json whole = Json::parse(row.unset);
    whole.update(value);
    return json.Value(whole);
  }
  const bool wants_list = row.key == "tags" || row.key == "packages";
  if (wants_list && value.is_string()) return json.Value(Json::array({value}));
  json.Value(value);
}

}  // namespace

void WriteNodeConfig(const Node& node, JsonWriter& json) {
  const Json& config = node.config.all;
  const std::uint8_t kind = KindOf(node.type);
  json.BeginObject();
  for (const ConfigKey& row : kKeys) {
    if ((row.kinds & kind) == 0) continue;
    json.Key(row.key);
    const auto value = config.find(KeptName(row.key));
    if (value == config.end() || (value->is_null() && row.unset != "null")) {
      json.Raw(row.unset);
    } else {
      WriteValue(row, *value, json);
    }
  }
  for (const auto& [key, value] : config.items()) {
    const bool is_written = std::ranges::any_of(
        kKeys, [&](const ConfigKey& row) { return (row.kinds & kind) != 0 && KeptName(row.key) == key; });
    const bool is_own = key == "skip_unchanged" || (kind == kTestBit && key.ends_with("_hook"));
    if (!is_written && !is_own) json.Key(key).Value(value);
  }
  json.EndObject();
}

}  // namespace smelt::transform
