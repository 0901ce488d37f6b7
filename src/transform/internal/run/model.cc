#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/run/node_run.h"

namespace smelt::transform {
namespace {

std::string PartitionClause(const NodeConfig& config) {
  if (config.partition_by.empty()) return "";
  return fmt::format(" partitioned by ({})", ColumnList(config.partition_by));
}

/// Runs a statement and returns the number of rows it reports.
Result<std::int64_t> Changed(engine::Session& session, const std::string& sql) {
  SMELT_ASSIGN(auto result, session.Query(sql));
  return result.Int().value_or(0);
}

Result<Materialised> BuildTable(NodeRun& run, const std::optional<ExistingRelation>& existing, const std::string& sql) {
  const std::string target = run.node.relation.Sql();
  if (existing && existing->is_view) SMELT_TRY(run.session.Execute("drop view " + target));
  return InTransaction(run, false, [&] {
    return Changed(run.session,
                   fmt::format("create or replace table {}{} as\n{}", target, PartitionClause(run.node.config), sql));
  });
}

Result<Materialised> BuildView(NodeRun& run, const std::optional<ExistingRelation>& existing, const std::string& sql) {
  const std::string target = run.node.relation.Sql();
  if (existing && !existing->is_view) SMELT_TRY(run.session.Execute("drop table " + target));
  return InTransaction(run, false, [&]() -> Result<std::int64_t> {
    SMELT_TRY(run.session.Execute(fmt::format("create or replace view {} as\n{}", target, sql)));
    return -1;
  });
}

bool Contains(const std::vector<std::string>& columns, const std::string& name) {
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

/// The columns that a merge updates: all but the key, or those that the configuration names or leaves.
std::vector<std::string> UpdatedColumns(const NodeConfig& config, const std::vector<std::string>& columns) {
  if (!config.merge_update_columns.empty()) return config.merge_update_columns;
  std::vector<std::string> updated;
  for (const std::string& column : columns) {
    if (!Contains(config.unique_key, column) && !Contains(config.merge_exclude_columns, column)) {
      updated.push_back(column);
    }
  }
  return updated;
}

std::string KeyCondition(const std::vector<std::string>& key, std::string_view left, std::string_view right) {
  std::string condition;
  for (const std::string& column : key) {
    std::string name = engine::QuoteIdentifier(column);
    condition += fmt::format("{}{}.{} = {}.{}", condition.empty() ? "" : " and ", left, name, right, name);
  }
  return condition;
}

/// Rows that are equal already are left alone: only files with changes are written, and no change is no commit.
std::string MergeSql(const Node& node, const std::vector<std::string>& columns, const std::string& sql) {
  std::vector<std::string> updated = UpdatedColumns(node.config, columns);
  std::string differs, assignments;
  for (const std::string& column : updated) {
    std::string name = engine::QuoteIdentifier(column);
    differs += fmt::format("{}target.{} is distinct from source.{}", differs.empty() ? "" : " or ", name, name);
    assignments += fmt::format("{}{} = source.{}", assignments.empty() ? "" : ", ", name, name);
  }
  std::string update =
      updated.empty() ? "" : fmt::format("when matched and ({}) then update set {}\n", differs, assignments);
  return fmt::format(
      "merge into {} as target using (\n{}\n) as source\non {}\n{}when not matched then insert ({}) values ({})",
      node.relation.Sql(), sql, KeyCondition(node.config.unique_key, "target", "source"), update, ColumnList(columns),
      ColumnList(columns, "source."));
}

Result<std::int64_t> DeleteAndInsert(NodeRun& run, const std::vector<std::string>& columns, const std::string& sql) {
  const std::string target = run.node.relation.Sql();
  const std::vector<std::string>& key = run.node.config.unique_key;
  SMELT_TRY(run.session.Execute(fmt::format("create or replace temp table smelt_new_rows as\n{}", sql)));
  if (!key.empty()) {
    SMELT_TRY(run.session.Execute(
        fmt::format("delete from {} as target where exists (select 1 from temp.smelt_new_rows as source where {})",
                    target, KeyCondition(key, "target", "source"))));
  }
  SMELT_ASSIGN(std::int64_t rows,
               Changed(run.session, fmt::format("insert into {} ({}) select {} from temp.smelt_new_rows", target,
                                                ColumnList(columns), ColumnList(columns))));
  SMELT_TRY(run.session.Execute("drop table temp.smelt_new_rows"));
  return rows;
}

Result<Materialised> BuildIncremental(NodeRun& run, const std::vector<std::string>& columns, const std::string& sql) {
  const Node& node = run.node;
  const std::string& strategy = node.config.incremental_strategy;
  if (strategy != "append" && node.config.unique_key.empty() && strategy != "delete+insert") {
    return Fail(Error(ErrorCode::kDbtConfigInvalid,
                      fmt::format("{}: the strategy '{}' needs a unique_key", node.unique_id, strategy))
                    .At(node.file, node.line));
  }
  return InTransaction(run, true, [&]() -> Result<std::int64_t> {
    if (strategy == "delete+insert") return DeleteAndInsert(run, columns, sql);
    if (strategy == "append") {
      return Changed(run.session, fmt::format("insert into {} ({}) select {} from (\n{}\n) as source",
                                              node.relation.Sql(), ColumnList(columns), ColumnList(columns), sql));
    }
    return Changed(run.session, MergeSql(node, columns, sql));
  });
}

}  // namespace

Result<Materialised> BuildModel(NodeRun& run) {
  const NodeConfig& config = run.node.config;
  SMELT_ASSIGN(auto existing, FindExisting(run));
  bool full_refresh = config.full_refresh.value_or(run.run.options.full_refresh);
  bool incremental = config.materialized == "incremental" && existing && !existing->is_view && !full_refresh;
  SMELT_TRY(CompileNode(run, incremental));
  const std::string& sql = run.compiled;
  if (incremental) return BuildIncremental(run, existing->columns, sql);
  if (config.materialized == "view") return BuildView(run, existing, sql);
  if (config.materialized == "table" || config.materialized == "incremental") return BuildTable(run, existing, sql);
  return Fail(Error(ErrorCode::kDbtUnsupported,
                    fmt::format("{}: there is no materialisation '{}'", run.node.unique_id, config.materialized))
                  .Hint("use table, view, incremental or ephemeral")
                  .At(run.node.file, run.node.line));
}

}  // namespace smelt::transform
