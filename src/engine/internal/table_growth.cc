#include "engine/internal/table_growth.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "delta/added_files.h"
#include "delta/change_feed.h"
#include "delta/features.h"
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
  bool same_definition = false;  ///< columns, properties and protocol are those of that version
  std::vector<LiveFile> files;   ///< with the added rows

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
  growth.same_definition = growth.now->metadata == before->metadata() && growth.now->protocol == before->protocol();
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

using RowSetPtr = std::shared_ptr<const delta::RowSet>;

/// All rows of a file that the state does not have.
Result<RowSetPtr> MissingRows(const LiveFile& live) {
  SMELT_ASSIGN(RowSetPtr own, live.file->DeletedRows());
  if (!own) own = std::make_shared<const delta::RowSet>();
  if (!live.deleted) return own;
  auto all = std::make_shared<delta::RowSet>(*own);
  constexpr std::uint64_t kWordBits = 64;
  for (std::uint64_t word = 0; word < live.deleted->words().size(); ++word) {
    for (std::uint64_t bit = 0; bit < kWordBits; ++bit) {
      if ((live.deleted->words()[word] >> bit & 1) != 0) all->Set(word * kWordBits + bit);
    }
  }
  return RowSetPtr(std::move(all));
}

/// The rows that one state has and the other has not, as files of the one.
Result<std::vector<LiveFile>> RowsBeyond(const TableState& one, const TableState& other) {
  std::map<std::string_view, const LiveFile*> known;
  for (const LiveFile& live : other.files) known[live.file->add().path] = &live;
  std::vector<LiveFile> beyond;
  for (const LiveFile& live : one.files) {
    const auto same = known.find(live.file->add().path);
    if (same == known.end()) {
      beyond.push_back(live);
      continue;
    }
    SMELT_ASSIGN(const RowSetPtr missing, MissingRows(live));
    SMELT_ASSIGN(const RowSetPtr missing_there, MissingRows(*same->second));
    auto rows = std::make_shared<const delta::RowSet>(missing_there->Without(*missing));
    if (rows->count() > 0) beyond.push_back({live.file, nullptr, std::move(rows)});
  }
  return beyond;
}

TableStatePtr ViewOf(ClientContext& context, const TableFunctionBindInput& input);

Growth GrowthOf(ClientContext& context, const TableFunctionBindInput& input) {
  for (const Value& value : input.inputs) {
    if (value.IsNull()) Throw(Error(ErrorCode::kSqlBinding, "the growth of a table is asked for without NULL"));
  }
  Lake& lake = *input.info->Cast<GrowthInfo>().lake;
  const TableKey key = ParseTableName(duckdb::StringValue::Get(input.inputs[0]));
  return Unwrap(
      GrowthSince(lake.LogOf(key.Folder()), ViewOf(context, input), {input.inputs[1].GetValue<std::int64_t>()}));
}

/// The table up to where its growth is asked for.
TableStatePtr ViewOf(ClientContext& context, const TableFunctionBindInput& input) {
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
  return now;
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
  add("same_definition", LogicalType::BOOLEAN, Value::BOOLEAN(growth.same_definition));
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

// ---- table_arrivals, table_departures -------------------------------------------------------------------------------

/// More versions are not looked through for the one that changed rows.
constexpr std::int64_t kFedVersionsMax = 100;

/// Whether one commit alone changed rows between two versions, and recorded which. Of several, the feed has also rows
/// that only came and went in between.
bool IsOneRecordedChange(const delta::Log& log, delta::Version from, delta::Version to) {
  if (to.value <= from.value || to.value - from.value > kFedVersionsMax) return false;
  const auto feed = delta::ReadChanges(log, {from.value + 1}, to);
  if (!feed) return false;  // not enabled all the time
  std::size_t changes = 0, recorded = 0;
  for (const delta::VersionChanges& version : feed->versions) {
    const bool has_files = !version.inserted.empty() || !version.deleted.empty() || !version.masked.empty();
    changes += has_files || !version.recorded.empty() ? 1 : 0;
    recorded += version.recorded.empty() ? 0 : 1;
  }
  return changes == 1 && recorded == 1;
}

/// A query of the change feed, where that knows the rows and the files, written anew, do not. Null: read files.
duckdb::unique_ptr<duckdb::TableRef> ReplaceByFeed(ClientContext& context, TableFunctionBindInput& input,
                                                   const char* change_types) {
  const bool has_null = std::ranges::any_of(input.inputs, [](const Value& value) { return value.IsNull(); });
  if (input.inputs.size() < 3 || has_null) return nullptr;
  const TableStatePtr now = ViewOf(context, input);
  if (!delta::WritesChangeData(now->protocol, now->metadata)) return nullptr;
  const Growth growth = GrowthOf(context, input);
  if (growth.obstacle.empty() || !growth.same_definition) return nullptr;
  Lake& lake = *input.info->Cast<GrowthInfo>().lake;
  const std::string& table = duckdb::StringValue::Get(input.inputs[0]);
  const auto from = input.inputs[1].GetValue<std::int64_t>(), to = input.inputs[2].GetValue<std::int64_t>();
  if (!IsOneRecordedChange(lake.LogOf(ParseTableName(table).Folder()), {from}, {to})) return nullptr;
  std::vector<std::string> columns;
  for (const std::string& name : now->shape.names) columns.push_back(QuoteIdentifier(name));
  return RowsOfQuery(context,
                     fmt::format("select {} from table_changes({}, {}, {}) where {} in ({})", fmt::join(columns, ", "),
                                 QuoteLiteral(table), from + 1, to, delta::kChangeTypeColumn, change_types));
}

duckdb::unique_ptr<duckdb::TableRef> FedArrivals(ClientContext& context, TableFunctionBindInput& input) {
  return ReplaceByFeed(context, input, "'insert', 'update_postimage'");
}

duckdb::unique_ptr<duckdb::TableRef> FedDepartures(ClientContext& context, TableFunctionBindInput& input) {
  return ReplaceByFeed(context, input, "'delete', 'update_preimage'");
}

duckdb::unique_ptr<duckdb::FunctionData> BindBeyond(ClientContext& context, TableFunctionBindInput& input,
                                                    duckdb::vector<LogicalType>& types,
                                                    duckdb::vector<std::string>& names, bool arrivals) {
  const TableKey key = ParseTableName(duckdb::StringValue::Get(input.inputs[0]));
  if (!GrowthOf(context, input).same_definition) {
    Throw(Error(ErrorCode::kSqlUnsupported, fmt::format("{} is not defined as it was then", key.Text()))
              .Hint("table_growth tells whether it is"));
  }
  Lake& lake = *input.info->Cast<GrowthInfo>().lake;
  const TableStatePtr now = ViewOf(context, input);
  const TableStatePtr then = Unwrap(lake.At(key, {input.inputs[1].GetValue<std::int64_t>()}));
  const TableState &one = arrivals ? *now : *then, &other = arrivals ? *then : *now;
  auto state = std::make_shared<TableState>(one);
  state->files = Unwrap(RowsBeyond(one, other));
  input.table_function = MakeScanFunction(context, std::move(state), nullptr);
  return BindScan(context, input.table_function, types, names);
}

duckdb::unique_ptr<duckdb::FunctionData> BindArrivals(ClientContext& context, TableFunctionBindInput& input,
                                                      duckdb::vector<LogicalType>& types,
                                                      duckdb::vector<std::string>& names) {
  return BindBeyond(context, input, types, names, true);
}

duckdb::unique_ptr<duckdb::FunctionData> BindDepartures(ClientContext& context, TableFunctionBindInput& input,
                                                        duckdb::vector<LogicalType>& types,
                                                        duckdb::vector<std::string>& names) {
  return BindBeyond(context, input, types, names, false);
}

}  // namespace

void RegisterGrowthFunctions(duckdb::DatabaseInstance& db, std::shared_ptr<Lake> lake) {
  auto info = duckdb::make_shared_ptr<GrowthInfo>(std::move(lake));
  duckdb::TableFunctionSet growth("table_growth"), additions("table_additions"), arrivals("table_arrivals"),
      departures("table_departures");
  for (const bool has_end : {false, true}) {
    duckdb::vector<LogicalType> arguments{LogicalType::VARCHAR, LogicalType::BIGINT};
    if (has_end) arguments.push_back(LogicalType::BIGINT);
    duckdb::TableFunction told(arguments, ScanGrowth, BindGrowth, InitGrowth);
    told.function_info = info;
    growth.AddFunction(std::move(told));
    const auto add_scan = [&](duckdb::TableFunctionSet& set, duckdb::table_function_bind_t bind,
                              duckdb::table_function_bind_replace_t replace) {
      duckdb::TableFunction scanned(arguments, NeverScanned, bind);
      scanned.function_info = info;
      scanned.bind_replace = replace;
      set.AddFunction(std::move(scanned));
    };
    add_scan(additions, BindAdditions, nullptr);
    add_scan(arrivals, BindArrivals, FedArrivals);
    add_scan(departures, BindDepartures, FedDepartures);
  }
  duckdb::ExtensionLoader loader(db, "smelt");
  loader.RegisterFunction(std::move(growth));
  loader.RegisterFunction(std::move(additions));
  loader.RegisterFunction(std::move(arrivals));
  loader.RegisterFunction(std::move(departures));
}

}  // namespace smelt::engine
