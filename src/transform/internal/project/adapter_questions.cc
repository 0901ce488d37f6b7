// What templates ask of tables, views and schemas.

#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/project/adapter.h"
#include "transform/internal/project/database_access.h"
#include "transform/internal/project/query_result.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Interpreter;
using jinja::List;
using jinja::Record;
using jinja::Value;

/// A text, or nothing for none.
std::string TextOf(const Value& value) {
  return value.is_absent() ? std::string() : value.ToText();
}

Result<Value> GetRelation(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("get_relation", {"database", "schema", "identifier"}, 3));
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return Value::None();
  const RelationName name{TextOf(bound[1]), TextOf(bound[2])};
  SMELT_ASSIGN(auto kind, access->session().FindRelation(kDatabase, name.schema, name.identifier));
  if (!kind) return Value::None();
  return Value(std::make_shared<Relation>(name, *kind == engine::RelationKind::kView ? "view" : "table"));
}

Result<std::vector<engine::ResultColumn>> ColumnsOf(Interpreter& interpreter, const Value& relation) {
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return std::vector<engine::ResultColumn>();
  return ColumnsOf(*access, relation.ToText());
}

Value ColumnObjects(const std::vector<engine::ResultColumn>& columns) {
  List objects;
  for (const engine::ResultColumn& column : columns) objects.push_back(MakeColumn(column.name, column.type));
  return Value::MakeList(std::move(objects));
}

Result<Value> GetColumns(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("get_columns_in_relation", {"relation"}, 1));
  SMELT_ASSIGN(auto columns, ColumnsOf(interpreter, bound[0]));
  return ColumnObjects(columns);
}

Result<Value> GetColumnSchema(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("get_column_schema_from_query", {"sql"}, 1));
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return Value::MakeList();
  SMELT_ASSIGN(engine::ResultTable table,
               RunSql(*access, fmt::format("select * from (\n{}\n) as query limit 0", bound[0].ToText()), false));
  List columns;
  for (const engine::ResultColumn& column : table.columns) {
    // A struct counts as its fields, which is how contracts describe it.
    for (const auto& parts : RelationColumn({column.name, column.type}).Flattened()) {
      columns.push_back(MakeColumn(parts.name, parts.type));
    }
  }
  return Value::MakeList(std::move(columns));
}

/// The columns of one relation that another one lacks.
Result<Value> GetMissingColumns(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("get_missing_columns", {"from_relation", "to_relation"}, 2));
  SMELT_ASSIGN(auto columns, ColumnsOf(interpreter, bound[0]));
  SMELT_ASSIGN(auto present, ColumnsOf(interpreter, bound[1]));
  std::erase_if(columns, [&present](const engine::ResultColumn& column) {
    return std::ranges::find(present, column.name, &engine::ResultColumn::name) != present.end();
  });
  return ColumnObjects(columns);
}

Result<Value> AlreadyExists(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("already_exists", {"schema", "name"}, 2));
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return Value(false);
  SMELT_ASSIGN(auto kind, access->session().FindRelation(kDatabase, bound[0].ToText(), bound[1].ToText()));
  return Value(kind.has_value());
}

Result<Value> CheckSchemaExists(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("check_schema_exists", {"database", "schema"}, 2));
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return Value(false);
  SMELT_ASSIGN(engine::ResultTable table,
               RunSql(*access,
                      fmt::format("select count(*) from duckdb_schemas() where database_name = '{}' and "
                                  "lower(schema_name) = lower({})",
                                  kDatabase, engine::QuoteLiteral(bound[1].ToText())),
                      false));
  return Value(table.Int().value_or(0) > 0);
}

Result<Value> ListSchemas(Interpreter& interpreter, Arguments arguments) {
  SMELT_TRY(arguments.Bind("list_schemas", {"database"}, 0));
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return Value::MakeList();
  SMELT_ASSIGN(
      engine::ResultTable table,
      RunSql(*access,
             fmt::format("select schema_name from duckdb_schemas() where database_name = '{}' order by 1", kDatabase),
             false));
  List names;
  for (const auto& row : table.rows) names.emplace_back(row.front().value_or(""));
  return Value::MakeList(std::move(names));
}

Result<Value> ListRelations(Interpreter& interpreter, const std::string& schema) {
  DatabaseAccess* access = AccessOf(interpreter);
  if (access == nullptr) return Value::MakeList();
  SMELT_ASSIGN(engine::ResultTable table,
               RunSql(*access,
                      fmt::format("select table_schema, table_name, table_type from information_schema.tables "
                                  "where table_catalog = '{}' and lower(table_schema) = lower({}) order by 2",
                                  kDatabase, engine::QuoteLiteral(schema)),
                      false));
  List relations;
  for (const auto& row : table.rows) {
    const std::string type = row[2] == "VIEW" ? "view" : "table";
    relations.emplace_back(std::make_shared<Relation>(RelationName{row[0].value_or(""), row[1].value_or("")}, type));
  }
  return Value::MakeList(std::move(relations));
}

Result<Value> ListRelationsOf(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("list_relations", {"database", "schema"}, 2));
  return ListRelations(interpreter, bound[1].ToText());
}

Result<Value> ListRelationsIn(Interpreter& interpreter, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("list_relations_without_caching", {"schema_relation"}, 1));
  SMELT_ASSIGN(RelationParts parts, PartsOf(bound[0], "list_relations_without_caching"));
  return ListRelations(interpreter, parts.schema);
}

}  // namespace

void AddQuestions(Record& adapter) {
  AddFunctions(adapter, {{"get_relation", GetRelation},
                         {"get_columns_in_relation", GetColumns},
                         {"get_column_schema_from_query", GetColumnSchema},
                         {"get_missing_columns", GetMissingColumns},
                         {"already_exists", AlreadyExists},
                         {"check_schema_exists", CheckSchemaExists},
                         {"list_schemas", ListSchemas},
                         {"list_relations", ListRelationsOf},
                         {"list_relations_without_caching", ListRelationsIn}});
}

}  // namespace smelt::transform
