#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <unordered_map>

#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "delta/clustering.h"
#include "delta/data_files.h"
#include "delta/features.h"
#include "delta/optimize_plan.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/file_rewrite.h"
#include "engine/internal/lake_transaction.h"
#include "engine/internal/maintenance/clustering.h"
#include "engine/internal/maintenance/dropped_columns.h"
#include "engine/internal/maintenance/maintenance.h"
#include "engine/internal/maintenance/part_writer.h"
#include "engine/internal/maintenance/partition_filter.h"
#include "engine/internal/row_ids.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

/// The figures of Delta's auto compaction: this many files below this size become one.
constexpr std::int64_t kCompactedFilesMin = 50;
constexpr std::int64_t kCompactedBytes = 128LL << 20;
/// Rows of less than this stay in their order. For more, threads would have to wait for each other.
constexpr std::int64_t kOrderedBytesMax = 32LL << 20;
/// Files that were clustered together are ordered anew with those that come until they make so many of the target size.
constexpr std::int64_t kCubeFiles = 16;

/// Rows of a part: a row group of the writer is to be made of several. Too many parts cost more than they are worth,
/// and rows in parts larger than a row group, or fewer than some parts have, are better sorted.
constexpr std::int64_t kPartRowsMin = 15'000;
constexpr std::int64_t kPartRowsMax = 60'000;
constexpr std::int64_t kPartsMin = 32;
constexpr std::int64_t kPartsMax = 1'024;

CommandColumns OptimizeColumns(const CommandCall& call) {
  if (call.Flag("dry_run", false)) {
    return {{"path", LogicalType::VARCHAR},
            {"bytes", LogicalType::BIGINT},
            {"partition", LogicalType::JSON()},
            {"new_file", LogicalType::BIGINT}};
  }
  return {{"version", LogicalType::BIGINT},       {"partitions", LogicalType::BIGINT},
          {"files_removed", LogicalType::BIGINT}, {"bytes_removed", LogicalType::BIGINT},
          {"files_added", LogicalType::BIGINT},   {"bytes_added", LogicalType::BIGINT}};
}

std::string PartitionJson(const delta::PartitionValues& partition) {
  Json json = Json::object();
  for (const auto& [column, value] : partition) json[column] = value ? Json(*value) : Json();
  return JsonText(json);
}

/// What a dry run answers: each file, and the number of the new file that it would become part of.
CommandRows ListPlan(const std::vector<delta::RewriteGroup>& groups) {
  CommandRows rows;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::string partition = PartitionJson(groups[i].partition);
    for (const auto& file : groups[i].files) {
      rows.push_back({Value(file->path), Value::BIGINT(file->size_bytes), Value(partition),
                      Value::BIGINT(static_cast<std::int64_t>(i + 1))});
    }
  }
  return rows;
}

/// How an OPTIMIZE was called, checked against the table.
struct OptimizeSettings {
  delta::OptimizeOptions plan;
  std::vector<std::string> cluster_columns;      ///< none: the rows of a file stay together
  std::vector<std::string> cluster_expressions;  ///< the same over the columns that files have
  Curve curve = Curve::kZOrder;
  bool is_clustered = false;  ///< the table itself says by which columns
};

/// One OPTIMIZE of one table. Confined to one thread.
class Optimizer {
 public:
  Optimizer(const CommandCall& call, TableKey key, TableStatePtr state, const OptimizeSettings& settings)
      : call_(call), key_(std::move(key)), state_(std::move(state)), settings_(settings), mark_(NewUuid()) {
    for (const LiveFile& live : state_->files) live_files_.emplace(&live.file->add(), live);
  }

  /// Writes the new files of all groups; after an error none is left.
  Result<std::vector<delta::Add>> Rewrite(const std::vector<delta::RewriteGroup>& groups) {
    std::vector<delta::Add> written;
    for (const delta::RewriteGroup& group : groups) {
      auto files = RewriteOne(group);
      if (!files) {
        Discard();
        return Fail(std::move(files.error()).Context(key_.Text()));
      }
      for (WrittenFile& file : *files) written.push_back(std::move(file.add));
    }
    return written;
  }

  /// Deletes what Rewrite has written.
  void Discard() const { DeleteMarkedFiles(call_.lake(), key_, {mark_}); }

 private:
  Result<std::vector<WrittenFile>> RewriteOne(const delta::RewriteGroup& group) {
    SMELT_TRY(call_.CheckNotInterrupted());
    auto part = std::make_shared<TableState>(*state_);
    part->files.clear();
    part->shape = state_->shape.Stored();
    for (const auto& file : group.files) part->files.push_back(live_files_.at(file.get()));
    SMELT_ASSIGN(TableStatePtr lent, WithRowIds(*part));
    const std::string handle = call_.lake().Lend(std::move(lent));
    duckdb::Connection connection(call_.lake().database());
    auto copied = Copy(connection, handle, group);
    call_.lake().TakeBack(handle);
    if (!copied) return Fail(std::move(copied.error()));
    std::vector<WrittenFile> files = *std::move(copied);
    for (WrittenFile& file : files) file.add.partition_values = group.partition;
    // When no row was left, the writer has made a file without rows; Discard, or VACUUM, takes care of it.
    std::erase_if(files, [](const WrittenFile& file) { return file.add.stats.rows() == 0; });
    return files;
  }

  Result<std::vector<WrittenFile>> Copy(duckdb::Connection& connection, const std::string& handle,
                                        const delta::RewriteGroup& group) const {
    SMELT_ASSIGN(const std::string folder, FolderOf(group));
    const storage::ObjectStore& store = call_.lake().store();
    const TableShape shape = state_->shape.Stored();
    CopyTarget target;
    if (settings_.cluster_columns.empty()) {
      target.any_order = group.bytes() > kOrderedBytesMax;
    } else {
      const std::size_t parts = PartsOf(group);
      SMELT_ASSIGN(const ClusterOrder order, PrepareClustering(call_, connection, handle, settings_.cluster_expressions,
                                                               settings_.curve, RowsOf(group), parts));
      if (order.is_part) {
        return CopyInParts(call_, connection, shape, handle, order.expression, parts,
                           {store.Address(folder), mark_, FileRows(group)});
      }
      target.order_by = order.expression;
    }
    // One file is written by all threads, several one after the other.
    if (settings_.cluster_columns.empty() || group.bytes() <= settings_.plan.target_bytes) {
      target.address = store.Address(fmt::format("{}/part-{}-{}.parquet", folder, NewUuid(), mark_));
    } else {
      target.address = store.Address(folder);
      target.name_pattern = fmt::format("part-{{uuidv7}}-{}", mark_);
      target.file_bytes_max = settings_.plan.target_bytes;
    }
    SMELT_ASSIGN(const auto report, call_.Run(connection, CopyStatement(shape, handle, target)));
    return FilesFromReport(*report, store.Address(key_.Folder()), shape, group.partition);
  }

  /// Into how many parts the rows of a group are to be put; 0: they are to be sorted.
  static std::size_t PartsOf(const delta::RewriteGroup& group) {
    const std::int64_t rows = RowsOf(group);
    if (rows < kPartsMin * kPartRowsMin || rows > kPartsMax * kPartRowsMax) return 0;
    return static_cast<std::size_t>(std::min(rows / kPartRowsMin, kPartsMax));
  }

  /// How many rows make a file of the target size.
  std::int64_t FileRows(const delta::RewriteGroup& group) const {
    const std::int64_t files =
        std::max<std::int64_t>(1, (group.bytes() + settings_.plan.target_bytes / 2) / settings_.plan.target_bytes);
    return (RowsOf(group) + files - 1) / files;
  }

  /// As the files say, with those that are deleted; 0 where one does not say.
  static std::int64_t RowsOf(const delta::RewriteGroup& group) {
    std::int64_t rows = 0;
    for (const auto& file : group.files) {
      const auto in_file = file->stats.rows();
      if (!in_file) return 0;
      rows += *in_file;
    }
    return rows;
  }

  /// Where the files of a group lie: the folder of the first that is within the table's.
  Result<std::string> FolderOf(const delta::RewriteGroup& group) const {
    for (const auto& file : group.files) {
      SMELT_ASSIGN(const std::string path, delta::DecodePath(file->path));
      const std::size_t slash = path.rfind('/');
      if (delta::IsAbsolutePath(path) || slash == std::string::npos) continue;
      return key_.Folder() + "/" + path.substr(0, slash);
    }
    return key_.Folder();
  }

  const CommandCall& call_;
  TableKey key_;
  TableStatePtr state_;
  const OptimizeSettings& settings_;
  std::string mark_;
  std::unordered_map<const delta::Add*, LiveFile> live_files_;
};

/// A clustered table is ordered by its own columns, and only where it is not yet.
Status ClusterAsTheTableSays(const CommandCall& call, const TableState& state, OptimizeSettings& settings) {
  const bool full = call.Flag("full", false);
  SMELT_ASSIGN(const auto clustered, ClusterColumnsOf(state));
  std::vector<std::string> columns;
  for (const ClusteredColumn& column : clustered) columns.push_back(column.name);
  if (columns.empty()) {
    if (!full) return {};
    return Fail(Error(ErrorCode::kSqlBinding, "full: the table is not clustered")
                    .Hint("`zorder` rewrites all files in any case; SORTED BY clusters a table for good"));
  }
  if (!settings.cluster_columns.empty()) {
    return Fail(Error(ErrorCode::kSqlBinding,
                      fmt::format("zorder: the table is clustered by {} already", fmt::join(columns, ", ")))
                    .Hint("leave zorder out, or ALTER TABLE … SET SORTED BY other columns"));
  }
  for (const ClusteredColumn& column : clustered) {
    if (column.expression.empty()) {
      return Fail(Error(ErrorCode::kDeltaCorrupt,
                        fmt::format("the table is clustered by '{}', which it does not have", column.name))
                      .Hint("ALTER TABLE … SET SORTED BY columns that are there"));
    }
    settings.cluster_expressions.push_back(column.expression);
  }
  settings.cluster_columns = std::move(columns);
  settings.curve = Curve::kHilbert;
  settings.is_clustered = true;
  settings.plan.cluster = true;
  const auto takes = [&](bool all) {
    return delta::FilesToCluster(*state.snapshot, settings.cluster_columns, all,
                                 kCubeFiles * settings.plan.target_bytes);
  };
  settings.plan.takes = takes(full);
  if (settings.plan.purge) {
    settings.plan.takes = [due = takes(full), any = takes(true)](const delta::Add& file) {
      return due(file) || (file.deletion_vector && any(file));
    };
  }
  return {};
}

Result<OptimizeSettings> SettingsOf(const CommandCall& call, const TableState& state) {
  OptimizeSettings settings;
  SMELT_ASSIGN(settings.cluster_columns, ClusterColumns(state, call.TextList("zorder")));
  for (const std::string& name : settings.cluster_columns) {
    settings.cluster_expressions.push_back(QuoteIdentifier(state.shape.stored_names[*state.shape.Find(name)]));
  }
  const std::string curve = call.Option("curve").value_or(Value("zorder")).ToString();
  if (curve != "zorder" && curve != "hilbert") {
    return Fail(ErrorCode::kSqlBinding, fmt::format("curve is 'zorder' or 'hilbert', not '{}'", curve));
  }
  if (curve == "hilbert") settings.curve = Curve::kHilbert;
  delta::OptimizeOptions& plan = settings.plan;
  plan.cluster = !settings.cluster_columns.empty();
  plan.target_bytes = delta::TargetFileBytes(state.metadata);
  if (const auto bytes = call.Option("target_file_bytes")) plan.target_bytes = bytes->GetValue<std::int64_t>();
  if (plan.target_bytes <= 0) return Fail(ErrorCode::kSqlBinding, "target_file_bytes must be greater than 0");
  plan.purge = call.Flag("purge", false);
  SMELT_TRY(ClusterAsTheTableSays(call, state, settings));
  if (const auto where = call.Option("where")) {
    SMELT_ASSIGN(plan.selects, CompilePartitionFilter(call, state, where->ToString()));
  }
  return settings;
}

/// Rewrites the groups and commits; after an error, no new file is left. Also gives the metrics.
Result<std::pair<delta::Committed, Json>> Replace(const CommandCall& call, const TableKey& key,
                                                  const TableStatePtr& state, const OptimizeSettings& settings,
                                                  const std::vector<delta::RewriteGroup>& groups,
                                                  const delta::OptimizeCall& record) {
  Optimizer optimizer(call, key, state, settings);
  SMELT_ASSIGN(std::vector<delta::Add> written, optimizer.Rewrite(groups));
  if (settings.is_clustered) delta::MarkClustered(written, settings.cluster_columns);
  delta::Proposal proposal = delta::OptimizeProposal(state->snapshot, groups, std::move(written), record);
  Json metrics = proposal.operation_metrics;
  auto committed = call.Commit(key, std::move(proposal));
  if (committed) return std::pair(std::move(*committed), std::move(metrics));
  // Files of a commit whose fate is unknown may be in use.
  if (committed.error().code() != ErrorCode::kDeltaCommitUnknown) optimizer.Discard();
  return Fail(std::move(committed.error()));
}

Result<CommandRows> RunOptimize(const CommandCall& call) {
  const TableKey key = call.Table();
  const bool dry_run = call.Flag("dry_run", false);
  if (!dry_run) SMELT_TRY(call.CheckMayChange("optimize", key));
  SMELT_ASSIGN(const TableStatePtr state, call.State(key));
  SMELT_TRY(delta::CheckWritable(state->protocol, state->metadata));
  SMELT_ASSIGN(const OptimizeSettings settings, SettingsOf(call, *state));
  const std::vector<delta::RewriteGroup> groups = delta::PlanOptimize(*state->snapshot, settings.plan);
  if (dry_run) return ListPlan(groups);
  delta::OptimizeCall record;
  (settings.is_clustered ? record.cluster_columns : record.zorder_columns) = settings.cluster_columns;
  if (const auto where = call.Option("where")) record.predicates.push_back(where->ToString());
  SMELT_ASSIGN(auto replaced, Replace(call, key, state, settings, groups, record));
  const auto& [committed, metrics] = replaced;
  std::set<delta::PartitionValues> partitions;
  for (const delta::RewriteGroup& group : groups) partitions.insert(group.partition);
  const auto metric = [&](const char* name) { return Value::BIGINT(metrics[name].get<std::int64_t>()); };
  return CommandRows{{committed.attempts > 0 ? Value::BIGINT(committed.version.value) : Value(LogicalType::BIGINT),
                      Value::BIGINT(std::ssize(partitions)), metric("numRemovedFiles"), metric("numRemovedBytes"),
                      metric("numAddedFiles"), metric("numAddedBytes")}};
}

CommandColumns ReorgColumns(const CommandCall&) {
  return {{"version", LogicalType::BIGINT},
          {"files_removed", LogicalType::BIGINT},
          {"bytes_removed", LogicalType::BIGINT},
          {"files_added", LogicalType::BIGINT},
          {"bytes_added", LogicalType::BIGINT}};
}

/// Rewrites the files that hold what the table does not show: deleted rows, dropped columns and dropped
/// fields. The others stay.
Result<CommandRows> RunReorg(const CommandCall& call) {
  const TableKey key = call.Table();
  SMELT_TRY(call.CheckMayChange("reorg", key));
  SMELT_ASSIGN(const TableStatePtr state, call.State(key));
  SMELT_TRY(delta::CheckWritable(state->protocol, state->metadata));
  SMELT_ASSIGN(const std::set<std::string> stale, FilesWithDroppedColumns(call, *state));
  std::set<std::string> paths;
  for (const LiveFile& live : state->files) {
    const bool hides_something = live.file->add().deletion_vector || stale.contains(live.file->address());
    if (hides_something) paths.insert(live.file->add().path);
  }
  OptimizeSettings settings;
  settings.plan.target_bytes = delta::TargetFileBytes(state->metadata);
  settings.plan.rewrite = true;
  settings.plan.takes = [&](const delta::Add& file) { return paths.contains(file.path); };
  delta::OptimizeCall record{.operation = "REORG"};
  if (const auto where = call.Option("where")) {
    SMELT_ASSIGN(settings.plan.selects, CompilePartitionFilter(call, *state, where->ToString()));
    record.predicates.push_back(where->ToString());
  }
  const std::vector<delta::RewriteGroup> groups = delta::PlanOptimize(*state->snapshot, settings.plan);
  SMELT_ASSIGN(auto replaced, Replace(call, key, state, settings, groups, record));
  const auto& [committed, metrics] = replaced;
  const auto metric = [&](const char* name) { return Value::BIGINT(metrics[name].get<std::int64_t>()); };
  return CommandRows{{committed.attempts > 0 ? Value::BIGINT(committed.version.value) : Value(LogicalType::BIGINT),
                      metric("numRemovedFiles"), metric("numRemovedBytes"), metric("numAddedFiles"),
                      metric("numAddedBytes")}};
}

Status Compact(const CommandCall& call, const TableKey& key, const std::set<delta::PartitionValues>& partitions) {
  SMELT_ASSIGN(const TableStatePtr state, call.State(key));
  SMELT_TRY(delta::CheckWritable(state->protocol, state->metadata));
  OptimizeSettings settings;
  settings.plan.target_bytes = std::min(kCompactedBytes, delta::TargetFileBytes(state->metadata));
  settings.plan.files_min = kCompactedFilesMin;
  settings.plan.takes = [](const delta::Add& file) { return !file.clustering_provider; };
  settings.plan.selects = [&](const delta::PartitionValues& partition) { return partitions.contains(partition); };
  const std::vector<delta::RewriteGroup> groups = delta::PlanOptimize(*state->snapshot, settings.plan);
  if (groups.empty()) return {};
  SMELT_TRY(Replace(call, key, state, settings, groups, {.automatic = true}));
  return {};
}

}  // namespace

void CompactAutomatically(duckdb::ClientContext& context, const std::shared_ptr<Lake>& lake) {
  std::map<TableKey, std::set<delta::PartitionValues>> tables;
  {
    ConnectionState& connection = ConnectionState::Of(context);
    const std::lock_guard guard(connection.lock);
    tables.swap(connection.to_compact);
  }
  for (const auto& [key, partitions] : tables) {
    const CommandCall call(context, lake, {}, {});
    Status status;
    try {
      status = Compact(call, key, partitions);
    } catch (const std::exception&) {
      status = Fail(FromCurrentException());
    }
    if (status) continue;
    Log(LogLevel::kWarn, "engine.compact.failed", {{"table", key.Text()}, {"reason", status.error().message()}});
  }
}

Command ReorgCommand() {
  return {"reorg", {LogicalType::VARCHAR}, {{"where", LogicalType::VARCHAR}}, ReorgColumns, RunReorg};
}

Command OptimizeCommand() {
  return {"optimize",
          {LogicalType::VARCHAR},
          {{"zorder", LogicalType::LIST(LogicalType::VARCHAR)},
           {"curve", LogicalType::VARCHAR},
           {"where", LogicalType::VARCHAR},
           {"target_file_bytes", LogicalType::BIGINT},
           {"purge", LogicalType::BOOLEAN},
           {"full", LogicalType::BOOLEAN},
           {"dry_run", LogicalType::BOOLEAN}},
          OptimizeColumns,
          RunOptimize};
}

}  // namespace smelt::engine
