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
  std::string test;  ///< "not_null"
  std::string name;  ///< its own name; empty: one is made
  std::string description;
  std::string column;  ///< empty: a test of the whole table
  bool quotes_column = false;
  Json arguments = Json::object();
  std::vector<YamlSetting> settings;
  std::vector<std::string> tags;  ///< those of its column
  ConfigNode place;
};

/// What a properties file says of a model, seed, snapshot, or singular test.
struct NodeProperties {
  std::string name;
  std::string description;
  std::map<std::string, std::string> columns;  ///< descriptions by name
  std::vector<YamlSetting> settings;
  std::vector<TestProperties> tests;
  std::string relation;  ///< of a snapshot without a block: what it reads
  ConfigNode place;
};

/// A table of a source.
struct SourceTableProperties {
  std::string table;
  ConfigNode identifier;  ///< its name in the lake
  std::string description;
  std::vector<YamlSetting> settings;
  std::vector<TestProperties> tests;
  ConfigNode place;
};

struct SourceProperties {
  std::string name;
  ConfigNode schema;
  std::vector<YamlSetting> settings;
  std::vector<SourceTableProperties> tables;
};

/// What one properties file defines.
struct PropertiesFile {
  std::vector<NodeProperties> models, seeds, snapshots, singular_tests;
  std::vector<SourceProperties> sources;
};

/// Reads a properties file that is parsed already.
/// Errors: kConfig… with file and line, for unknown keys with the nearest known one; kDbtUnsupported.
Result<PropertiesFile> ReadProperties(const ConfigNode& root);

}  // namespace smelt::transform
