#include "engine/internal/functions.h"

#include <fmt/format.h>

#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/subqueryref.hpp>

#include "engine/internal/checkpoint_parquet.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/find_regex_function.h"
#include "engine/internal/lake_scan.h"
#include "engine/internal/maintenance/maintenance.h"
#include "engine/internal/number_functions.h"
#include "engine/internal/parquet/copy_format.h"
#include "engine/internal/postgres_dialect/postgres_dialect.h"
#include "engine/internal/postgres_functions/postgres_functions.h"
#include "engine/internal/quantile_function.h"
#include "engine/internal/row_function.h"
#include "engine/internal/row_id_function.h"
#include "engine/internal/schema_evolution.h"
#include "engine/internal/table_changes.h"
#include "engine/internal/table_growth.h"

namespace smelt::engine {
namespace {

using duckdb::ClientContext;
using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::TableFunction;
using duckdb::TableFunctionBindInput;
using duckdb::unique_ptr;
using duckdb::Value;

struct LakeFunctionInfo : public duckdb::TableFunctionInfo {
  explicit LakeFunctionInfo(std::shared_ptr<Lake> lake_p) : lake(std::move(lake_p)) {}
  std::shared_ptr<Lake> lake;
};

Lake& LakeOf(const TableFunctionBindInput& input) {
  return *input.info->Cast<LakeFunctionInfo>().lake;
}

/// Turns the function being bound into a scan of `state`.
unique_ptr<duckdb::FunctionData> BindAsScan(ClientContext& context, TableFunctionBindInput& input, TableStatePtr state,
                                            duckdb::vector<LogicalType>& types, duckdb::vector<std::string>& names) {
  input.table_function = MakeScanFunction(context, std::move(state), nullptr);
  return BindScan(context, input.table_function, types, names);
}

unique_ptr<duckdb::FunctionData> BindLent(ClientContext& context, TableFunctionBindInput& input,
                                          duckdb::vector<LogicalType>& types, duckdb::vector<std::string>& names) {
  TableStatePtr state = LakeOf(input).Borrow(duckdb::StringValue::Get(input.inputs[0]));
  if (!state) Throw(Error(ErrorCode::kInternal, "smelt_lent is for smelt's own statements"));
  return BindAsScan(context, input, std::move(state), types, names);
}

Result<TableStatePtr> LoadByPath(Lake& lake, const std::string& path, const duckdb::named_parameter_map_t& options) {
  SMELT_ASSIGN(auto opened, storage::OpenStore(path));
  std::shared_ptr<storage::ObjectStore> store = std::move(opened);
  if (path.starts_with("s3://")) SMELT_TRY(lake.remote_files().Enable());
  auto checkpoints = MakeParquetCheckpoints(lake.database());
  delta::Log log(*store, "", *checkpoints);
  auto version = options.find("version");
  auto timestamp = options.find("timestamp");
  if (version != options.end() && timestamp != options.end()) {
    return Fail(ErrorCode::kSqlBinding, "delta_scan takes a version or a timestamp, not both");
  }
  delta::SnapshotPtr snapshot;
  if (version != options.end()) {
    SMELT_ASSIGN(snapshot, log.At({version->second.GetValue<std::int64_t>()}));
  } else if (timestamp != options.end()) {
    SMELT_ASSIGN(delta::Version at, log.VersionAt(EpochMillis(timestamp->second)));
    SMELT_ASSIGN(snapshot, log.At(at));
  } else {
    SMELT_ASSIGN(snapshot, log.Latest());
  }
  return BuildState(log, std::move(snapshot), nullptr, store);
}

unique_ptr<duckdb::FunctionData> BindDeltaScan(ClientContext& context, TableFunctionBindInput& input,
                                               duckdb::vector<LogicalType>& types, duckdb::vector<std::string>& names) {
  const std::string& path = duckdb::StringValue::Get(input.inputs[0]);
  auto state = LoadByPath(LakeOf(input), path, input.named_parameters);
  if (!state) Throw(std::move(state.error()).Context(path));
  return BindAsScan(context, input, std::move(*state), types, names);
}

// ---- table_history --------------------------------------------------------------------------------------------------

struct HistoryData : public duckdb::TableFunctionData {
  std::vector<delta::HistoryEntry> entries;
};

struct HistoryProgress : public duckdb::GlobalTableFunctionState {
  std::size_t next = 0;
};

unique_ptr<duckdb::FunctionData> BindHistory(ClientContext&, TableFunctionBindInput& input,
                                             duckdb::vector<LogicalType>& types, duckdb::vector<std::string>& names) {
  const std::string& name = duckdb::StringValue::Get(input.inputs[0]);
  TableKey key = ParseTableName(name);
  auto data = duckdb::make_uniq<HistoryData>();
  auto entries = LakeOf(input).LogOf(key.Folder()).History();
  if (!entries) Throw(std::move(entries.error()).Context(key.Text()));
  if (entries->empty()) Throw(Error(ErrorCode::kDeltaNotATable, fmt::format("there is no table {}", key.Text())));
  data->entries = std::move(*entries);
  auto add = [&](const char* column, const LogicalType& type) {
    names.emplace_back(column);
    types.push_back(type);
  };
  add("version", LogicalType::BIGINT);
  add("timestamp", LogicalType::TIMESTAMP_TZ);
  add("operation", LogicalType::VARCHAR);
  add("parameters", LogicalType::JSON());
  add("metrics", LogicalType::JSON());
  add("rows_added", LogicalType::BIGINT);
  add("files_added", LogicalType::BIGINT);
  add("files_removed", LogicalType::BIGINT);
  add("engine", LogicalType::VARCHAR);
  add("smelt", LogicalType::JSON());
  return data;
}

Value TextMember(const Json& info, const char* key) {
  if (!info.is_object() || !info.contains(key)) return Value(LogicalType::VARCHAR);
  const Json& member = info[key];
  return Value(member.is_string() ? member.get<std::string>() : JsonText(member));
}

unique_ptr<duckdb::GlobalTableFunctionState> InitHistory(ClientContext&, duckdb::TableFunctionInitInput&) {
  return duckdb::make_uniq<HistoryProgress>();
}

void ScanHistory(ClientContext&, duckdb::TableFunctionInput& input, DataChunk& output) {
  const auto& entries = input.bind_data->Cast<HistoryData>().entries;
  auto& progress = input.global_state->Cast<HistoryProgress>();
  idx_t row = 0;
  for (; row < STANDARD_VECTOR_SIZE && progress.next < entries.size(); ++row, ++progress.next) {
    const delta::HistoryEntry& entry = entries[progress.next];
    output.SetValue(0, row, Value::BIGINT(entry.version.value));
    output.SetValue(1, row, Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(entry.timestamp_ms * 1000)));
    output.SetValue(2, row, TextMember(entry.commit_info, "operation"));
    output.SetValue(3, row, TextMember(entry.commit_info, "operationParameters"));
    output.SetValue(4, row, TextMember(entry.commit_info, "operationMetrics"));
    output.SetValue(5, row, Value::BIGINT(entry.rows_added));
    output.SetValue(6, row, Value::BIGINT(entry.files_added));
    output.SetValue(7, row, Value::BIGINT(entry.files_removed));
    output.SetValue(8, row, TextMember(entry.commit_info, "engineInfo"));
    output.SetValue(9, row, TextMember(entry.commit_info, "smelt"));
  }
  output.SetCardinality(row);
}

/// Never runs: binding replaces the whole function.
}  // namespace

TableKey ParseTableName(const std::string& name) {
  auto parts = duckdb::QualifiedName::Parse(name);
  return {parts.schema.empty() ? "main" : parts.schema, parts.name};
}

std::int64_t EpochMillis(const Value& value) {
  return duckdb::Timestamp::GetEpochMs(duckdb::timestamp_t(value.GetValue<duckdb::timestamp_tz_t>().value));
}

void NeverScanned(ClientContext& /*context*/, duckdb::TableFunctionInput& /*input*/, DataChunk& /*output*/) {
  Throw(Error(ErrorCode::kInternal, "a table function was not replaced when it was bound"));
}

unique_ptr<duckdb::TableRef> RowsOfQuery(ClientContext& context, const std::string& query) {
  duckdb::Parser parser(context.GetParserOptions());
  parser.ParseQuery(query);
  auto select = duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(std::move(parser.statements[0]));
  return duckdb::make_uniq<duckdb::SubqueryRef>(std::move(select));
}

void RegisterFunctions(duckdb::DatabaseInstance& db, std::shared_ptr<Lake> lake) {
  parquet::RegisterFormat(db);
  RegisterMaintenance(db, lake);
  RegisterSchemaEvolution(db);
  RegisterFindRegexFunction(db);
  RegisterNumberFunctions(db);
  RegisterQuantileFunction(db);
  RegisterPostgresFunctions(db);
  RegisterPostgresDialect(db);
  auto info = duckdb::make_shared_ptr<LakeFunctionInfo>(lake);
  duckdb::ExtensionLoader loader(db, "smelt");

  TableFunction delta_scan("delta_scan", {LogicalType::VARCHAR}, NeverScanned, BindDeltaScan);
  delta_scan.named_parameters["version"] = LogicalType::BIGINT;
  delta_scan.named_parameters["timestamp"] = LogicalType::TIMESTAMP_TZ;
  delta_scan.function_info = info;
  loader.RegisterFunction(delta_scan);

  TableFunction lent("smelt_lent", {LogicalType::VARCHAR}, NeverScanned, BindLent);
  lent.function_info = info;
  loader.RegisterFunction(lent);

  TableFunction history("table_history", {LogicalType::VARCHAR}, ScanHistory, BindHistory, InitHistory);
  history.function_info = info;
  loader.RegisterFunction(history);

  RegisterRowIdFunction(db, lake);
  RegisterGrowthFunctions(db, lake);
  loader.RegisterFunction(MakeRowFunction());
  loader.RegisterFunction(MakeChangesFunction(std::move(lake)));
}

}  // namespace smelt::engine
