#include "transform/internal/project/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace smelt::transform {
namespace {

/// Settings that a test may have among its arguments.
constexpr std::array<std::string_view, 14> kTestSettings = {
    "severity",       "tags", "enabled",           "where",  "limit", "warn_if", "error_if", "fail_calc",
    "store_failures", "meta", "store_failures_as", "schema", "alias", "database"};

bool IsTestSetting(std::string_view key) {
  return std::ranges::find(kTestSettings, key) != kTestSettings.end();
}

/// Adds what `node` has under `key`: a map of settings.
Status AddSettings(const ConfigNode& node, std::string_view key, std::vector<YamlSetting>& settings) {
  auto map = node.Find(key);
  if (!map || map->is_null()) return {};
  if (!map->is_map()) return Fail(map->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} must be a map", key)));
  for (const std::string& name : map->keys()) settings.push_back({name, *map->Find(name)});
  return {};
}

/// Adds the settings that may stand beside `config`.
void AddDirectSettings(const ConfigNode& node, std::initializer_list<std::string_view> keys,
                       std::vector<YamlSetting>& settings) {
  for (std::string_view key : keys) {
    if (auto value = node.Find(key)) settings.push_back({std::string(key), *value});
  }
}

Result<std::string> TextOf(const ConfigNode& node, std::string_view key) {
  auto value = node.Find(key);
  if (!value || value->is_null()) return std::string();
  return value->AsString();
}

Status ReadTestBody(const ConfigNode& body, TestProperties& test) {
  if (body.is_null()) return {};
  if (!body.is_map()) {
    return Fail(body.ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("the arguments of the test '{}' must be a map", test.test)));
  }
  for (const std::string& key : body.keys()) {
    ConfigNode value = *body.Find(key);
    if (key == "name") {
      SMELT_ASSIGN(test.name, value.AsString());
    } else if (key == "description") {
      SMELT_ASSIGN(test.description, value.AsString());
    } else if (key == "config") {
      SMELT_TRY(AddSettings(body, "config", test.settings));
    } else if (key == "arguments") {
      if (value.is_map()) test.arguments.update(value.ToJson());
    } else if (IsTestSetting(key)) {
      test.settings.push_back({key, value});
    } else if (key != "test_name") {
      test.arguments[key] = value.ToJson();
    }
  }
  return {};
}

Result<TestProperties> ReadTest(const ConfigNode& node) {
  TestProperties test{
      .test = {}, .name = {}, .description = {}, .column = {}, .settings = {}, .tags = {}, .place = node};
  if (!node.is_map()) {
    SMELT_ASSIGN(test.test, node.AsString());
    return test;
  }
  if (auto name = node.Find("test_name")) {
    SMELT_ASSIGN(test.test, name->AsString());
    SMELT_TRY(ReadTestBody(node, test));
    return test;
  }
  std::vector<std::string> keys = node.keys();
  if (keys.size() != 1) {
    return Fail(Error(node.ErrorHere(ErrorCode::kConfigValueInvalid,
                                     "a test is a name, or a map with its name as the only key"))
                    .Hint("indent the arguments of the test further than its name"));
  }
  test.test = keys[0];
  SMELT_TRY(ReadTestBody(*node.Find(keys[0]), test));
  return test;
}

Status AddTests(const ConfigNode& node, const TestProperties* column, std::vector<TestProperties>& tests) {
  for (std::string_view key : {"tests", "data_tests"}) {
    auto list = node.Find(key);
    if (!list || list->is_null()) continue;
    if (!list->is_list()) {
      return Fail(list->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} must be a list", key)));
    }
    for (const ConfigNode& item : list->items()) {
      SMELT_ASSIGN(TestProperties test, ReadTest(item));
      if (column != nullptr) {
        test.column = column->column;
        test.quotes_column = column->quotes_column;
        test.tags = column->tags;
      }
      tests.push_back(std::move(test));
    }
  }
  return {};
}

Status ReadColumns(const ConfigNode& node, std::map<std::string, std::string>& descriptions,
                   std::vector<TestProperties>& tests) {
  auto columns = node.Find("columns");
  if (!columns || columns->is_null()) return {};
  if (!columns->is_list()) {
    return Fail(columns->ErrorHere(ErrorCode::kConfigValueInvalid, "columns must be a list"));
  }
  for (const ConfigNode& column : columns->items()) {
    SMELT_TRY(column.AllowKeys({"name", "description", "data_type", "tests", "data_tests", "meta", "tags", "quote",
                                "constraints", "config", "policy_tags", "dimension", "entity", "granularity", "docs"}));
    TestProperties of{
        .test = {}, .name = {}, .description = {}, .column = {}, .settings = {}, .tags = {}, .place = column};
    SMELT_ASSIGN(ConfigNode name, column.Require("name"));
    SMELT_ASSIGN(of.column, name.AsString());
    SMELT_ASSIGN(of.quotes_column, column.BoolOr("quote", false));
    if (auto tags = column.Find("tags")) {
      SMELT_ASSIGN(of.tags, tags->AsStringList());
    }
    SMELT_ASSIGN(descriptions[of.column], TextOf(column, "description"));
    SMELT_TRY(AddTests(column, &of, tests));
  }
  return {};
}

Result<NodeProperties> ReadNode(const ConfigNode& node) {
  SMELT_TRY(node.AllowKeys({"name", "description", "config", "meta", "tags", "docs", "columns", "tests", "data_tests",
                            "versions", "latest_version", "access", "group", "constraints", "contract",
                            "deprecation_date", "time_spine", "relation", "primary_key"}));
  NodeProperties properties{
      .name = {}, .description = {}, .columns = {}, .settings = {}, .tests = {}, .relation = {}, .place = node};
  SMELT_ASSIGN(ConfigNode name, node.Require("name"));
  SMELT_ASSIGN(properties.name, name.AsString());
  if (auto versions = node.Find("versions")) {
    return Fail(Error(versions->ErrorHere(ErrorCode::kDbtUnsupported, "models with versions are not supported")));
  }
  SMELT_ASSIGN(properties.description, TextOf(node, "description"));
  SMELT_ASSIGN(properties.relation, TextOf(node, "relation"));
  AddDirectSettings(node, {"meta", "tags", "docs", "access", "group"}, properties.settings);
  SMELT_TRY(AddSettings(node, "config", properties.settings));
  SMELT_TRY(AddTests(node, nullptr, properties.tests));
  SMELT_TRY(ReadColumns(node, properties.columns, properties.tests));
  return properties;
}

Result<SourceTableProperties> ReadSourceTable(const ConfigNode& node) {
  SMELT_TRY(node.AllowKeys({"name", "identifier", "description", "columns", "tests", "data_tests", "loaded_at_field",
                            "loaded_at_query", "freshness", "meta", "tags", "quoting", "external", "config", "loader",
                            "docs"}));
  SMELT_ASSIGN(ConfigNode name, node.Require("name"));
  SourceTableProperties table{
      .table = {}, .identifier = name, .description = {}, .settings = {}, .tests = {}, .place = node};
  SMELT_ASSIGN(table.table, name.AsString());
  if (auto identifier = node.Find("identifier")) table.identifier = *identifier;
  SMELT_ASSIGN(table.description, TextOf(node, "description"));
  AddDirectSettings(node, {"meta", "tags"}, table.settings);
  SMELT_TRY(AddSettings(node, "config", table.settings));
  SMELT_TRY(AddTests(node, nullptr, table.tests));
  std::map<std::string, std::string> descriptions;
  SMELT_TRY(ReadColumns(node, descriptions, table.tests));
  return table;
}

Result<SourceProperties> ReadSource(const ConfigNode& node) {
  SMELT_TRY(node.AllowKeys({"name", "description", "schema", "database", "tables", "loader", "loaded_at_field",
                            "loaded_at_query", "freshness", "meta", "tags", "quoting", "overrides", "config", "tests",
                            "data_tests"}));
  SMELT_ASSIGN(ConfigNode name, node.Require("name"));
  SourceProperties source{.name = {}, .schema = node.Find("schema").value_or(name), .settings = {}, .tables = {}};
  SMELT_ASSIGN(source.name, name.AsString());
  AddDirectSettings(node, {"meta", "tags"}, source.settings);
  SMELT_TRY(AddSettings(node, "config", source.settings));
  if (auto tables = node.Find("tables")) {
    for (const ConfigNode& item : tables->items()) {
      SMELT_ASSIGN(SourceTableProperties table, ReadSourceTable(item));
      source.tables.push_back(std::move(table));
    }
  }
  return source;
}

template <typename Properties>
Status ReadList(const ConfigNode& root, std::string_view key, Result<Properties> (*read)(const ConfigNode&),
                std::vector<Properties>& into) {
  auto list = root.Find(key);
  if (!list || list->is_null()) return {};
  if (!list->is_list()) {
    return Fail(list->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} must be a list", key)));
  }
  for (const ConfigNode& item : list->items()) {
    SMELT_ASSIGN(Properties properties, read(item));
    into.push_back(std::move(properties));
  }
  return {};
}

}  // namespace

Result<PropertiesFile> ReadProperties(const ConfigNode& root) {
  PropertiesFile file;
  if (root.is_null()) return file;
  SMELT_TRY(root.AllowKeys({"version", "models", "seeds", "snapshots", "sources", "macros", "exposures", "metrics",
                            "semantic_models", "saved_queries", "groups", "unit_tests", "analyses", "tests",
                            "data_tests", "functions", "anchors"}));
  SMELT_TRY(ReadList(root, "models", ReadNode, file.models));
  SMELT_TRY(ReadList(root, "seeds", ReadNode, file.seeds));
  SMELT_TRY(ReadList(root, "snapshots", ReadNode, file.snapshots));
  SMELT_TRY(ReadList(root, "tests", ReadNode, file.singular_tests));
  SMELT_TRY(ReadList(root, "data_tests", ReadNode, file.singular_tests));
  SMELT_TRY(ReadList(root, "sources", ReadSource, file.sources));
  return file;
}

}  // namespace smelt::transform
