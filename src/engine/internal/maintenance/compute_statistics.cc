// COMPUTE STATISTICS for files whose writers left none.
#include <fmt/format.h>

#include "base/json.h"
#include "delta/features.h"
#include "delta/statistics.h"
#include "engine/internal/maintenance/footer_statistics.h"
#include "engine/internal/maintenance/maintenance.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

CommandColumns ComputeStatisticsColumns(const CommandCall&) {
  return {{"version", LogicalType::BIGINT}, {"files", LogicalType::BIGINT}, {"rows", LogicalType::BIGINT}};
}

/// The columns whose bounds a footer can tell. A file that has a column in a narrower type than the table's has its
/// bounds in that type, where they are none for the table.
std::vector<FooterColumn> ColumnsWithBounds(const TableShape& shape) {
  std::vector<FooterColumn> columns;
  for (std::size_t i = 0; i < shape.names.size(); ++i) {
    if (shape.IsPartition(i) || shape.types[i].IsNested() || shape.IsWidened(i)) continue;
    columns.push_back({shape.stored_names[i], shape.types[i]});
  }
  return columns;
}

/// The same files, described anew.
Result<std::vector<delta::Add>> Describe(const CommandCall& call, const TableState& state,
                                         const std::vector<LiveFile>& files) {
  std::vector<std::string> addresses;
  for (const LiveFile& live : files) addresses.push_back(live.file->address());
  duckdb::Connection connection(call.lake().database());
  SMELT_ASSIGN(auto found, ReadFooterStatistics(call, connection, addresses, ColumnsWithBounds(state.shape)));
  std::vector<delta::Add> adds;
  for (const LiveFile& live : files) {
    const auto told = found.find(live.file->address());
    if (told == found.end()) {
      return Fail(ErrorCode::kInternal, fmt::format("the footer of '{}' was not read", live.file->address()));
    }
    delta::Add& add = adds.emplace_back(live.file->add());
    delta::FileStatistics& statistics = told->second;
    // Footers say nothing of fields within structs: what the log says of them stays.
    statistics.columns.merge(delta::ParseStatistics(add.stats.Read()).columns);
    // What a deletion vector takes away may have been the least or the greatest.
    statistics.tight_bounds = !add.deletion_vector;
    add.stats = delta::StatisticsToString(statistics);
    add.data_change = false;
  }
  return adds;
}

Result<CommandRows> RunComputeStatistics(const CommandCall& call) {
  const TableKey key = call.Table();
  SMELT_TRY(call.CheckMayChange("compute_statistics", key));
  SMELT_ASSIGN(const TableStatePtr state, call.State(key));
  SMELT_TRY(delta::CheckWritable(state->protocol, state->metadata));
  const bool full = call.Flag("full", false);
  std::vector<LiveFile> files;
  for (const LiveFile& live : state->files) {
    if (full || !live.file->add().stats.rows()) files.push_back(live);
  }
  if (files.empty()) return CommandRows{{Value(LogicalType::BIGINT), Value::BIGINT(0), Value::BIGINT(0)}};
  auto adds = Describe(call, *state, files);
  if (!adds) return Fail(std::move(adds.error()).Context(key.Text()));
  delta::Proposal proposal;
  proposal.base = state->snapshot;
  std::int64_t rows = 0;
  for (const delta::Add& add : *adds) {
    rows += add.stats.rows().value_or(0);
    // Whoever removes one of the files meanwhile must not find it back.
    proposal.reads.files.push_back(add.path);
  }
  proposal.adds = *std::move(adds);
  proposal.operation = "COMPUTE STATS";
  proposal.operation_parameters = {{"predicate", Json::array()}};
  proposal.operation_metrics = {{"numFiles", files.size()}};
  SMELT_ASSIGN(const delta::Committed committed, call.Commit(key, std::move(proposal)));
  return CommandRows{{Value::BIGINT(committed.version.value), Value::BIGINT(std::ssize(files)), Value::BIGINT(rows)}};
}

}  // namespace

Command ComputeStatisticsCommand() {
  return {"compute_statistics",
          {LogicalType::VARCHAR},
          {{"full", LogicalType::BOOLEAN}},
          ComputeStatisticsColumns,
          RunComputeStatistics};
}

}  // namespace smelt::engine
