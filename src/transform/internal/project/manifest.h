#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "base/json.h"
#include "transform/internal/jinja/template.h"

namespace smelt::transform {

enum class ResourceType { kModel, kSeed, kSnapshot, kGenericTest, kSingularTest };

/// "model", "seed", "snapshot", "test".
std::string_view ResourceTypeText(ResourceType type);

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

/// The settings of a node that the runner acts on, resolved from dbt_project.yml, properties files and config().
struct NodeConfig {
  std::string materialized = "view";  ///< "table", "view", "incremental", "ephemeral", "seed", "snapshot", "test"
  std::string incremental_strategy;   ///< "append", "merge", "delete+insert"; resolved, never empty for incremental
  std::vector<std::string> unique_key;
  std::vector<std::string> merge_update_columns, merge_exclude_columns;
  std::vector<std::string> partition_by;
  std::string on_schema_change = "ignore";  ///< "ignore", "fail", "append_new_columns"
  std::optional<bool> full_refresh;
  bool skip_unchanged = true;
  std::vector<std::string> pre_hook, post_hook;  ///< templates
  // Snapshots.
  std::string strategy;  ///< "timestamp" or "check"
  std::string updated_at;
  std::vector<std::string> check_cols;  ///< {"all"} means all
  bool invalidate_hard_deletes = false;
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

/// One node of the project. Immutable once the manifest is loaded.
struct Node {
  ResourceType type = ResourceType::kModel;
  std::string unique_id;  ///< "model.olist.orders", "test.olist.not_null_orders_order_id.1a2b3c4d5e"
  std::string name;
  RelationName relation;  ///< where its rows are; tests and ephemeral models have none that exists
  NodeConfig config;
  std::string description;
  std::map<std::string, std::string> column_descriptions;
  std::vector<std::string> tags;
  std::string file;                         ///< relative to the project
  std::int64_t line = 1;                    ///< where its SQL begins in the file
  jinja::TemplatePointer sql;               ///< the model's or test's template; null for seeds
  std::vector<std::string> depends_on;      ///< unique ids of nodes, in the order of first mention, without doubles
  std::vector<RelationName> source_inputs;  ///< relations of sources it reads
  std::string attached_to;                  ///< of a generic test: unique id of what it tests, if that is a node
  std::string column_name;                  ///< of a generic test on a column
  std::string test_name;                    ///< of a generic test: "not_null", "unique", …
  Json test_arguments = Json::object();
  std::string definition_hash;  ///< identity of its SQL, config and the macros it may use
};

struct Manifest {
  std::string project_name;
  std::string project_dir;
  std::map<std::string, Node> nodes;  ///< by unique id
  std::vector<std::string> order;     ///< unique ids, every node after what it depends on
};

}  // namespace smelt::transform
