#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "transform/lineage.h"

namespace smelt::app {

using ColumnKey = std::pair<std::string, std::string>;  ///< unique id and column

/// A step of lineage between two columns.
struct LineageEdge {
  transform::ColumnRef from;
  ColumnKey to;
  engine::Derivation how = engine::Derivation::kCopy;
};

/// Lineage as a graph that can be followed both ways. The lineage must outlive it. Immutable.
class LineageGraph {
 public:
  explicit LineageGraph(const transform::ProjectLineage& lineage);

  /// The steps that end in the column, or begin in it.
  const std::vector<LineageEdge>& Into(const ColumnKey& column) const { return At(into_, column); }
  const std::vector<LineageEdge>& OutOf(const ColumnKey& column) const { return At(out_of_, column); }
  /// The columns that are meant: one, all of a node, or all.
  std::vector<ColumnKey> Targets() const;
  /// Every step on the ways to the targets and from them, each once, in the order of names.
  std::vector<LineageEdge> Reached(bool upstream, bool downstream) const;

  /// "orders.total": the column as people name it.
  std::string NameOf(const ColumnKey& column) const;
  std::string NameOf(const transform::ColumnRef& ref) const;
  std::string NodeName(const std::string& id) const;
  const transform::ProjectLineage& lineage() const { return lineage_; }

 private:
  using Steps = std::map<ColumnKey, std::vector<LineageEdge>>;
  static const std::vector<LineageEdge>& At(const Steps& steps, const ColumnKey& column);
  void Follow(const Steps& steps, bool forward, std::map<std::pair<ColumnKey, ColumnKey>, LineageEdge>& found) const;

  const transform::ProjectLineage& lineage_;
  Steps into_, out_of_;
};

}  // namespace smelt::app
