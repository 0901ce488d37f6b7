#pragma once

#include <string>
#include <vector>

#include "engine/internal/maintenance/command.h"

namespace smelt::engine {

enum class Curve { kZOrder, kHilbert };

/// Checks that rows can be clustered by these columns: they exist, once each, and are no partition columns.
/// Returns their names as the table writes them. Errors: kSqlBinding.
Result<std::vector<std::string>> ClusterColumns(const TableState& state, const std::vector<std::string>& columns);

/// A column that a table says it is clustered by, or a field of a struct.
struct ClusteredColumn {
  std::string name;        ///< fields of structs with dots
  std::string expression;  ///< over the columns that files have; empty when the table has no such column
};
/// Errors: kDeltaCorrupt.
Result<std::vector<ClusteredColumn>> ClusterColumnsOf(const TableState& state);

/// How rows are put in order.
struct ClusterOrder {
  std::string expression;
  bool is_part = false;  ///< the expression is the number of a part, and rows of equal numbers may lie as they like
};

/// Prepares `connection` for ordering the rows of the state lent as `handle` along a curve through the values of
/// `expressions`. A coordinate is the rank of a value among ranges of equal weight, which a sample of the rows gives;
/// NULL comes first. Values of any sortable type will do. `rows` is how many there are, about. With `parts` the rows
/// are cut into no more than so many parts of about equal size that follow each other along the curve, if such numbers
/// are to be had; else, and without, they are to be sorted by the expression. Errors: kSql…, kStore…, kCancelled.
Result<ClusterOrder> PrepareClustering(const CommandCall& call, duckdb::Connection& connection,
                                       const std::string& handle, const std::vector<std::string>& expressions,
                                       Curve curve, std::int64_t rows, std::size_t parts);

/// Registers the functions in that expression.
void RegisterClustering(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine
