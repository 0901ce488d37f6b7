#include "engine/internal/table_growth.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

#include "delta/added_files.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/functions.h"
#include "engine/internal/lake_scan.h"
#include "engine/internal/lake_transaction.h"

namespace smelt::engine {
namespace {

using duckdb::ClientContext;
using duckdb::LogicalType;
using duckdb::TableFunctionBindInput;
using duckdb::Value;

struct GrowthInfo : public duckdb::TableFunctionInfo {
  explicit GrowthInfo(std::shared_ptr<Lake> lake_p) : lake(std::move(lake_p)) {}
  std::shared_ptr<Lake> lake;
};

/// What came to a table after a version.
struct Growth {
  TableStatePtr now;
  std::string from_commit;  ///< empty: unknown
  std::string obstacle;     ///< as delta::AddedFiles has it
  bool rearranged = false;
  std::vector<LiveFile> files;  ///< with the added rows

  Growth Not(std::string why) && {
    obstacle = std::move(why);
    files.clear();
    return std::move(*this);
  }
};

/// The files that the transaction added to its snapshot; false when it did anything else.
bool StagedFiles(const TableState& state, std::vector<LiveFile>& staged) {
  const delta::Snapshot& snapshot = *state.snapshot;
  if (state.metadata != snapshot.metadata() || state.protocol != snapshot.protocol()) return false;
  std::set<std::string_view> committed;
  for (const auto& file : snapshot.files()) committed.insert(file->path);
  std::size_t kept = 0;
  for (const LiveFile& live : state.files) {
    if (live.deleted || live.only) return false;
    if (committed.contains(live.file->add().path)) {
      ++kept;
    } else {
      staged.push_back(live);
    }
  }
  return kept == committed.size();
}

Result<Growth> GrowthSince(const delta::Log& log, TableStatePtr now, delta::Version from) {
  Growth growth;
  growth.now = std::move(now);
  if (!growth.now->snapshot) return std::move(growth).Not("the table is new");
  if (from.value < 0) return std::move(growth).Not("no version is named");
  const delta::SnapshotPtr after = growth.now->snapshot;
  delta::SnapshotPtr before = after;
  if (from != after->version()) {
    auto loaded = log.At(from);
    if (!loaded && (loaded.error().code() == ErrorCode::kDeltaVersionMissing ||
                    loaded.error().code() == ErrorCode::kStoreNotFound)) {
      return std::move(growth).Not(fmt::format("version {} is not available", from.value));
    }
    if (!loaded) return Fail(loaded.error());
    before = *std::move(loaded);
  }
  growth.from_commit = before->commit_hash();
  std::vector<LiveFile> staged;
  if (!StagedFiles(*growth.now, staged)) return std::move(growth).Not("the transaction does more than add rows");
  SMELT_ASSIGN(const delta::AddedFiles added, delta::FindAddedFiles(log, *before, *after));
  if (!added.obstacle.empty()) return std::move(growth).Not(added.obstacle);
  growth.rearranged = added.rearranged;
  // In the order of the table's files.
  for (const LiveFile& live : growth.now->files) {
    if (added.paths.contains(live.file->add().path)) growth.files.push_back(live);
  }
  growth.files.insert(growth.files.end(), staged.begin(), staged.end());
  return growth;
}

Growth GrowthOf(ClientContext& context, const TableFunctionBindInput& input) {
  for (const Value& value : input.inputs) {
    if (value.IsNull()) Throw(Error(ErrorCode::kSqlBinding, "the growth of a table is asked for without NULL"));
  }
  Lake& lake = *input.info->Cast<GrowthInfo>().lake;
  const TableKey key = ParseTableName(duckdb::StringValue::Get(input.inputs[0]));
  TableStatePtr now;
  if (input.inputs.size() > 2) {
    now = Unwrap(lake.At(key, {input.inputs[2].GetValue<std::int64_t>()}));
  } else {
    auto& transaction = LakeTransaction::Get(context, duckdb::Catalog::GetCatalog(context, "lake"));
    now = transaction.View(key);
    // Whoever relies on what came says something of the whole table.
    if (now) transaction.NoteScan(key);
  }
  if (!now) Throw(Error(ErrorCode::kDeltaNotATable, fmt::format("there is no table {}", key.Text())));
  return Unwrap(GrowthSince(lake.LogOf(key.Folder()), std::move(now), {input.inputs[1].GetValue<std::int64_t>()}));
}

// ---- table_growth ---------------------------------------------------------------------------------------------------

struct GrowthRow : public duckdb::TableFunctionData {
  duckdb::vector<Value> values;
};

struct GrowthProgress : public duckdb::GlobalTableFunctionState {
  bool told = false;
};

duckdb::unique_ptr<duckdb::FunctionData> BindGrowth(ClientContext& context, TableFunctionBindInput& input,
                                                    duckdb::vector<LogicalType>& types,
                                                    duckdb::vector<std::string>& names) {
  const Growth growth = GrowthOf(context, input);
  auto row = duckdb::make_uniq<GrowthRow>();
  const auto add = [&](const char* name, const LogicalType& type, Value value) {
    names.emplace_back(name);
    types.push_back(type);
    row->values.push_back(value.DefaultCastAs(type));
  };
  const auto text = [](const std::string& value) { return value.empty() ? Value() : Value(value); };
  const delta::SnapshotPtr& snapshot = growth.now->snapshot;
  add("obstacle", LogicalType::VARCHAR, text(growth.obstacle));
  add("files", LogicalType::BIGINT, Value::BIGINT(static_cast<std::int64_t>(growth.files.size())));
  add("rearranged", LogicalType::BOOLEAN, Value::BOOLEAN(growth.rearranged));
  add("table_id", LogicalType::VARCHAR, text(growth.now->metadata.id));
  add("from_commit", LogicalType::VARCHAR, text(growth.from_commit));
  add("version", LogicalType::BIGINT, Value::BIGINT(snapshot ? snapshot->version().value : -1));
  add("commit", LogicalType::VARCHAR, text(snapshot ? snapshot->commit_hash() : ""));
  return row;
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitGrowth(ClientContext&, duckdb::TableFunctionInitInput&) {
  return duckdb::make_uniq<GrowthProgress>();
}

void ScanGrowth(ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  auto& progress = input.global_state->Cast<GrowthProgress>();
  if (std::exchange(progress.told, true)) return output.SetCardinality(0);
  const auto& values = input.bind_data->Cast<GrowthRow>().values;
  for (duckdb::idx_t i = 0; i < values.size(); ++i) output.SetValue(i, 0, values[i]);
  output.SetCardinality(1);
}

// ---- table_additions ------------------------------------------------------------------------------------------------

duckdb::unique_ptr<duckdb::FunctionData> BindAdditions(ClientContext& context, TableFunctionBindInput& input,
                                                       duckdb::vector<LogicalType>& types,
                                                       duckdb::vector<std::string>& names) {
  Growth growth = GrowthOf(context, input);
  if (!growth.obstacle.empty()) {
    Throw(Error(ErrorCode::kSqlUnsupported,
                fmt::format("{} was not only added to: {}", duckdb::StringValue::Get(input.inputs[0]), growth.obstacle))
              .Hint("table_growth tells whether it was; table_changes knows all kinds of changes"));
  }
  auto state = std::make_shared<TableState>(*growth.now);
  state->files = std::move(growth.files);
  input.table_function = MakeScanFunction(context, std::move(state), nullptr);
  return BindScan(context, input.table_function, types, names);
}

/// Never runs: binding replaces the whole function.
}  // namespace

void RegisterGrowthFunctions(duckdb::DatabaseInstance& db, std::shared_ptr<Lake> lake) {
  auto info = duckdb::make_shared_ptr<GrowthInfo>(std::move(lake));
  duckdb::TableFunctionSet growth("table_growth"), additions("table_additions");
  for (const bool has_end : {false, true}) {
    duckdb::vector<LogicalType> arguments{LogicalType::VARCHAR, LogicalType::BIGINT};
    if (has_end) arguments.push_back(LogicalType::BIGINT);
    duckdb::TableFunction told(arguments, ScanGrowth, BindGrowth, InitGrowth);
    told.function_info = info;
    growth.AddFunction(std::move(told));
    duckdb::TableFunction scanned(std::move(arguments), NeverScanned, BindAdditions);
    scanned.function_info = info;
    additions.AddFunction(std::move(scanned));
  }
  duckdb::ExtensionLoader loader(db, "smelt");
  loader.RegisterFunction(std::move(growth));
  loader.RegisterFunction(std::move(additions));
}

}  // namespace smelt::engine
