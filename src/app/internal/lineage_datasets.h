#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/internal/dbt_graph.h"
#include "engine/session.h"
#include "observe/lineage_event.h"

namespace smelt::app {

/// Describes tables of a lake as datasets of lineage events. What cannot be found out is left out. Confined to one
/// thread at a time.
class LineageDatasets {
 public:
  /// `graph` may be null; both outlive it.
  LineageDatasets(engine::Engine& engine, const DbtGraph* graph) : engine_(engine), graph_(graph) {}

  /// A table with its schema, version and storage, and what the dbt project says of it.
  observe::LineageDataset Table(const std::string& table) const;
  /// The same as something written: with the rows it has been given (-1: not known) and where its columns come from.
  observe::LineageDataset Output(const std::string& table, std::int64_t rows) const;
  /// A table that was checked, with what holds and what does not (entries of dataQualityAssertions), and its figures.
  observe::LineageDataset Checked(const std::string& table, const Json& assertions) const;
  /// The files of which the newest commit of a table says that a load by this run took them.
  std::vector<observe::LineageDataset> LoadedFiles(const std::string& table, const std::string& run_id,
                                                   const std::string& folder) const;

 private:
  Json ColumnLineage(const std::string& unique_id) const;
  std::optional<Json> InputField(const transform::ColumnRef& column) const;

  engine::Engine& engine_;
  const DbtGraph* graph_;
};

/// "silver" and "orders" of "silver.orders".
std::pair<std::string, std::string> SchemaAndTable(const std::string& table);

}  // namespace smelt::app
