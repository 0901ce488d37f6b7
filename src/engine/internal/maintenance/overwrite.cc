// overwrite('table', 'query' [, "where" => 'condition' | dynamic => true]): puts the rows of a query in the place of
// others.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "delta/features.h"
#include "engine/internal/maintenance/command_transaction.h"
#include "engine/internal/maintenance/maintenance.h"
#include "engine/internal/maintenance/partition_filter.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

CommandColumns OverwriteColumns(const CommandCall&) {
  return {
      {"version", LogicalType::BIGINT}, {"rows_deleted", LogicalType::BIGINT}, {"rows_inserted", LogicalType::BIGINT}};
}

/// What goes and what comes, as SQL.
struct Replacement {
  std::string prepare;  ///< to run first, or empty
  std::string source;   ///< a query
  std::string condition;
  Json parameters;
};

/// The new rows under the names of the table's columns, in their order.
std::string NamedRows(const std::string& query, const TableShape& shape) {
  std::vector<std::string> columns;
  for (const std::string& name : shape.names) columns.push_back(QuoteIdentifier(name));
  return fmt::format("select * from ({}) as smelt_rows({})", query, fmt::join(columns, ", "));
}

/// Rows that the condition selects give way to rows that it selects, too.
Result<Replacement> ReplaceWhere(const std::string& query, const TableState& state, const std::string& where) {
  SMELT_ASSIGN(const std::string condition, CheckedCondition(where));
  Replacement replacement;
  replacement.condition = condition;
  replacement.source =
      fmt::format("{} where case when ({}) then true else error({}) end", NamedRows(query, state.shape), condition,
                  QuoteLiteral(fmt::format("a new row is outside of what is overwritten, {}", condition)));
  replacement.parameters = {{"mode", "Overwrite"}, {"predicate", condition}};
  return replacement;
}

/// Partitions that the new rows are of give way to them.
Result<Replacement> ReplacePartitions(const std::string& query, const TableState& state) {
  if (state.metadata.partition_columns.empty()) {
    return Fail(Error(ErrorCode::kSqlBinding, "the table has no partitions to overwrite")
                    .Hint("leave dynamic out to overwrite the whole table"));
  }
  std::vector<std::string> equal;
  for (const std::size_t column : state.shape.partition_columns) {
    const std::string name = QuoteIdentifier(state.shape.names[column]);
    equal.push_back(fmt::format("smelt_old.{0} is not distinct from cast(smelt_new.{0} as {1})", name,
                                state.shape.types[column].ToString()));
  }
  Replacement replacement;
  replacement.prepare = fmt::format("create temp table smelt_overwrite as {}", NamedRows(query, state.shape));
  replacement.source = "from temp.smelt_overwrite";
  replacement.condition =
      fmt::format("exists (select 1 from temp.smelt_overwrite as smelt_new where {})", fmt::join(equal, " and "));
  replacement.parameters = {{"mode", "Overwrite"}, {"isDynamicPartitionOverwrite", true}};
  return replacement;
}

Result<Replacement> ReplacementOf(const CommandCall& call, const TableState& state) {
  SMELT_ASSIGN(const std::string query, CheckedQuery(call.Text(1)));
  const auto where = call.Option("where");
  const bool dynamic = call.Flag("dynamic", false);
  if (where && dynamic) return Fail(ErrorCode::kSqlBinding, "overwrite takes a condition or dynamic, not both");
  if (where) return ReplaceWhere(query, state, where->ToString());
  if (dynamic) return ReplacePartitions(query, state);
  return Replacement{"", query, "true", {{"mode", "Overwrite"}}};
}

/// A query that reads tables may read the one that is overwritten: its rows are then gathered before any is deleted.
Status StageIfNeeded(CommandTransaction& transaction, Replacement& replacement) {
  if (!replacement.prepare.empty()) return {};
  SMELT_ASSIGN(const bool reads_tables, transaction.ReadsTables(replacement.source));
  if (!reads_tables) return {};
  replacement.prepare = "create temp table smelt_overwrite as " + replacement.source;
  replacement.source = "from temp.smelt_overwrite";
  return {};
}

Result<CommandRows> RunOverwrite(const CommandCall& call) {
  const TableKey key = call.Table();
  SMELT_TRY(call.CheckMayChange("overwrite", key));
  SMELT_ASSIGN(const TableStatePtr state, call.State(key));
  SMELT_TRY(delta::CheckWritable(state->protocol, state->metadata));
  SMELT_ASSIGN(Replacement replacement, ReplacementOf(call, *state));
  CommandTransaction transaction(call);
  SMELT_TRY(transaction.Begin());
  SMELT_TRY(StageIfNeeded(transaction, replacement));
  if (!replacement.prepare.empty()) SMELT_TRY(transaction.Query(replacement.prepare));
  const std::string table = QualifiedName(key);
  const std::string insert = fmt::format("insert into {} {}", table, replacement.source);
  SMELT_TRY(transaction.Evolve(insert));
  SMELT_ASSIGN(const std::int64_t deleted,
               transaction.Change(fmt::format("delete from {} as smelt_old where {}", table, replacement.condition)));
  SMELT_ASSIGN(const std::int64_t inserted, transaction.Change(insert));
  transaction.Describe(key, "WRITE", std::move(replacement.parameters));
  SMELT_ASSIGN(const auto version, transaction.Commit());
  if (!version) return CommandRows{{Value(LogicalType::BIGINT), Value::BIGINT(0), Value::BIGINT(0)}};
  return CommandRows{{Value::BIGINT(*version), Value::BIGINT(deleted), Value::BIGINT(inserted)}};
}

}  // namespace

Command OverwriteCommand() {
  return {"overwrite",
          {LogicalType::VARCHAR, LogicalType::VARCHAR},
          {{"where", LogicalType::VARCHAR}, {"dynamic", LogicalType::BOOLEAN}},
          OverwriteColumns,
          RunOverwrite};
}

}  // namespace smelt::engine
