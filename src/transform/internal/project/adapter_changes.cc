// What templates do to tables, views and schemas beside the statements that they write themselves.

#include <fmt/format.h>

#include "transform/internal/project/adapter.h"
#include "transform/internal/project/database_access.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Interpreter;
using jinja::List;
using jinja::Record;
using jinja::Value;

/// What the relation is at this moment; nothing when it is not there.
Result<std::optional<engine::RelationKind>> KindOf(DatabaseAccess& access, const RelationParts& parts) {
  return access.session().FindRelation(parts.database, parts.schema, parts.identifier);
}

Status Drop(DatabaseAccess& access, const RelationParts& parts) {
  SMELT_ASSIGN(auto kind, KindOf(access, parts));
  if (!kind) return {};
  const char* type = *kind == engine::RelationKind::kView ? "view" : "table";
  SMELT_TRY(RunSql(access, fmt::format("drop {} {}", type, parts.sql), false));
  return {};
}

Result<Value> DropRelation(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("drop_relation", {"relation"}, 1));
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr || bound[0].is_absent()) return Value("");
  SMELT_ASSIGN(RelationParts parts, PartsOf(bound[0], "drop_relation"));
  SMELT_TRY(Drop(*access, parts));
  return Value("");
}

Result<Value> TruncateRelation(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("truncate_relation", {"relation"}, 1));
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return Value("");
  SMELT_ASSIGN(RelationParts parts, PartsOf(bound[0], "truncate_relation"));
  SMELT_TRY(RunSql(*access, "delete from " + parts.sql, true));
  return Value("");
}

/// The query of a view.
Result<std::string> ViewQuery(DatabaseAccess& access, const RelationParts& parts) {
  SMELT_ASSIGN(
      engine::ResultTable table,
      RunSql(access,
             fmt::format("select sql from duckdb_views() where schema_name = {} and view_name = {} and "
                         "database_name = '{}'",
                         engine::QuoteLiteral(parts.schema), engine::QuoteLiteral(parts.identifier), kDatabase),
             false));
  const std::string text = table.Text().value_or("");
  const std::size_t query = text.find(" AS ");
  if (query == std::string::npos) return Fail(ErrorCode::kSqlCatalog, "the query of " + parts.sql + " cannot be read");
  return text.substr(query + 4);
}

/// A table is its folder, so that another name means another one: what is renamed is written there and dropped here,
/// in one transaction.
Result<Value> RenameRelation(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("rename_relation", {"from_relation", "to_relation"}, 2));
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return Value("");
  SMELT_ASSIGN(RelationParts from, PartsOf(bound[0], "rename_relation"));
  SMELT_ASSIGN(RelationParts to, PartsOf(bound[1], "rename_relation"));
  SMELT_ASSIGN(auto kind, KindOf(*access, from));
  if (!kind) return Fail(ErrorCode::kSqlCatalog, fmt::format("there is no {} to rename", from.sql));
  if (*kind == engine::RelationKind::kView) {
    SMELT_ASSIGN(std::string query, ViewQuery(*access, from));
    SMELT_TRY(RunSql(*access, fmt::format("create view {} as {}", to.sql, query), true));
  } else {
    SMELT_TRY(RunSql(*access, fmt::format("create table {} as select * from {}", to.sql, from.sql), true));
  }
  SMELT_TRY(Drop(*access, from));
  return Value("");
}

Result<Value> CreateSchema(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("create_schema", {"relation"}, 1));
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return Value("");
  SMELT_ASSIGN(RelationParts parts, PartsOf(bound[0], "create_schema"));
  SMELT_TRY(RunSql(*access, "create schema if not exists " + engine::QuoteIdentifier(parts.schema), false));
  return Value("");
}

Result<Value> DropSchema(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("drop_schema", {"relation"}, 1));
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return Value("");
  SMELT_ASSIGN(RelationParts parts, PartsOf(bound[0], "drop_schema"));
  SMELT_TRY(
      RunSql(*access, fmt::format("drop schema if exists {} cascade", engine::QuoteIdentifier(parts.schema)), false));
  return Value("");
}

/// Text has no width here that would have to grow.
Result<Value> ExpandTypes(Interpreter&, Arguments arguments) {
  SMELT_TRY(arguments.Bind("expand_target_column_types", {"from_relation", "to_relation"}, 2));
  return Value("");
}

}  // namespace

void AddChanges(Record& adapter) {
  AddFunctions(adapter, {{"drop_relation", DropRelation},
                         {"truncate_relation", TruncateRelation},
                         {"rename_relation", RenameRelation},
                         {"create_schema", CreateSchema},
                         {"drop_schema", DropSchema},
                         {"expand_target_column_types", ExpandTypes}});
}

}  // namespace smelt::transform
