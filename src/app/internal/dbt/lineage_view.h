#pragma once

#include <string>

#include "transform/lineage.h"

namespace smelt::app {

/// Which way columns are followed.
struct LineageView {
  bool upstream = true, downstream = true;
};

/// Lineage for people: of a column, trees of what it is made of and of what is made of it; of a node, its columns with
/// what they are made of; of everything, the nodes. Ends with a line break.
std::string LineageText(const transform::ProjectLineage& lineage, const LineageView& view);

/// {"target", "nodes", "edges", "influences"}: the columns that are reached, on one line.
std::string LineageJson(const transform::ProjectLineage& lineage, const LineageView& view);

/// The same as a graph for Graphviz: a box for each node with its columns.
std::string LineageDot(const transform::ProjectLineage& lineage, const LineageView& view);

}  // namespace smelt::app
