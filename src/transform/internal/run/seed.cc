#include <fmt/format.h>

#include "transform/internal/run/node_run.h"

namespace smelt::transform {

Result<Materialised> LoadSeed(NodeRun& run) {
  std::string types;
  for (const auto& [column, type] : run.node.config.column_types) {
    types +=
        fmt::format("{}{}: {}", types.empty() ? "" : ", ", engine::QuoteLiteral(column), engine::QuoteLiteral(type));
  }
  if (!types.empty()) types = fmt::format(", types = {{{}}}", types);
  SMELT_ASSIGN(auto existing, FindExisting(run));
  const std::string target = run.node.relation.Sql();
  if (existing && existing->is_view) SMELT_TRY(run.session.Execute("drop view " + target));
  return InTransaction(run, false, [&]() -> Result<std::int64_t> {
    SMELT_ASSIGN(auto result,
                 run.session.Query(fmt::format(
                     "create or replace table {} as select * from read_csv({}, header = true, delim = {}{})", target,
                     engine::QuoteLiteral(run.run.project.SeedPath(run.node)),
                     engine::QuoteLiteral(run.node.config.delimiter), types)));
    return result.Int().value_or(0);
  });
}

}  // namespace smelt::transform
