#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "engine/session.h"
#include "transform/invoke.h"
#include "transform/lineage.h"

namespace smelt::app {

/// "schema.table" of a manifest's entry; empty for what makes no table.
std::string RelationOf(const Json& node);

/// What a dbt project says of its nodes, found by the tables they make. Immutable once loaded.
class DbtGraph {
 public:
  /// Loads the project and traces its columns; what was traced before and has not changed is not traced again.
  /// Errors: those of transform::ListNodes and transform::TraceLineage.
  static Result<DbtGraph> Load(engine::Engine& engine, const transform::InvokeOptions& options,
                               const std::stop_token& stop);

  /// The manifest's entry of the node that makes "schema.table", or null.
  const Json* NodeOf(const std::string& table) const;
  /// The entry of a test by its name, or null.
  const Json* TestOf(const std::string& name) const;
  /// "schema.table" of a node or source; of what is neither, the text itself when it looks like a table; else nothing.
  std::optional<std::string> TableOf(const std::string& unique_id) const;
  /// Where the columns of a node come from, or null.
  const transform::NodeLineage* LineageOf(const std::string& unique_id) const;
  /// The SQL that a node became, as the last run left it under the target folder; nothing when it did not.
  std::optional<std::string> CompiledSql(const Json& node) const;

 private:
  std::string compiled_;                       ///< <target>/compiled
  std::map<std::string, Json> nodes_;          ///< by "schema.table"
  std::map<std::string, Json> tests_;          ///< by name
  std::map<std::string, std::string> tables_;  ///< unique id → "schema.table"
  transform::ProjectLineage lineage_;
};

}  // namespace smelt::app
