#include "transform/internal/project/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <iterator>

#include "transform/internal/project/project_file.h"

namespace smelt::transform {
namespace {

/// Settings that a test may have among its arguments.
constexpr std::array<std::string_view, 15> kTestSettings = {
    "severity",       "tags", "enabled",           "where",  "limit", "warn_if",  "error_if", "fail_calc",
    "store_failures", "meta", "store_failures_as", "schema", "alias", "database", "group"};

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
void AddDirectSettings(const ConfigNode& node, const std::vector<std::string_view>& keys,
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

void MergeMap(const ConfigNode& node, std::string_view key, Json& into) {
  if (auto map = node.Find(key); map && map->is_map()) into.update(map->ToJson());
}

Status AddTags(const ConfigNode& node, std::vector<std::string>& tags) {
  auto found = node.Find("tags");
  if (!found || found->is_null()) return {};
  SMELT_ASSIGN(auto added, found->AsStringList());
  tags.insert(tags.end(), added.begin(), added.end());
  return {};
}

/// Reads properties files; what is unknown goes to the warnings.
class PropertiesReader {
 public:
  explicit PropertiesReader(std::vector<Error>& warnings) : warnings_(warnings) {}

  Result<NodeProperties> ReadNode(const ConfigNode& node) const {
    WarnOfKeys(node,
               {"name", "description", "config", "meta", "tags", "docs", "columns", "tests", "data_tests", "versions",
                "latest_version", "access", "group", "constraints", "contract", "deprecation_date", "time_spine",
                "relation", "primary_key"},
               warnings_);
    NodeProperties properties{.name = {},
                              .description = {},
                              .columns = {},
                              .settings = {},
                              .tests = {},
                              .column_tests = {},
                              .relation = {},
                              .versions = {},
                              .latest_version = {},
                              .deprecation_date = {},
                              .time_spine = {},
                              .place = node};
    SMELT_ASSIGN(ConfigNode name, node.Require("name"));
    SMELT_ASSIGN(properties.name, name.AsString());
    SMELT_ASSIGN(properties.description, TextOf(node, "description"));
    SMELT_ASSIGN(properties.relation, TextOf(node, "relation"));
    SMELT_ASSIGN(properties.latest_version, TextOf(node, "latest_version"));
    SMELT_ASSIGN(properties.deprecation_date, TextOf(node, "deprecation_date"));
    if (auto constraints = node.Find("constraints"); constraints && constraints->is_list()) {
      properties.constraints = constraints->ToJson();
    }
    if (auto spine = node.Find("time_spine")) properties.time_spine = spine->ToJson();
    AddDirectSettings(node, {"meta", "tags", "docs", "access", "group", "contract"}, properties.settings);
    SMELT_TRY(AddSettings(node, "config", properties.settings));
    SMELT_TRY(AddTests(node, nullptr, properties.tests));
    SMELT_TRY(ReadColumns(node, properties.columns, properties.column_tests));
    SMELT_TRY(ReadVersions(node, properties));
    return properties;
  }

  Result<SourceProperties> ReadSource(const ConfigNode& node) const {
    WarnOfKeys(node,
               {"name", "description", "schema", "database", "tables", "loader", "loaded_at_field", "loaded_at_query",
                "freshness", "meta", "tags", "quoting", "overrides", "config", "tests", "data_tests",
                "unrendered_schema", "unrendered_database"},
               warnings_);
    SMELT_ASSIGN(ConfigNode name, node.Require("name"));
    SourceProperties source{.name = {},
                            .description = {},
                            .schema = node.Find("schema").value_or(name),
                            .settings = {},
                            .tables = {},
                            .place = node};
    SMELT_ASSIGN(source.name, name.AsString());
    SMELT_ASSIGN(source.description, TextOf(node, "description"));
    AddDirectSettings(node, SourceSettings(), source.settings);
    SMELT_TRY(AddSettings(node, "config", source.settings));
    if (auto tables = node.Find("tables")) {
      for (const ConfigNode& item : tables->items()) {
        SMELT_ASSIGN(SourceTableProperties table, ReadSourceTable(item));
        source.tables.push_back(std::move(table));
      }
    }
    return source;
  }

  Result<MacroProperties> ReadMacro(const ConfigNode& node) const {
    WarnOfKeys(node, {"name", "description", "meta", "docs", "arguments", "config"}, warnings_);
    MacroProperties macro;
    SMELT_ASSIGN(ConfigNode name, node.Require("name"));
    SMELT_ASSIGN(macro.name, name.AsString());
    SMELT_ASSIGN(macro.description, TextOf(node, "description"));
    MergeMap(node, "meta", macro.meta);
    if (auto config = node.Find("config")) MergeMap(*config, "meta", macro.meta);
    if (auto arguments = node.Find("arguments"); arguments && arguments->is_list()) {
      macro.arguments = arguments->ToJson();
    }
    return macro;
  }

 private:
  /// Settings of sources and their tables that may stand beside `config`.
  static std::vector<std::string_view> SourceSettings() {
    return {"meta", "tags", "freshness", "loaded_at_field", "loaded_at_query", "loader", "quoting", "database"};
  }

  Status ReadColumns(const ConfigNode& node, std::vector<ColumnProperties>& columns,
                     std::vector<TestProperties>& tests) const {
    auto list = node.Find("columns");
    if (!list || list->is_null()) return {};
    if (!list->is_list()) return Fail(list->ErrorHere(ErrorCode::kConfigValueInvalid, "columns must be a list"));
    for (const ConfigNode& item : list->items()) {
      if (item.Find("include")) continue;  // of a version: the model's columns
      WarnOfKeys(item,
                 {"name", "description", "data_type", "tests", "data_tests", "meta", "tags", "quote", "constraints",
                  "config", "policy_tags", "dimension", "entity", "granularity", "docs"},
                 warnings_);
      SMELT_ASSIGN(ColumnProperties column, ReadColumn(item));
      TestProperties of{
          .test = {}, .name = {}, .description = {}, .column = {}, .settings = {}, .tags = {}, .place = item};
      of.column = column.name;
      of.quotes_column = column.quote.value_or(false);
      of.tags = column.tags;
      SMELT_TRY(AddTests(item, &of, tests));
      columns.push_back(std::move(column));
    }
    return {};
  }

  static Result<ColumnProperties> ReadColumn(const ConfigNode& node) {
    ColumnProperties column;
    SMELT_ASSIGN(ConfigNode name, node.Require("name"));
    SMELT_ASSIGN(column.name, name.AsString());
    SMELT_ASSIGN(column.description, TextOf(node, "description"));
    SMELT_ASSIGN(column.data_type, TextOf(node, "data_type"));
    SMELT_ASSIGN(column.granularity, TextOf(node, "granularity"));
    if (auto quote = node.Find("quote"); quote && !quote->is_null()) {
      SMELT_ASSIGN(column.quote, quote->AsBool());
    }
    MergeMap(node, "meta", column.meta);
    SMELT_TRY(AddTags(node, column.tags));
    if (auto config = node.Find("config")) {
      MergeMap(*config, "meta", column.meta);
      SMELT_TRY(AddTags(*config, column.tags));
    }
    if (auto constraints = node.Find("constraints"); constraints && constraints->is_list()) {
      column.constraints = constraints->ToJson();
    }
    return column;
  }

  /// The columns of a version: the model's as far as `include` and `exclude` say, and its own.
  static std::vector<ColumnProperties> VersionColumns(const ConfigNode& list, const NodeProperties& model,
                                                      std::vector<ColumnProperties> own) {
    auto lists = [](const std::optional<ConfigNode>& names, const std::string& column) {
      if (!names) return false;
      auto texts = names->AsStringList();
      return texts &&
             (std::ranges::find(*texts, column) != texts->end() || std::ranges::find(*texts, "*") != texts->end() ||
              std::ranges::find(*texts, "all") != texts->end());
    };
    std::vector<ColumnProperties> columns;
    for (const ConfigNode& item : list.items()) {
      auto include = item.Find("include");
      if (!include) continue;
      for (const ColumnProperties& column : model.columns) {
        bool replaced = std::ranges::find(own, column.name, &ColumnProperties::name) != own.end();
        if (lists(include, column.name) && !lists(item.Find("exclude"), column.name) && !replaced) {
          columns.push_back(column);
        }
      }
    }
    std::ranges::move(own, std::back_inserter(columns));
    return columns;
  }

  Status ReadVersions(const ConfigNode& node, NodeProperties& properties) const {
    auto versions = node.Find("versions");
    if (!versions || versions->is_null()) return {};
    for (const ConfigNode& item : versions->items()) {
      VersionProperties version;
      SMELT_ASSIGN(ConfigNode v, item.Require("v"));
      SMELT_ASSIGN(version.version, v.AsString());
      SMELT_ASSIGN(version.file_stem, TextOf(item, "defined_in"));
      SMELT_ASSIGN(version.description, TextOf(item, "description"));
      SMELT_ASSIGN(version.deprecation_date, TextOf(item, "deprecation_date"));
      AddDirectSettings(item, {"meta", "tags", "docs", "access", "group", "contract"}, version.settings);
      SMELT_TRY(AddSettings(item, "config", version.settings));
      if (auto constraints = item.Find("constraints")) version.constraints = constraints->ToJson();
      if (item.Find("tests") || item.Find("data_tests")) {
        SMELT_TRY(AddTests(item, nullptr, version.tests.emplace()));
      }
      if (auto columns = item.Find("columns"); columns && columns->is_list()) {
        std::vector<ColumnProperties> own;
        SMELT_TRY(ReadColumns(item, own, version.column_tests));
        version.columns = VersionColumns(*columns, properties, std::move(own));
      }
      properties.versions.push_back(std::move(version));
    }
    if (properties.latest_version.empty()) properties.latest_version = LatestOf(properties.versions);
    return {};
  }

  /// The highest version: by number where all are numbers, else by text.
  static std::string LatestOf(const std::vector<VersionProperties>& versions) {
    auto is_less = [](const VersionProperties& left, const VersionProperties& right) {
      auto l = ParseDouble(left.version), r = ParseDouble(right.version);
      return l && r ? *l < *r : left.version < right.version;
    };
    auto latest = std::ranges::max_element(versions, is_less);
    return latest == versions.end() ? "" : latest->version;
  }

  static std::optional<double> ParseDouble(const std::string& text) {
    double number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
  }

  Result<SourceTableProperties> ReadSourceTable(const ConfigNode& node) const {
    WarnOfKeys(node,
               {"name", "identifier", "description", "columns", "tests", "data_tests", "loaded_at_field",
                "loaded_at_query", "freshness", "meta", "tags", "quoting", "external", "config", "loader", "docs"},
               warnings_);
    SMELT_ASSIGN(ConfigNode name, node.Require("name"));
    SourceTableProperties table{
        .table = {}, .identifier = name, .description = {}, .columns = {}, .settings = {}, .tests = {}, .place = node};
    SMELT_ASSIGN(table.table, name.AsString());
    if (auto identifier = node.Find("identifier")) table.identifier = *identifier;
    SMELT_ASSIGN(table.description, TextOf(node, "description"));
    AddDirectSettings(node, SourceSettings(), table.settings);
    SMELT_TRY(AddSettings(node, "config", table.settings));
    SMELT_TRY(AddTests(node, nullptr, table.tests));
    SMELT_TRY(ReadColumns(node, table.columns, table.tests));
    return table;
  }

  std::vector<Error>& warnings_;
};

template <typename Properties>
Status ReadList(const ConfigNode& root, std::string_view key,
                const std::function<Result<Properties>(const ConfigNode&)>& read, std::vector<Properties>& into) {
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

Result<ConfigNode> Same(const ConfigNode& node) {
  return node;
}

/// The lists of what is described only.
constexpr std::pair<std::string_view, std::string_view> kDescribed[] = {{"exposures", "exposure"},
                                                                        {"metrics", "metric"},
                                                                        {"semantic_models", "semantic_model"},
                                                                        {"saved_queries", "saved_query"}};

}  // namespace

Result<PropertiesFile> ReadProperties(const ConfigNode& root, std::vector<Error>& warnings) {
  PropertiesFile file;
  if (root.is_null()) return file;
  WarnOfKeys(root,
             {"version", "models", "seeds", "snapshots", "sources", "macros", "exposures", "metrics", "semantic_models",
              "saved_queries", "groups", "unit_tests", "analyses", "tests", "data_tests", "functions", "anchors"},
             warnings);
  PropertiesReader reader(warnings);
  std::function<Result<NodeProperties>(const ConfigNode&)> read_node = [&](const ConfigNode& node) {
    return reader.ReadNode(node);
  };
  SMELT_TRY(ReadList(root, "models", read_node, file.models));
  SMELT_TRY(ReadList(root, "seeds", read_node, file.seeds));
  SMELT_TRY(ReadList(root, "snapshots", read_node, file.snapshots));
  SMELT_TRY(ReadList(root, "analyses", read_node, file.analyses));
  SMELT_TRY(ReadList(root, "tests", read_node, file.singular_tests));
  SMELT_TRY(ReadList(root, "data_tests", read_node, file.singular_tests));
  SMELT_TRY(ReadList<SourceProperties>(
      root, "sources", [&](const ConfigNode& node) { return reader.ReadSource(node); }, file.sources));
  SMELT_TRY(ReadList<MacroProperties>(
      root, "macros", [&](const ConfigNode& node) { return reader.ReadMacro(node); }, file.macros));
  SMELT_TRY(ReadList<ConfigNode>(root, "groups", Same, file.groups));
  SMELT_TRY(ReadList<ConfigNode>(root, "unit_tests", Same, file.unit_tests));
  for (const auto& [key, type] : kDescribed) {
    std::vector<ConfigNode> items;
    SMELT_TRY(ReadList<ConfigNode>(root, key, Same, items));
    for (ConfigNode& item : items) file.described.emplace_back(type, std::move(item));
  }
  return file;
}

}  // namespace smelt::transform
