#include "quality/internal/view_inputs.h"

#include <fmt/format.h>

#include "base/id.h"
#include "engine/statement_info.h"

namespace smelt::quality {
namespace {

/// The version of a table that the session sees, -1 for one that its transaction has made or that is not to be had.
std::int64_t VersionSeen(engine::Session& session, const TableName& table) {
  const auto found =
      session.Query(fmt::format("select version from table_growth({}, -1)", engine::QuoteLiteral(table.sql())));
  return found ? found->Int().value_or(-1) : -1;
}

std::optional<std::string> SqlOfView(engine::Session& session, const engine::RelationName& view) {
  const auto found = session.Query(
      fmt::format("select sql from duckdb_views() where database_name = 'lake' and schema_name = {} and view_name = {}",
                  engine::QuoteLiteral(view.schema), engine::QuoteLiteral(view.name)));
  return found ? found->Text() : std::nullopt;
}

}  // namespace

Json ViewInputs(engine::Session& session, const Suite& resolved) {
  const auto own = ParseTableName(resolved.table);
  if (!own || ReadsMoreThanTables(resolved) || !OtherTables(resolved).empty()) return nullptr;
  const auto info = engine::DescribeStatement(session, "select * from " + own->sql());
  const bool is_closed = info && info->repeatable && info->outside.empty() && info->unknown.empty() &&
                         !info->reads_catalog && !info->reads_temporary && !info->views.empty();
  if (!is_closed) return nullptr;
  Json inputs = Json::object();
  for (const engine::RelationName& view : info->views) {
    const auto sql = SqlOfView(session, view);
    if (!sql) return nullptr;
    inputs[view.Text()] = ContentHash(*sql);
  }
  for (const engine::RelationName& read : info->reads) {
    const std::int64_t version = VersionSeen(session, {read.schema, read.name});
    if (version < 0) return nullptr;
    inputs[read.Text()] = version;
  }
  return inputs;
}

}  // namespace smelt::quality
