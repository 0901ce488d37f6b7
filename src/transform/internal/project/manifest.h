#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "base/json.h"
#include "transform/internal/jinja/template.h"

namespace smelt::transform {

enum class ResourceType { kModel, kSeed, kSnapshot, kGenericTest, kSingularTest, kUnitTest, kAnalysis, kOperation };

/// "model", "seed", "snapshot", "test" (of both kinds of data tests), "unit_test", "analysis", "operation".
std::string_view ResourceTypeText(ResourceType type);
/// Whether it is a data test: generic or singular.
bool IsDataTest(ResourceType type);
/// Whether it makes a table or view that others refer to by ref(): a model, seed or snapshot.
bool IsRefable(ResourceType type);

/// A table or view by name: what `{{ ref(…) }}`, `{{ source(…) }}` and `{{ this }}` print.
struct RelationName {
  std::string schema;
  std::string identifier;
  auto operator<=>(const RelationName&) const = default;
  /// As SQL: quoted where needed.
  std::string Sql() const;
  /// "schema.identifier", for people and logs.
  std::string Text() const { return schema + "." + identifier; }
};

/// What runs before or after a node.
struct Hook {
  std::string sql;          ///< a template
  bool transaction = true;  ///< within the node's transaction
};

/// The settings of a node that the runner acts on, resolved from dbt_project.yml, properties files and config().
struct NodeConfig {
  std::string materialized = "view";  ///< "table", "view", "incremental", "ephemeral", "seed", "snapshot", "test"
  std::string incremental_strategy;   ///< "append", "merge", …; empty: the default one
  std::vector<std::string> unique_key;
  std::optional<bool> full_refresh;
  bool skip_unchanged = true;
  std::vector<Hook> pre_hook, post_hook;
  // Snapshots.
  std::string strategy;  ///< "timestamp" or "check"
  std::string updated_at;
  std::vector<std::string> check_cols;  ///< {"all"} means all
  // Seeds.
  std::map<std::string, std::string> column_types;
  std::string delimiter = ",";
  // Tests.
  std::string severity = "error";  ///< "error" or "warn"
  std::string where;
  std::string error_if = "!= 0", warn_if = "!= 0";
  std::string fail_calc = "count(*)";
  std::optional<std::int64_t> limit;
  Json all = Json::object();  ///< every key as `config.get` and `model.config` see it
};

/// A column as a properties file describes it.
struct Column {
  std::string name;
  std::string description;
  std::string data_type;  ///< empty: not told
  std::optional<bool> quote;
  std::string granularity;
  std::vector<std::string> tags;
  Json meta = Json::object();
  Json constraints = Json::array();  ///< maps with "type" and so on, as they are written
};

/// A ref() as it is written.
struct RefCall {
  std::string package, name, version;  ///< package and version: empty when not told
  auto operator<=>(const RefCall&) const = default;
};

/// One node of the project. Immutable once the manifest is loaded.
struct Node {
  ResourceType type = ResourceType::kModel;
  std::string unique_id;  ///< "model.olist.orders", "test.olist.not_null_orders_order_id.1a2b3c4d5e"
  std::string package;    ///< the project that it belongs to
  std::string name;
  RelationName relation;                 ///< where its rows are; tests and ephemeral models have none that exists
  std::optional<RelationName> deferred;  ///< where its rows are in another state, when others read them there
  NodeConfig config;
  std::string description;
  std::vector<Column> columns;  ///< those that properties describe, in their order
  std::vector<std::string> tags;
  std::vector<std::string> fqn;  ///< package, folders, name
  std::string file;              ///< relative to the root project, for people: "dbt_packages/utils/models/a.sql"
  std::string original_file;     ///< relative to its own project: "models/a.sql"
  std::string path;              ///< relative to the folder of its kind: "a.sql"
  std::string properties_file;   ///< that describes it, "<package>://<file>"; empty: none
  std::int64_t line = 1;         ///< where its SQL begins in the file
  std::string checksum;          ///< SHA-256 of its file; empty: it has none of its own
  std::string raw_sql;           ///< its text before rendering; of a seed, the hash of its file
  jinja::TemplatePointer sql;    ///< the model's or test's template; null for seeds
  bool is_python = false;
  const jinja::Body* body = nullptr;  ///< the part of the template that is the node's SQL; null: all of it
  std::string version;                ///< of a versioned model; empty: it has none
  std::string latest_version;         ///< of the model that it is a version of
  std::string deprecation_date;
  Json constraints = Json::array();         ///< of the whole model
  Json unrendered_config = Json::object();  ///< what properties and config() set, as it is written
  Json time_spine;                          ///< null: none
  // What it reads.
  std::vector<RefCall> refs;                ///< in the order of first mention
  std::vector<std::string> depends_on;      ///< unique ids of nodes, in the order of first mention, without doubles
  std::vector<std::string> sources;         ///< unique ids of the source tables
  std::vector<RelationName> source_inputs;  ///< relations of sources it reads
  std::vector<std::string> macros;          ///< unique ids of the macros that its text names
  std::map<std::string, std::string> environment;  ///< environment variables that its SQL was made with
  // Generic tests.
  std::string attached_to;     ///< unique id of what it tests, if that is a node
  std::string source_input;    ///< unique id of what it tests, if that is a source table
  std::string column_name;     ///< of a test on a column
  std::string test_name;       ///< "not_null", "unique", …
  std::string test_namespace;  ///< the package that is asked for; empty: none
  std::string test_model;      ///< how the test calls what it tests: "ref('orders')"
  Json test_arguments = Json::object();
  /// Of a unit test, as properties define it: "model", "given", "expect", "overrides"; rows of fixture files are there
  /// under "rows".
  Json unit_test;
  /// Of a unit test: unique ids of the nodes and sources that its inputs stand for, in their order; "this" is the
  /// model.
  std::vector<std::string> given;
  std::string definition_hash;  ///< identity of its SQL, config and the macros it may use; see HashDefinitions

  /// Where others read its rows.
  const RelationName& readable() const { return deferred ? *deferred : relation; }
};

/// A table of a source.
struct SourceTable {
  std::string unique_id;  ///< "source.olist.bronze.orders"
  std::string package;
  std::string source, table;
  RelationName relation;
  std::string description, source_description;
  std::vector<Column> columns;
  std::vector<std::string> tags;
  std::vector<std::string> fqn;
  std::string loader;
  std::string loaded_at_field, loaded_at_query;
  Json freshness;  ///< "warn_after", "error_after" ({"count", "period"}), "filter"; null: not asked for
  Json meta = Json::object(), source_meta = Json::object();
  Json config = Json::object();             ///< every setting
  Json unrendered_config = Json::object();  ///< the same as it is written
  Json external;                            ///< null: none
  std::string file, original_file;
  std::int64_t line = 1;
};

/// What is described and may depend on nodes, but makes nothing: exposures, metrics, semantic models, saved queries.
struct Described {
  std::string type;  ///< "exposure", "metric", "semantic_model", "saved_query"
  std::string unique_id, package, name;
  std::vector<std::string> fqn, tags;
  std::vector<std::string> depends_on;                            ///< unique ids of nodes, sources and others of these
  std::vector<RefCall> refs;                                      ///< as they are written
  std::vector<std::pair<std::string, std::string>> source_calls;  ///< sources and tables that it names
  Json config = Json::object();
  Json unrendered_config = Json::object();  ///< the same as it is written
  Json body = Json::object();  ///< everything that the properties file says, rendered; see semantic/shape.h
  std::string file, original_file;
  std::string path;  ///< relative to the folder of its kind
  std::int64_t line = 1;
  std::size_t position = 0;  ///< in the order in which files define these things
};

struct DocsBlock {
  std::string text;
  std::string file;  ///< relative to its package
};

struct Group {
  std::string name, package, description;
  Json owner = Json::object();
  Json config = Json::object();
  std::string file, original_file;
};

struct Manifest {
  std::string project_name;
  std::string project_dir;
  std::map<std::string, Node> nodes;                              ///< by unique id
  std::vector<std::string> order;                                 ///< unique ids, every node after what it depends on
  std::vector<Node> operations;                                   ///< on-run-start and -end hooks, as they run
  std::map<std::string, SourceTable> sources;                     ///< by unique id
  std::map<std::string, Described> described;                     ///< by unique id
  std::map<std::string, Group> groups;                            ///< by name
  std::map<std::string, std::vector<Node>> disabled;              ///< by unique id
  std::map<std::pair<std::string, std::string>, DocsBlock> docs;  ///< by package and name
};

/// The node or operation of that id, or null.
const Node* FindNode(const Manifest& manifest, const std::string& unique_id);

}  // namespace smelt::transform
