#include "transform/internal/project/node_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/ascii.h"
#include "base/config.h"

namespace smelt::transform {
namespace {

enum class Shape { kText, kBoolean, kInteger, kScalar, kTexts, kMap, kHooks, kAny };
enum class Merge { kReplace, kAppend, kUpdate };

/// A setting that smelt or dbt knows.
struct Setting {
  std::string_view key;
  Shape shape = Shape::kAny;
  Merge merge = Merge::kReplace;
  std::span<const std::string_view> choices = {};
};

constexpr std::array<std::string_view, 4> kSchemaChanges = {"ignore", "fail", "append_new_columns", "sync_all_columns"};
constexpr std::array<std::string_view, 2> kSeverities = {"error", "warn"};
constexpr std::array<std::string_view, 5> kMaterializations = {"view", "table", "incremental", "ephemeral",
                                                               "materialized_view"};

constexpr Setting kSettings[] = {
    {"access"},
    {"alias", Shape::kText},
    {"batch_size"},
    {"begin"},
    {"check_cols", Shape::kTexts},
    {"column_types", Shape::kMap, Merge::kUpdate},
    {"concurrent_batches"},
    {"contract"},
    {"database", Shape::kText},
    {"dbt_valid_to_current", Shape::kText},
    {"delimiter", Shape::kText},
    {"docs", Shape::kMap, Merge::kUpdate},
    {"enabled", Shape::kBoolean},
    {"error_if", Shape::kText},
    {"event_time", Shape::kText},
    {"fail_calc", Shape::kText},
    {"freshness"},
    {"full_refresh", Shape::kBoolean},
    {"grants", Shape::kMap, Merge::kUpdate},
    {"group", Shape::kText},
    {"hard_deletes", Shape::kText},
    {"incremental_predicates"},
    {"incremental_strategy", Shape::kText},
    {"invalidate_hard_deletes", Shape::kBoolean},
    {"limit", Shape::kInteger},
    {"loaded_at_field", Shape::kText},
    {"loaded_at_query", Shape::kText},
    {"loader", Shape::kText},
    {"lookback"},
    {"materialized", Shape::kText},
    {"merge_exclude_columns", Shape::kTexts},
    {"merge_update_columns", Shape::kTexts},
    {"meta", Shape::kMap, Merge::kUpdate},
    {"on_configuration_change"},
    {"on_schema_change", Shape::kText, Merge::kReplace, kSchemaChanges},
    {"packages"},
    {"partition_by"},
    {"partitioned_by", Shape::kTexts},
    {"persist_docs", Shape::kMap, Merge::kUpdate},
    {"post_hook", Shape::kHooks, Merge::kAppend},
    {"pre_hook", Shape::kHooks, Merge::kAppend},
    {"quote_columns", Shape::kBoolean},
    {"quoting", Shape::kMap, Merge::kUpdate},
    {"schema", Shape::kText},
    {"severity", Shape::kText, Merge::kReplace, kSeverities},
    {"skip_unchanged", Shape::kBoolean},
    {"snapshot_meta_column_names", Shape::kMap, Merge::kUpdate},
    {"sql_header"},
    {"static_analysis"},
    {"store_failures", Shape::kBoolean},
    {"store_failures_as", Shape::kText},
    {"strategy", Shape::kText},
    {"tags", Shape::kTexts, Merge::kAppend},
    {"target_database", Shape::kText},
    {"target_schema", Shape::kText},
    {"unique_key", Shape::kTexts},
    {"updated_at", Shape::kText},
    {"warn_if", Shape::kText},
    {"where", Shape::kText},
};

const Setting* FindSetting(std::string_view key) {
  auto found = std::ranges::find(kSettings, key, &Setting::key);
  return found == std::end(kSettings) ? nullptr : &*found;
}

bool IsTexts(const Json& value) {
  return value.is_string() ||
         (value.is_array() && std::ranges::all_of(value, [](const Json& item) { return item.is_string(); }));
}

bool IsHooks(const Json& value) {
  return value.is_array() && std::ranges::all_of(value, [](const Json& hook) {
           return hook.is_object() && hook.contains("sql") && hook["sql"].is_string() &&
                  hook["transaction"].is_boolean();
         });
}

bool Fits(Shape shape, const Json& value) {
  if (value.is_null()) return true;
  switch (shape) {
    case Shape::kText: return value.is_string();
    case Shape::kBoolean: return value.is_boolean();
    case Shape::kInteger: return value.is_number_integer();
    case Shape::kScalar: return value.is_primitive();
    case Shape::kTexts: return IsTexts(value);
    case Shape::kHooks: return IsHooks(value);
    case Shape::kMap: return value.is_object();
    case Shape::kAny: return true;
  }
  SMELT_ASSERT(false);
}

std::string_view ShapeText(Shape shape) {
  switch (shape) {
    case Shape::kText: return "a text";
    case Shape::kBoolean: return "true or false";
    case Shape::kInteger: return "a whole number";
    case Shape::kScalar: return "a single value";
    case Shape::kTexts: return "a text or a list of texts";
    case Shape::kMap: return "a map";
    case Shape::kHooks: return "a statement or a list of statements";
    case Shape::kAny: return "anything";
  }
  SMELT_ASSERT(false);
}

/// A hook is a text, a map with the statement under `sql`, or a text that is such a map as JSON, as the macros
/// before_begin() and after_commit() make it.
Json HookMap(const Json& hook) {
  Json map = hook;
  if (hook.is_string()) {
    map = JsonOrDiscarded(hook.get<std::string>());
    if (!map.is_object() || !map.contains("sql")) map = {{"sql", hook}};
  }
  if (map.is_object() && !map.contains("transaction")) map["transaction"] = true;
  return map;
}

Json HookMaps(const Json& value) {
  Json maps = Json::array();
  for (const Json& hook : value.is_array() ? value : Json::array({value})) maps.push_back(HookMap(hook));
  return maps;
}

std::vector<Hook> Hooks(const Json& config, std::string_view key) {
  std::vector<Hook> hooks;
  for (const Json& hook : config[std::string(key)]) {
    hooks.push_back({hook["sql"].get<std::string>(), hook["transaction"].get<bool>()});
  }
  return hooks;
}

Status CheckSetting(const Setting& setting, const Json& value) {
  if (!Fits(setting.shape, value)) {
    return Fail(ErrorCode::kDbtConfigInvalid,
                fmt::format("{} is {}: it takes {}", setting.key, JsonText(value), ShapeText(setting.shape)));
  }
  if (setting.choices.empty() || value.is_null()) return {};
  auto text = value.get<std::string>();
  if (std::ranges::find(setting.choices, text) != setting.choices.end()) return {};
  return Fail(ErrorCode::kDbtConfigInvalid,
              fmt::format("{} is '{}': it takes {}", setting.key, text, fmt::join(setting.choices, ", ")));
}

void WarnOfUnknown(std::string_view key, std::vector<Error>& warnings) {
  std::vector<std::string_view> known;
  for (const Setting& setting : kSettings) known.push_back(setting.key);
  std::string near = NearestWord(key, known);
  if (near.empty()) return;
  warnings.push_back(Error(ErrorCode::kDbtConfigInvalid, fmt::format("unknown configuration '{}'", key))
                         .Hint(fmt::format("did you mean '{}'? Settings of your own belong under meta", near)));
}

void Append(Json& list, const Json& more) {
  for (const Json& item : more) {
    if (std::ranges::find(list, item) == list.end()) list.push_back(item);
  }
}

void AppendAll(Json& list, const Json& more) {
  for (const Json& item : more) list.push_back(item);
}

std::string TextOr(const Json& config, std::string_view key, std::string fallback) {
  auto found = config.find(key);
  return found != config.end() && found->is_string() ? found->get<std::string>() : std::move(fallback);
}

bool BoolOr(const Json& config, std::string_view key, bool fallback) {
  auto found = config.find(key);
  return found != config.end() && found->is_boolean() ? found->get<bool>() : fallback;
}

std::vector<std::string> Texts(const Json& config, std::string_view key) {
  auto found = config.find(key);
  if (found == config.end() || found->is_null()) return {};
  if (found->is_string()) return {found->get<std::string>()};
  std::vector<std::string> texts;
  for (const Json& item : *found) texts.push_back(item.is_string() ? item.get<std::string>() : JsonText(item));
  return texts;
}

std::string DefaultMaterialization(ResourceType type) {
  switch (type) {
    case ResourceType::kModel: return "view";
    case ResourceType::kSeed: return "seed";
    case ResourceType::kSnapshot: return "snapshot";
    case ResourceType::kGenericTest:
    case ResourceType::kSingularTest: return "test";
    case ResourceType::kUnitTest: return "unit";
    case ResourceType::kAnalysis:
    case ResourceType::kOperation: return "view";
  }
  SMELT_ASSERT(false);
}

Status ResolveSnapshot(NodeConfig& config) {
  const Json& all = config.all;
  config.strategy = TextOr(all, "strategy", "");
  config.updated_at = TextOr(all, "updated_at", "");
  config.check_cols = Texts(all, "check_cols");
  if (config.unique_key.empty()) return Fail(ErrorCode::kDbtConfigInvalid, "a snapshot needs the setting unique_key");
  if (config.strategy.empty()) {
    return Fail(ErrorCode::kDbtConfigInvalid, "a snapshot needs the setting strategy: timestamp or check");
  }
  if (config.strategy == "timestamp" && config.updated_at.empty()) {
    return Fail(ErrorCode::kDbtConfigInvalid, "a snapshot with the strategy timestamp needs the setting updated_at");
  }
  if (config.strategy == "check" && config.check_cols.empty()) {
    return Fail(ErrorCode::kDbtConfigInvalid, "a snapshot with the strategy check needs the setting check_cols");
  }
  return {};
}

/// `store_failures_as` says whether the failing rows of a test are kept at all.
void ResolveStoring(Json& all) {
  const std::string kind = TextOr(all, "store_failures_as", "");
  if (!kind.empty()) all["store_failures"] = kind != "ephemeral";
}

}  // namespace

Status CheckMaterialized(const std::string& name, const MacroSet& macros) {
  if (macros.FindMaterialization(name) != nullptr || name == "ephemeral") return {};
  std::string near = NearestWord(name, {kMaterializations.begin(), kMaterializations.end()});
  return Fail(Error(ErrorCode::kDbtConfigInvalid, fmt::format("materialized is '{}'", name))
                  .Hint(near.empty() ? "it takes table, view, incremental, ephemeral or what a macro defines"
                                     : fmt::format("did you mean '{}'?", near)));
}

Status AddConfig(Json& config, ResourceType, std::string_view key, Json value, std::vector<Error>& warnings) {
  std::string name(key);
  if (name == "pre-hook" || name == "post-hook") name[name.find('-')] = '_';
  const Setting* setting = FindSetting(name);
  if (setting == nullptr) {
    WarnOfUnknown(name, warnings);
    config[name] = std::move(value);
    return {};
  }
  if (setting->shape == Shape::kHooks && !value.is_null()) value = HookMaps(value);
  if (name == "severity" && value.is_string()) value = LowerAscii(value.get<std::string>());
  SMELT_TRY(CheckSetting(*setting, value));
  Json& present = config[name];
  if (setting->merge == Merge::kAppend) {
    if (!present.is_array()) present = Json::array();
    const bool keeps_doubles = name == "tags";  // as in dbt: `model.tags` has each once, `config.tags` does not
    (keeps_doubles ? AppendAll : Append)(present, value.is_array()  ? value
                                                  : value.is_null() ? Json::array()
                                                                    : Json::array({value}));
  } else if (setting->merge == Merge::kUpdate && present.is_object() && value.is_object()) {
    present.update(value);
  } else {
    present = std::move(value);
  }
  return {};
}

bool IsEnabled(const Json& config) {
  return BoolOr(config, "enabled", true);
}

Result<NodeConfig> ResolveConfig(ResourceType type, Json all) {
  NodeConfig config;
  config.materialized = DefaultMaterialization(type);
  if (type == ResourceType::kModel) config.materialized = TextOr(all, "materialized", config.materialized);
  all["materialized"] = config.materialized;
  all["enabled"] = IsEnabled(all);
  if (IsDataTest(type)) ResolveStoring(all);
  for (std::string_view list : {"tags", "pre_hook", "post_hook"}) {
    if (!all.contains(list)) all[std::string(list)] = Json::array();
  }
  if (!all.contains("meta")) all["meta"] = Json::object();
  config.incremental_strategy = TextOr(all, "incremental_strategy", "");
  config.unique_key = Texts(all, "unique_key");
  if (all.contains("full_refresh") && all["full_refresh"].is_boolean()) config.full_refresh = all["full_refresh"];
  config.skip_unchanged = BoolOr(all, "skip_unchanged", true);
  config.pre_hook = Hooks(all, "pre_hook");
  config.post_hook = Hooks(all, "post_hook");
  if (auto types = all.find("column_types"); types != all.end()) {
    for (const auto& [column, column_type] : types->items()) {
      config.column_types[column] = column_type.is_string() ? column_type.get<std::string>() : JsonText(column_type);
    }
  }
  config.delimiter = TextOr(all, "delimiter", config.delimiter);
  config.severity = TextOr(all, "severity", config.severity);
  config.where = TextOr(all, "where", "");
  config.error_if = TextOr(all, "error_if", config.error_if);
  config.warn_if = TextOr(all, "warn_if", config.warn_if);
  config.fail_calc = TextOr(all, "fail_calc", config.fail_calc);
  if (all.contains("limit") && all["limit"].is_number_integer()) config.limit = all["limit"].get<std::int64_t>();
  config.all = std::move(all);
  if (type == ResourceType::kSnapshot) SMELT_TRY(ResolveSnapshot(config));
  return config;
}

}  // namespace smelt::transform
