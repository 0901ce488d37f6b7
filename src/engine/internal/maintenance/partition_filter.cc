#include "engine/internal/maintenance/partition_filter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <duckdb/parser/parser.hpp>
#include <set>

#include "engine/internal/error_bridge.h"

namespace smelt::engine {
namespace {

/// "(7, cast('2024-05-01' as DATE))": the number of a partition and its values.
std::string RowText(std::size_t number, const delta::PartitionValues& partition, const TableShape& shape) {
  std::string row = fmt::format("({}", number);
  for (std::size_t column : shape.partition_columns) {
    const auto found = partition.find(shape.stored_names[column]);
    const bool is_null = found == partition.end() || !found->second || found->second->empty();
    row += fmt::format(", cast({} as {})", is_null ? "null" : QuoteLiteral(*found->second),
                       shape.types[column].ToString());
  }
  return row + ")";
}

}  // namespace

Result<std::string> CheckedCondition(const std::string& condition) {
  try {
    auto expressions = duckdb::Parser::ParseExpressionList(condition);
    if (expressions.size() == 1) return expressions[0]->ToString();
    return Fail(ErrorCode::kSqlSyntax, fmt::format("'{}' is not one condition", condition));
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

Result<std::function<bool(const delta::PartitionValues&)>> CompilePartitionFilter(const CommandCall& call,
                                                                                  const TableState& state,
                                                                                  const std::string& condition) {
  SMELT_ASSIGN(const std::string checked, CheckedCondition(condition));
  std::set<delta::PartitionValues> distinct;
  for (const LiveFile& live : state.files) distinct.insert(live.file->add().partition_values);
  const std::vector<delta::PartitionValues> partitions(distinct.begin(), distinct.end());
  // The first row never counts; it is there so that a table without files has a row, too.
  std::vector<std::string> rows = {RowText(0, {}, state.shape)};
  for (std::size_t i = 0; i < partitions.size(); ++i) rows.push_back(RowText(i + 1, partitions[i], state.shape));
  std::vector<std::string> columns = {"smelt_partition"};
  for (std::size_t column : state.shape.partition_columns) {
    columns.push_back(QuoteIdentifier(state.shape.names[column]));
  }
  duckdb::Connection connection(call.lake().database());
  auto result = call.Run(connection, fmt::format("select smelt_partition from (values {}) t({}) where ({}) order by 1",
                                                 fmt::join(rows, ", "), fmt::join(columns, ", "), checked));
  if (!result) {
    const std::string names = fmt::format("{}", fmt::join(state.metadata.partition_columns, ", "));
    return Fail(std::move(result.error())
                    .Context("where")
                    .Hint(names.empty() ? "the table has no partitions to choose from"
                                        : fmt::format("it may name the partition columns only: {}", names)));
  }
  auto selected = std::make_shared<std::set<delta::PartitionValues>>();
  for (auto chunk = (*result)->Fetch(); chunk && chunk->size() > 0; chunk = (*result)->Fetch()) {
    for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
      const auto number = chunk->GetValue(0, row).GetValue<std::size_t>();
      if (number > 0) selected->insert(partitions[number - 1]);
    }
  }
  return [selected](const delta::PartitionValues& partition) { return selected->contains(partition); };
}

}  // namespace smelt::engine
