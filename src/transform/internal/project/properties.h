#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "base/json.h"

namespace smelt::transform {

/// A setting in a YAML file, not rendered yet.
struct YamlSetting {
  std::string key;
  ConfigNode value;
};

/// A generic test as a properties file asks for it.
struct TestProperties {
  std::string test;  ///< "not_null", "utils.not_constant"
  std::string name;  ///< its own name; empty: one is made
  std::string description;
  std::string column;  ///< empty: a test of the whole table
  bool quotes_column = false;
  Json arguments = Json::object();
  std::vector<YamlSetting> settings;
  std::vector<std::string> tags;  ///< those of its column
  ConfigNode place;
};

/// A column as it is written: texts are not rendered yet.
struct ColumnProperties {
  std::string name, description, data_type, granularity;
  std::optional<bool> quote;
  std::vector<std::string> tags;
  Json meta = Json::object();
  Json constraints = Json::array();
};

/// One version of a model.
struct VersionProperties {
  std::string version;
  std::string file_stem;  ///< "defined_in"; empty: the usual one
  std::string description;
  std::vector<YamlSetting> settings;
  std::optional<std::vector<ColumnProperties>> columns;  ///< nothing: those of the model
  std::optional<std::vector<TestProperties>> tests;      ///< nothing: those of the model
  std::vector<TestProperties> column_tests;
  std::string deprecation_date;
  Json constraints;  ///< null: those of the model
};

/// What a properties file says of a model, seed, snapshot, analysis or singular test.
struct NodeProperties {
  std::string name;
  std::string description;
  std::vector<ColumnProperties> columns;
  std::vector<YamlSetting> settings;
  std::vector<TestProperties> tests, column_tests;
  std::string relation;  ///< of a snapshot without a block: what it reads
  std::vector<VersionProperties> versions;
  std::string latest_version, deprecation_date;
  Json constraints = Json::array();
  Json time_spine;
  ConfigNode place;
};

/// A table of a source.
struct SourceTableProperties {
  std::string table;
  ConfigNode identifier;  ///< its name in the lake
  std::string description;
  std::vector<ColumnProperties> columns;
  std::vector<YamlSetting> settings;
  std::vector<TestProperties> tests;
  ConfigNode place;
};

struct SourceProperties {
  std::string name, description;
  ConfigNode schema;
  std::vector<YamlSetting> settings;
  std::vector<SourceTableProperties> tables;
  ConfigNode place;
};

/// A macro as a properties file describes it.
struct MacroProperties {
  std::string name, description;
  Json arguments = Json::array();
  Json meta = Json::object();
};

/// What one properties file defines.
struct PropertiesFile {
  std::vector<NodeProperties> models, seeds, snapshots, analyses, singular_tests;
  std::vector<SourceProperties> sources;
  std::vector<MacroProperties> macros;
  std::vector<ConfigNode> groups, unit_tests;
  /// What is described only, by type: "exposure", "metric", "semantic_model", "saved_query".
  std::vector<std::pair<std::string, ConfigNode>> described;
};

/// Reads a properties file that is parsed already; keys that nobody knows go to `warnings`.
/// Errors: kConfig… with file and line.
Result<PropertiesFile> ReadProperties(const ConfigNode& root, std::vector<Error>& warnings);

}  // namespace smelt::transform
