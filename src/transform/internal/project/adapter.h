#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/session.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform {

class DatabaseAccess;

/// `adapter`: what templates ask of the database and do to it. While SQL cannot be run, its questions are answered with
/// nothing, which is noted in the findings, and its changes do nothing.
jinja::Value MakeAdapter();

/// What a statement answers beside its rows: it prints as `message`; `code` and `rows_affected` are attributes.
jinja::Value MakeResponse(const std::string& message, const jinja::Value& code, const jinja::Value& rows_affected);

// -- parts of the adapter

/// A function of the adapter, by its name.
struct AdapterFunction {
  const char* name;
  Result<jinja::Value> (*body)(jinja::Interpreter&, jinja::Arguments);
};
void AddFunctions(jinja::Record& adapter, std::initializer_list<AdapterFunction> functions);

/// The access of the template that runs; null while SQL cannot be run, which is noted.
DatabaseAccess* AccessOf(const jinja::Interpreter& interpreter);

/// The parts of a relation object; empty: it has none.
struct RelationParts {
  std::string database, schema, identifier;
  std::string type;  ///< "table", "view", …; empty: not known
  std::string sql;   ///< as it prints
};
/// Errors: kJinjaType when `value` is no relation; `function` is who wants one.
Result<RelationParts> PartsOf(const jinja::Value& value, std::string_view function);

/// Runs statements; errors show the SQL.
Result<engine::ResultTable> RunSql(DatabaseAccess& access, const std::string& sql, bool begins);
/// The columns of a relation, given as SQL. Errors: kSqlCatalog when there is none.
Result<std::vector<engine::ResultColumn>> ColumnsOf(DatabaseAccess& access, const std::string& relation);

/// The functions that ask: get_relation, get_columns_in_relation, list_schemas, …
void AddQuestions(jinja::Record& adapter);
/// Those that change tables: drop_relation, rename_relation, create_schema, …
void AddChanges(jinja::Record& adapter);
/// Those that only materializations need: get_incremental_strategy_macro, get_hard_deletes_behavior, …
void AddMaterializationHelp(jinja::Record& adapter);

}  // namespace smelt::transform
