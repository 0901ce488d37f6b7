#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/lineage.h"
#include "engine/session.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// A column somewhere in a project.
struct ColumnRef {
  std::string node;    ///< unique id of a node or source; of what is neither, its relation or call as SQL has it
  std::string column;  ///< empty: none in particular
  std::string field;   ///< the part of a struct: "address.city"; empty: all of it
  auto operator<=>(const ColumnRef&) const = default;
};

/// What a column is made of.
struct ColumnInput {
  ColumnRef from;
  engine::Derivation how = engine::Derivation::kCopy;
};

struct LineageColumn {
  std::string name;
  std::string type;                   ///< as SQL; empty: not known
  std::vector<ColumnInput> inputs;    ///< columns of the nodes and sources that the node reads
  std::vector<ColumnRef> influences;  ///< columns that only decide about its values
};

/// Where the columns of a model, snapshot, seed or source come from.
struct NodeLineage {
  std::string unique_id;
  std::string name;           ///< for people: "orders"; of a source's table, "raw.orders"
  std::string resource_type;  ///< "model", "snapshot", "seed", "source"
  std::vector<LineageColumn> columns;
  std::vector<ColumnRef> influences;  ///< columns that decide which rows the node has: filters, joins, groups, order
  std::vector<std::string> untraced;  ///< parts of its query that could not be followed
  std::string problem;                ///< why nothing of it could be traced; empty: it was

  /// The column of that name, in any case, or null.
  const LineageColumn* Find(const std::string& column) const;
};

struct ProjectLineage {
  std::map<std::string, NodeLineage> nodes;  ///< by unique id
  ColumnRef target;                          ///< what was asked for; without a node, everything
  std::int64_t traced = 0;  ///< nodes that were traced now; what the others have has not changed since an earlier time
};

/// What lineage is wanted of.
struct LineageRequest {
  std::string target;      ///< "orders", "orders.total", "raw.orders.id", a unique id; empty: everything
  bool downstream = true;  ///< also of what reads it
};

/// Traces the columns of a project's nodes through what they are bound to, node by node; nothing is run and nothing
/// need be built: nodes are bound to the columns that the nodes before them would have, sources to those of the lake,
/// else to those that their properties list. Nodes are traced side by side, and only those whose SQL or inputs are not
/// what they were: target/lineage.json remembers the others, and holds the result.
/// Errors: those of loading the project; kDbtSelectorInvalid for a target that does not exist, with the nearest name;
/// kCancelled; kStore…. What is wrong with one node is its `problem`.
Result<ProjectLineage> TraceLineage(engine::Engine& engine, const InvokeOptions& options, const LineageRequest& request,
                                    std::stop_token stop = {});

}  // namespace smelt::transform
