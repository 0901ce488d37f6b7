#include "engine/internal/row_function.h"

#include <fmt/format.h>

#include "engine/internal/error_bridge.h"
#include "engine/internal/lake.h"
#include "engine/row_source.h"

namespace smelt::engine {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::unique_ptr;

LogicalType SqlTypeOf(const SourceColumn& column) {
  switch (column.type) {
    case ColumnType::kText: return LogicalType::VARCHAR;
    case ColumnType::kInteger: return LogicalType::BIGINT;
    case ColumnType::kReal: return LogicalType::DOUBLE;
    case ColumnType::kBoolean: return LogicalType::BOOLEAN;
    case ColumnType::kDate: return LogicalType::DATE;
    case ColumnType::kTimestamp: return LogicalType::TIMESTAMP;
    case ColumnType::kTimestampTz: return LogicalType::TIMESTAMP_TZ;
    case ColumnType::kDecimal:
      return LogicalType::DECIMAL(static_cast<std::uint8_t>(column.precision), static_cast<std::uint8_t>(column.scale));
  }
  return LogicalType::VARCHAR;
}

struct RowData : public duckdb::TableFunctionData {
  explicit RowData(RowSource& source_p) : source(source_p) {}
  RowSource& source;
};

struct RowState : public duckdb::GlobalTableFunctionState {
  RowBatch batch;
  duckdb::vector<duckdb::column_t> columns;  ///< those that the query needs
  idx_t MaxThreads() const override { return 1; }
};

unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& context, duckdb::TableFunctionBindInput& input,
                                      duckdb::vector<LogicalType>& types, duckdb::vector<std::string>& names) {
  const std::string& name = duckdb::StringValue::Get(input.inputs[0]);
  ConnectionState& connection = ConnectionState::Of(context);
  std::lock_guard guard(connection.lock);
  auto found = connection.sources.find(name);
  if (found == connection.sources.end()) {
    Throw(Error(ErrorCode::kSqlBinding, fmt::format("no rows are offered under the name '{}'", name)));
  }
  for (const SourceColumn& column : found->second->columns()) {
    names.push_back(column.name);
    types.push_back(SqlTypeOf(column));
  }
  return duckdb::make_uniq<RowData>(*found->second);
}

unique_ptr<duckdb::GlobalTableFunctionState> Init(duckdb::ClientContext&, duckdb::TableFunctionInitInput& input) {
  auto state = duckdb::make_uniq<RowState>();
  state->columns = input.column_ids;
  state->batch.columns.resize(input.bind_data->Cast<RowData>().source.columns().size());
  return state;
}

template <typename T>
void CopyIntegers(const ColumnBatch& batch, idx_t rows, duckdb::Vector& out) {
  auto* data = duckdb::FlatVector::GetData<T>(out);
  for (idx_t i = 0; i < rows; ++i) {
    if (batch.valid[i] != 0) data[i] = T(static_cast<decltype(batch.integers[i])>(batch.integers[i]));
  }
}

void CopyDecimals(const ColumnBatch& batch, idx_t rows, duckdb::Vector& out) {
  switch (out.GetType().InternalType()) {
    case duckdb::PhysicalType::INT16: {
      auto* data = duckdb::FlatVector::GetData<std::int16_t>(out);
      for (idx_t i = 0; i < rows; ++i) data[i] = static_cast<std::int16_t>(batch.valid[i] != 0 ? batch.integers[i] : 0);
      break;
    }
    case duckdb::PhysicalType::INT32: {
      auto* data = duckdb::FlatVector::GetData<std::int32_t>(out);
      for (idx_t i = 0; i < rows; ++i) data[i] = static_cast<std::int32_t>(batch.valid[i] != 0 ? batch.integers[i] : 0);
      break;
    }
    default: {
      auto* data = duckdb::FlatVector::GetData<std::int64_t>(out);
      for (idx_t i = 0; i < rows; ++i) data[i] = batch.valid[i] != 0 ? batch.integers[i] : 0;
      break;
    }
  }
}

/// The vector points at the source's texts, which stay until the next batch is asked for: by then the pipeline has
/// consumed this one, and copied what it keeps.
void PointAtTexts(const ColumnBatch& batch, idx_t rows, duckdb::Vector& out) {
  auto* data = duckdb::FlatVector::GetData<duckdb::string_t>(out);
  for (idx_t i = 0; i < rows; ++i) {
    std::string_view text = batch.valid[i] != 0 ? batch.texts[i] : std::string_view();
    data[i] = duckdb::string_t(text.data(), static_cast<std::uint32_t>(text.size()));
  }
}

void CopyColumn(const SourceColumn& column, const ColumnBatch& batch, idx_t rows, duckdb::Vector& out) {
  switch (column.type) {
    case ColumnType::kText: PointAtTexts(batch, rows, out); break;
    case ColumnType::kInteger: CopyIntegers<std::int64_t>(batch, rows, out); break;
    case ColumnType::kReal: {
      auto* data = duckdb::FlatVector::GetData<double>(out);
      for (idx_t i = 0; i < rows; ++i) data[i] = batch.valid[i] != 0 ? batch.reals[i] : 0;
      break;
    }
    case ColumnType::kBoolean: {
      auto* data = duckdb::FlatVector::GetData<bool>(out);
      for (idx_t i = 0; i < rows; ++i) data[i] = batch.valid[i] != 0 && batch.integers[i] != 0;
      break;
    }
    case ColumnType::kDate: {
      auto* data = duckdb::FlatVector::GetData<duckdb::date_t>(out);
      for (idx_t i = 0; i < rows; ++i) {
        data[i] = duckdb::date_t(static_cast<std::int32_t>(batch.valid[i] != 0 ? batch.integers[i] : 0));
      }
      break;
    }
    case ColumnType::kTimestamp: CopyIntegers<duckdb::timestamp_t>(batch, rows, out); break;
    case ColumnType::kTimestampTz: CopyIntegers<duckdb::timestamp_tz_t>(batch, rows, out); break;
    case ColumnType::kDecimal: CopyDecimals(batch, rows, out); break;
  }
  auto& validity = duckdb::FlatVector::Validity(out);
  for (idx_t i = 0; i < rows; ++i) {
    if (batch.valid[i] == 0) validity.SetInvalid(i);
  }
}

void Scan(duckdb::ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  RowSource& source = input.bind_data->Cast<RowData>().source;
  auto& state = input.global_state->Cast<RowState>();
  Unwrap(source.Next(state.batch));
  for (idx_t i = 0; i < state.columns.size(); ++i) {
    duckdb::column_t column = state.columns[i];
    if (duckdb::IsVirtualColumn(column)) continue;
    CopyColumn(source.columns()[column], state.batch.columns[column], state.batch.rows, output.data[i]);
  }
  output.SetCardinality(state.batch.rows);
}

}  // namespace

duckdb::TableFunction MakeRowFunction() {
  duckdb::TableFunction function("smelt_rows", {LogicalType::VARCHAR}, Scan, Bind, Init);
  function.projection_pushdown = true;
  return function;
}

}  // namespace smelt::engine
