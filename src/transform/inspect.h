#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "engine/session.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// What a project holds, counted: {"model": 4, "test": 5, …} in dbt's order.
struct ProjectSummary {
  std::vector<std::pair<std::string, std::int64_t>> counts;
  double seconds = 0;

  /// "4 models, 1 snapshot, 5 data tests, 513 macros".
  std::string Text() const;
};

/// Loads and checks all of a project and writes its manifest. Errors: as Invoke, before anything runs.
Result<ProjectSummary> ParseProject(const InvokeOptions& options);

/// A node, source, exposure or the like as `list` shows it.
struct ListedNode {
  std::string unique_id;
  std::string resource_type;
  std::string name;      ///< "daily", "orders.v2", "bronze.orders"
  std::string selector;  ///< what --select takes to mean it: "shop.marts.daily", "source:shop.bronze.orders"
  std::string path;      ///< its file, relative to its project
  Json description;      ///< what the manifest says of it
};

/// Everything that is selected, in the order of names within their types; analyses only when they are asked for by
/// `resource_types`. Opens no lake. Errors: as Invoke.
Result<std::vector<ListedNode>> ListNodes(const InvokeOptions& options);

/// A node and the SQL that it becomes.
struct CompiledNode {
  std::string unique_id, name;
  std::string sql;
  std::string path;  ///< the file that holds it
};

/// Renders the selected nodes and keeps their SQL under <target>/compiled. Errors: as Invoke; the first node that
/// cannot be rendered ends it.
Result<std::vector<CompiledNode>> CompileNodes(engine::Engine& engine, const InvokeOptions& options,
                                               std::stop_token stop = {});

/// Renders a query with templates that is no node of the project; of the result only the SQL is filled. Errors: as
/// CompileNodes.
Result<CompiledNode> CompileInline(engine::Engine& engine, const InvokeOptions& options, const std::string& query,
                                   std::stop_token stop = {});

/// Writes catalog.json: what tables and views of the project there are, with columns and statistics; `is_empty`:
/// without looking. Returns its path. Errors: as Invoke, before anything runs.
Result<std::string> WriteCatalogOf(engine::Engine& engine, const InvokeOptions& options, bool is_empty);

}  // namespace smelt::transform
