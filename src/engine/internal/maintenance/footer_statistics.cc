#include "engine/internal/maintenance/footer_statistics.h"

#include <fmt/format.h>

#include "engine/internal/file_rewrite.h"

namespace smelt::engine {
namespace {

using duckdb::Value;
using Files = std::unordered_map<std::string, delta::FileStatistics>;

/// Runs a query and hands its rows to `take`.
template <typename Take>
Status ForEachRow(const CommandCall& call, duckdb::Connection& connection, const std::string& sql, Take take) {
  SMELT_ASSIGN(auto result, call.Run(connection, sql));
  for (auto chunk = result->Fetch(); chunk && chunk->size() > 0; chunk = result->Fetch()) {
    for (duckdb::idx_t row = 0; row < chunk->size(); ++row) take(*chunk, row);
  }
  return {};
}

std::string BoundsSql(const std::string& addresses, const FooterColumn& column) {
  return fmt::format(
      "with pieces as (select file_name, try_cast(stats_min_value as {0}) as low, try_cast(stats_max_value as {0}) as "
      "high, stats_null_count as nulls, stats_null_count = num_values as empty from parquet_metadata({1}) where "
      "path_in_schema = {2}) "
      "select file_name, case when bool_and(empty or (low is not null and high is not null)) then min(low)::varchar "
      "end, case when bool_and(empty or (low is not null and high is not null)) then max(high)::varchar end, case "
      "when count(nulls) = count(*) then sum(nulls)::bigint end from pieces group by 1",
      column.type.ToString(), addresses, QuoteLiteral(column.name));
}

delta::ColumnBounds BoundsOf(const duckdb::DataChunk& chunk, duckdb::idx_t row, const duckdb::LogicalType& type) {
  delta::ColumnBounds bounds;
  if (const Value nulls = chunk.GetValue(3, row); !nulls.IsNull()) bounds.null_count = nulls.GetValue<std::int64_t>();
  const Value low = chunk.GetValue(1, row);
  const Value high = chunk.GetValue(2, row);
  if (!low.IsNull() && !high.IsNull()) {
    bounds.min = StatisticsBound(low.ToString(), type, false);
    bounds.max = StatisticsBound(high.ToString(), type, true);
  }
  return bounds;
}

}  // namespace

std::string AddressListSql(const std::vector<std::string>& addresses) {
  std::string list;
  for (const std::string& address : addresses) list += (list.empty() ? "" : ", ") + QuoteLiteral(address);
  return fmt::format("[{}]", list);
}

Result<Files> ReadFooterStatistics(const CommandCall& call, duckdb::Connection& connection,
                                   const std::vector<std::string>& addresses,
                                   const std::vector<FooterColumn>& columns) {
  Files files;
  if (addresses.empty()) return files;
  const std::string list = AddressListSql(addresses);
  SMELT_TRY(ForEachRow(call, connection, fmt::format("select file_name, num_rows from parquet_file_metadata({})", list),
                       [&](const duckdb::DataChunk& chunk, duckdb::idx_t row) {
                         files[chunk.GetValue(0, row).ToString()].rows =
                             chunk.GetValue(1, row).GetValue<std::int64_t>();
                       }));
  for (const FooterColumn& column : columns) {
    SMELT_TRY(
        ForEachRow(call, connection, BoundsSql(list, column), [&](const duckdb::DataChunk& chunk, duckdb::idx_t row) {
          files[chunk.GetValue(0, row).ToString()].columns.emplace(column.name, BoundsOf(chunk, row, column.type));
        }));
  }
  return files;
}

}  // namespace smelt::engine
