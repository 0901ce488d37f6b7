#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {
namespace {

constexpr std::array<std::string_view, 4> kOwnColumns = {"dbt_scd_id", "dbt_updated_at", "dbt_valid_from",
                                                         "dbt_valid_to"};

/// How a snapshot recognises rows and their changes.
struct Strategy {
  std::string key;         ///< an expression over `source` columns that identifies a row
  std::string updated_at;  ///< when the present version came to be
};

Error Invalid(const Node& node, std::string what) {
  return Error(ErrorCode::kDbtConfigInvalid, fmt::format("{}: {}", node.unique_id, what)).At(node.file, node.line);
}

Result<Strategy> StrategyOf(const Node& node) {
  const NodeConfig& config = node.config;
  if (config.unique_key.empty()) return Fail(Invalid(node, "a snapshot needs a unique_key"));
  Strategy strategy;
  for (const std::string& column : config.unique_key) {
    strategy.key +=
        fmt::format("{}coalesce(cast({} as varchar), '')", strategy.key.empty() ? "" : " || '|' || ", column);
  }
  if (config.strategy == "timestamp") {
    if (config.updated_at.empty()) return Fail(Invalid(node, "the strategy 'timestamp' needs updated_at"));
    strategy.updated_at = config.updated_at;
  } else if (config.strategy == "check") {
    if (config.check_cols.empty()) return Fail(Invalid(node, "the strategy 'check' needs check_cols"));
    strategy.updated_at = config.updated_at.empty()
                              ? fmt::format("timestamp '{}'", FormatUtcMicros(NowMicros()).substr(0, 26))
                              : config.updated_at;
  } else {
    return Fail(Error(Invalid(node, fmt::format("there is no snapshot strategy '{}'", config.strategy)))
                    .Hint("use timestamp or check"));
  }
  return strategy;
}

std::vector<std::string> SourceColumns(const ExistingRelation& existing) {
  std::vector<std::string> columns;
  for (const std::string& column : existing.columns) {
    if (std::find(kOwnColumns.begin(), kOwnColumns.end(), column) == kOwnColumns.end()) columns.push_back(column);
  }
  return columns;
}

/// The query's rows with what the snapshot adds to them.
std::string Staged(const Strategy& strategy, const std::string& sql) {
  return fmt::format("select *, {0} as smelt_key, {1} as smelt_updated_at from (\n{2}\n) as query", strategy.key,
                     strategy.updated_at, sql);
}

Result<std::int64_t> FirstRun(NodeRun& run, const Strategy& strategy, const std::string& sql) {
  SMELT_ASSIGN(auto result,
               run.session.Query(fmt::format(
                   "create or replace table {} as select * exclude (smelt_key, smelt_updated_at), "
                   "md5(smelt_key || '|' || cast(smelt_updated_at as varchar)) as dbt_scd_id, smelt_updated_at as "
                   "dbt_updated_at, smelt_updated_at as dbt_valid_from, case when false then smelt_updated_at end as "
                   "dbt_valid_to from ({})",
                   run.node.relation.Sql(), Staged(strategy, sql))));
  return result.Int().value_or(0);
}

/// True for a current version whose row in the query is another one.
std::string ChangedCondition(const Node& node, const std::vector<std::string>& columns) {
  if (node.config.strategy == "timestamp") return "source.smelt_updated_at > current.dbt_valid_from";
  bool all = node.config.check_cols.size() == 1 && node.config.check_cols[0] == "all";
  std::string condition;
  for (const std::string& column : all ? columns : node.config.check_cols) {
    std::string name = engine::QuoteIdentifier(column);
    condition += fmt::format("{}source.{} is distinct from current.{}", condition.empty() ? "" : " or ", name, name);
  }
  return "(" + condition + ")";
}

/// One merge: `change` tells closed versions from new rows.
std::string MergeSql(const Node& node, const Strategy& strategy, const std::vector<std::string>& columns,
                     const std::string& sql) {
  std::string list = ColumnList(columns);
  std::string nulls;
  for (std::size_t i = 0; i < columns.size(); ++i)
    nulls += fmt::format("null as {}, ", engine::QuoteIdentifier(columns[i]));
  std::string deleted;
  if (node.config.invalidate_hard_deletes) {
    deleted = fmt::format(
        "union all by name\nselect 'close' as change, {} current.dbt_scd_id as dbt_scd_id, timestamp '{}' as "
        "dbt_updated_at from current anti join source on source.smelt_key = current.smelt_key\n",
        nulls, FormatUtcMicros(NowMicros()).substr(0, 26));
  }
  return fmt::format(
      R"(merge into {table} as target using (
with source as ({staged}),
current as (select *, {key} as smelt_key from {table} where dbt_valid_to is null),
changed as (
  select source.*, current.dbt_scd_id as closed_id from source join current using (smelt_key) where {condition}
)
select 'close' as change, {nulls}closed_id as dbt_scd_id, smelt_updated_at as dbt_updated_at from changed
union all by name
select 'add' as change, {list}, md5(smelt_key || '|' || cast(smelt_updated_at as varchar)) as dbt_scd_id,
  smelt_updated_at as dbt_updated_at from changed
union all by name
select 'add' as change, {list}, md5(smelt_key || '|' || cast(smelt_updated_at as varchar)) as dbt_scd_id,
  smelt_updated_at as dbt_updated_at from source anti join current using (smelt_key)
{deleted}) as staged
on staged.change = 'close' and target.dbt_scd_id = staged.dbt_scd_id and target.dbt_valid_to is null
when matched then update set dbt_valid_to = staged.dbt_updated_at
when not matched and staged.change = 'add' then insert ({list}, dbt_scd_id, dbt_updated_at, dbt_valid_from, dbt_valid_to)
  values ({values}, staged.dbt_scd_id, staged.dbt_updated_at, staged.dbt_updated_at, null))",
      fmt::arg("table", node.relation.Sql()), fmt::arg("staged", Staged(strategy, sql)), fmt::arg("key", strategy.key),
      fmt::arg("condition", ChangedCondition(node, columns)), fmt::arg("nulls", nulls), fmt::arg("list", list),
      fmt::arg("deleted", deleted), fmt::arg("values", ColumnList(columns, "staged.")));
}

}  // namespace

Result<Materialised> BuildSnapshot(NodeRun& run) {
  SMELT_ASSIGN(Strategy strategy, StrategyOf(run.node));
  SMELT_ASSIGN(auto existing, FindExisting(run));
  SMELT_TRY(CompileNode(run, existing.has_value()));
  const std::string& sql = run.compiled;
  return InTransaction(run, false, [&]() -> Result<std::int64_t> {
    if (!existing) return FirstRun(run, strategy, sql);
    SMELT_ASSIGN(auto result, run.session.Query(MergeSql(run.node, strategy, SourceColumns(*existing), sql)));
    return result.Int().value_or(0);
  });
}

}  // namespace smelt::transform
