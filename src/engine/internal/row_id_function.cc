#include "engine/internal/row_id_function.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/internal/error_bridge.h"
#include "engine/internal/functions.h"
#include "engine/internal/lake_scan.h"
#include "engine/internal/lake_transaction.h"
#include "engine/internal/row_ids.h"

namespace smelt::engine {
namespace {

using duckdb::ClientContext;
using duckdb::LogicalType;
using duckdb::TableFunction;
using duckdb::TableFunctionBindInput;

constexpr const char* kId = "_row_id";
constexpr const char* kVersion = "_row_commit_version";

struct RowIdInfo : public duckdb::TableFunctionInfo {
  explicit RowIdInfo(std::shared_ptr<Lake> lake_p) : lake(std::move(lake_p)) {}
  std::shared_ptr<Lake> lake;
};

/// The table as the transaction sees it, or at the version asked for.
TableStatePtr StateOf(ClientContext& context, const TableFunctionBindInput& input) {
  if (input.inputs[0].IsNull()) Throw(Error(ErrorCode::kSqlBinding, "table_row_ids takes no NULL"));
  const TableKey key = ParseTableName(duckdb::StringValue::Get(input.inputs[0]));
  TableStatePtr state;
  const auto version = input.named_parameters.find("version");
  if (version != input.named_parameters.end() && !version->second.IsNull()) {
    state = Unwrap(input.info->Cast<RowIdInfo>().lake->At(key, {version->second.GetValue<std::int64_t>()}));
  } else {
    auto& transaction = LakeTransaction::Get(context, duckdb::Catalog::GetCatalog(context, "lake"));
    state = transaction.View(key);
    if (state) transaction.NoteScan(key);
  }
  if (!state) Throw(Error(ErrorCode::kDeltaNotATable, fmt::format("there is no table {}", key.Text())));
  if (!state->shape.row_tracking) {
    Throw(Error(ErrorCode::kDeltaUnsupported, fmt::format("{} does not track its rows", key.Text()))
              .Hint("ALTER TABLE … SET ('delta.enableRowTracking' = 'true') gives every row an id"));
  }
  for (const char* name : {kId, kVersion}) {
    if (!state->shape.Find(name)) continue;
    Throw(Error(ErrorCode::kDeltaInvalidTable, fmt::format("{} has a column '{}' of its own", key.Text(), name)));
  }
  return state;
}

duckdb::unique_ptr<duckdb::FunctionData> BindTracked(ClientContext& context, TableFunctionBindInput& input,
                                                     duckdb::vector<LogicalType>& types,
                                                     duckdb::vector<std::string>& names) {
  TableStatePtr state = Unwrap(WithRowIds(*StateOf(context, input)));
  input.table_function = MakeScanFunction(context, std::move(state), nullptr);
  return BindScan(context, input.table_function, types, names);
}

/// A query over the scan that shows what files and log say of each row.
duckdb::unique_ptr<duckdb::TableRef> ReplaceByQuery(ClientContext& context, TableFunctionBindInput& input) {
  const TableStatePtr state = StateOf(context, input);
  std::vector<std::string> columns;
  for (const std::string& name : state->shape.names) columns.push_back(QuoteIdentifier(name));
  std::string arguments = QuoteLiteral(duckdb::StringValue::Get(input.inputs[0]));
  const auto version = input.named_parameters.find("version");
  if (version != input.named_parameters.end()) arguments += ", version => " + version->second.ToSQLString();
  return RowsOfQuery(context, fmt::format("select {}{} from smelt_tracked({})", fmt::join(columns, ", "),
                                          RowIdColumns(state->shape, kId, kVersion), arguments));
}

}  // namespace

void RegisterRowIdFunction(duckdb::DatabaseInstance& db, std::shared_ptr<Lake> lake) {
  auto info = duckdb::make_shared_ptr<RowIdInfo>(std::move(lake));
  duckdb::ExtensionLoader loader(db, "smelt");
  TableFunction tracked("smelt_tracked", {LogicalType::VARCHAR}, NeverScanned, BindTracked);
  tracked.named_parameters["version"] = LogicalType::BIGINT;
  tracked.function_info = info;
  loader.RegisterFunction(tracked);
  TableFunction shown("table_row_ids", {LogicalType::VARCHAR}, nullptr);
  shown.named_parameters["version"] = LogicalType::BIGINT;
  shown.function_info = info;
  shown.bind_replace = ReplaceByQuery;
  loader.RegisterFunction(shown);
}

}  // namespace smelt::engine
