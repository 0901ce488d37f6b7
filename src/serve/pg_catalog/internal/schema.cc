#include "serve/pg_catalog/internal/schema.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "engine/session.h"
#include "serve/pg_catalog/internal/catalog_functions.h"
#include "serve/pg_catalog/internal/catalog_views.h"
#include "serve/pg_catalog/internal/relations.h"
#include "serve/pg_catalog/internal/static_rows.h"
#include "serve/pg_catalog/internal/type_rows.h"

namespace smelt::serve::pg_catalog {
namespace {

/// The next word of a text, which is shortened by it; empty at its end.
std::string_view TakeWord(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \n"), text.size());
  const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// How the engine stores a type of PostgreSQL's. What refers to functions and types stays a number, for joins.
std::string StoredType(std::string_view type) {
  if (type.starts_with('_')) return StoredType(type.substr(1)) + "[]";
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 29> kTypes = {{
      {"pg_lsn", "pg_lsn"},
      {"bool", "BOOLEAN"},
      {"int2", "SMALLINT"},
      {"int4", "INTEGER"},
      {"int8", "BIGINT"},
      {"float4", "FLOAT"},
      {"float8", "DOUBLE"},
      {"bytea", "BLOB"},
      {"timestamptz", "TIMESTAMPTZ"},
      {"interval", "INTERVAL"},
      {"numeric", "DECIMAL(38,0)"},
      {"name", "name"},
      {"char", "pg_char"},
      {"oid", "pg_oid"},
      {"xid", "xid"},
      {"oidvector", "oidvector_item[]"},
      {"int2vector", "int2vector_item[]"},
      {"pg_node_tree", "pg_node_tree"},
      {"inet", "inet"},
      {"aclitem", "aclitem"},
      {"regproc", "regproc_oid"},
      {"regtype", "pg_oid"},
      {"sql_identifier", "name"},
      {"cardinal_number", "INTEGER"},
      {"time_stamp", "TIMESTAMPTZ"},
      {"character_data", "pg_varchar"},
      {"yes_or_no", "pg_varchar"},
      {"anyarray", "anyarray"},
      {"text", "VARCHAR"},
  }};
  for (const auto& [name, stored] : kTypes) {
    if (name == type) return std::string(stored);
  }
  return "VARCHAR";
}

/// How a view is made: expressions by column, and what they are taken from.
struct ViewText {
  std::map<std::string_view, std::string_view> columns{};
  std::string_view source{};
};

std::map<std::string_view, ViewText> ReadViews(std::string_view text) {
  constexpr std::string_view kView = "view ";
  constexpr std::string_view kIs = " = ";
  std::map<std::string_view, ViewText> views;
  ViewText* current = nullptr;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.starts_with(kView)) {
      current = &views[line.substr(kView.size())];
    } else if (line.starts_with("from ") && current != nullptr) {
      current->source = line;
    } else if (const std::size_t is = line.find(kIs); is != std::string_view::npos && current != nullptr) {
      current->columns[line.substr(0, is)] = line.substr(is + kIs.size());
    }
  }
  return views;
}

std::string ViewScript(std::string_view schema, const SystemRelation& relation, const ViewText& view) {
  std::string columns;
  for (const SystemColumn& column : relation.columns) {
    const auto given = view.columns.find(column.name);
    const std::string_view expression = given == view.columns.end() ? "NULL" : given->second;
    columns += fmt::format("{}({})::{} AS \"{}\"", columns.empty() ? "" : ", ", expression, StoredType(column.type),
                           column.name);
  }
  return fmt::format("CREATE VIEW {}.\"{}\" AS SELECT {} {};\n", schema, relation.name, columns, view.source);
}

std::string TableScript(std::string_view schema, const SystemRelation& relation) {
  std::string columns;
  for (const SystemColumn& column : relation.columns) {
    columns += fmt::format("{}\"{}\" {}", columns.empty() ? "" : ", ", column.name, StoredType(column.type));
  }
  return fmt::format("CREATE TABLE {}.\"{}\"({});\n", schema, relation.name, columns);
}

/// The table behind pg_type: its columns are those of its rows.
std::string TypeTable(const std::vector<SystemRelation>& relations) {
  const std::string_view rows = TypeRows();
  const std::size_t open = rows.find('(');
  std::string names(rows.substr(open + 1, rows.find(')') - open - 1));
  std::erase(names, ',');
  std::string columns;
  std::string_view rest = names;
  for (std::string_view name = TakeWord(rest); !name.empty(); name = TakeWord(rest)) {
    std::string type = "VARCHAR";
    for (const SystemRelation& relation : relations) {
      if (relation.name != "pg_type") continue;
      for (const SystemColumn& column : relation.columns) {
        if (column.name == name) type = StoredType(column.type);
      }
    }
    columns += fmt::format("{}\"{}\" {}", columns.empty() ? "" : ", ", name, type);
  }
  return fmt::format("CREATE TABLE pgc.smelt_types({});\n", columns);
}

/// What is the same in nearly every row of a relation.
constexpr std::string_view kOrdinaryValues = R"(
UPDATE pgc.pg_proc SET pronamespace = 11, proowner = 10, prolang = 12, procost = 1, prorows = 0, provariadic = 0,
  prosupport = 0, prosecdef = false, proleakproof = false, proparallel = 's', pronargdefaults = 0;
UPDATE pgc.pg_language SET lanplcallfoid = 0, laninline = 0,
  lanvalidator = CASE oid WHEN 12 THEN 2246 WHEN 13 THEN 2247 ELSE 2248 END;
)";

std::string KeywordRows() {
  std::string rows;
  std::string_view rest = Keywords();
  for (std::string_view word = TakeWord(rest); !word.empty(); word = TakeWord(rest)) {
    const std::size_t colon = word.find(':');
    rows += fmt::format("{}('{}', '{}', {})", rows.empty() ? "" : ", ", word.substr(0, colon), word[colon + 1],
                        word.ends_with('-') ? "false" : "true");
  }
  return "INSERT INTO pgc.smelt_keywords VALUES " + rows + ";\n";
}

constexpr std::array<std::string_view, 14> kPrivilegeFunctions = {"has_table_privilege",
                                                                  "has_schema_privilege",
                                                                  "has_database_privilege",
                                                                  "has_function_privilege",
                                                                  "has_sequence_privilege",
                                                                  "has_tablespace_privilege",
                                                                  "has_type_privilege",
                                                                  "has_language_privilege",
                                                                  "has_server_privilege",
                                                                  "has_any_column_privilege",
                                                                  "pg_has_role",
                                                                  "has_parameter_privilege",
                                                                  "has_column_privilege",
                                                                  "has_foreign_data_wrapper_privilege"};

/// Everybody reads all that there is; who may do more is in a variable of the client's session. Of several privileges
/// one is enough, and of nothing, nothing is known.
constexpr std::string_view kMayMacro = R"(
CREATE MACRO pgc.smelt_may(arg_of, arg_privileges) AS
  CASE WHEN arg_of IS NULL OR arg_privileges IS NULL THEN NULL
       WHEN getvariable('pg_may_change') THEN true
       ELSE regexp_matches(upper(arg_privileges), '\b(SELECT|USAGE|CONNECT|EXECUTE|TEMP|TEMPORARY|MEMBER)\b') END;
CREATE MACRO pgc.smelt_rights() AS TABLE
  SELECT unnest(CASE WHEN getvariable('pg_may_change')
                     THEN ['DELETE', 'INSERT', 'REFERENCES', 'SELECT', 'TRIGGER', 'TRUNCATE', 'UPDATE']
                     ELSE ['SELECT'] END) AS privilege_type;
)";

std::string PrivilegeMacros() {
  std::string macros(kMayMacro);
  for (const std::string_view name : kPrivilegeFunctions) {
    const std::string_view column = name == "has_column_privilege" ? "arg_column, " : "";
    macros += fmt::format(
        "CREATE MACRO pgc.{0}(arg_of, {1}arg_what) AS pgc.smelt_may(arg_of, arg_what), (arg_user, arg_of, {1}arg_what) "
        "AS pgc.smelt_may(arg_of, arg_what);\n",
        name, column);
  }
  return macros;
}

}  // namespace

std::vector<engine::NamedType> CatalogTypes() {
  return {{"pg_oid", "UINTEGER"},          {"xid", "UINTEGER"},
          {"regproc_oid", "UINTEGER"},     {"oidvector_item", "UINTEGER"},
          {"int2vector_item", "SMALLINT"}, {"name", "VARCHAR"},
          {"pg_char", "VARCHAR"},          {"pg_varchar", "VARCHAR"},
          {"pg_node_tree", "VARCHAR"},     {"inet", "VARCHAR"},
          {"aclitem", "VARCHAR"},          {"anyarray", "VARCHAR"},
          {"regclass", "VARCHAR"},         {"regtype", "VARCHAR"},
          {"regproc", "VARCHAR"},          {"regprocedure", "VARCHAR"},
          {"regnamespace", "VARCHAR"},     {"regrole", "VARCHAR"},
          {"regoper", "VARCHAR"},          {"regoperator", "VARCHAR"},
          {"regcollation", "VARCHAR"},     {"pg_lsn", "VARCHAR"}};
}

std::vector<SystemRelation> ReadRelations(std::string_view list) {
  std::vector<SystemRelation> relations;
  while (!list.empty()) {
    std::string_view line = TakeLine(list);
    if (line.empty()) continue;
    if (!line.starts_with(' ')) {
      SystemRelation& relation = relations.emplace_back();
      relation.name = TakeWord(line);
      const std::string_view oid = TakeWord(line);
      std::from_chars(oid.data(), oid.data() + oid.size(), relation.oid);
      relation.kind = TakeWord(line)[0];
    }
    for (std::string_view word = TakeWord(line); !word.empty(); word = TakeWord(line)) {
      const bool not_null = word.ends_with('!');
      if (not_null) word.remove_suffix(1);
      const std::size_t colon = word.find(':');
      relations.back().columns.push_back(
          {std::string(word.substr(0, colon)), std::string(word.substr(colon + 1)), not_null});
    }
  }
  return relations;
}

std::string SchemaScript() {
  std::string script = "CREATE SCHEMA pgc; CREATE SCHEMA infs;\n";
  script +=
      "CREATE TABLE pgc.smelt_keywords(word VARCHAR, catcode VARCHAR, barelabel BOOLEAN);\n"
      "CREATE TABLE pgc.smelt_views(oid UINTEGER, definition VARCHAR);\n"
      "CREATE TABLE pgc.smelt_sizes(oid UINTEGER, rows BIGINT, bytes BIGINT);\n";
  const std::vector<SystemRelation> relations = ReadRelations(SystemRelations());
  script += TypeTable(relations);
  const auto views = ReadViews(CatalogViews());
  std::string later;
  for (const SystemRelation& relation : relations) {
    const auto view = views.find(relation.name);
    if (view == views.end()) {
      script += TableScript("pgc", relation);
    } else {
      later += ViewScript("pgc", relation, view->second);
    }
  }
  const auto information = ReadViews(InformationViews());
  for (const SystemRelation& relation : ReadRelations(InformationRelations())) {
    const auto view = information.find(relation.name);
    later += view == information.end() ? TableScript("infs", relation) : ViewScript("infs", relation, view->second);
  }
  script += PrivilegeMacros();
  script += FunctionMacros();
  script += later;
  script += TypeRows();
  script += FunctionRows();
  script += StaticRows();
  script += kOrdinaryValues;
  return script + KeywordRows();
}

std::set<std::string, std::less<>> MacroNames(bool of_rows) {
  constexpr std::string_view kMacro = "CREATE MACRO pgc.";
  const std::string script = PrivilegeMacros() + std::string(FunctionMacros());
  std::set<std::string, std::less<>> names;
  for (std::size_t at = script.find(kMacro); at != std::string::npos; at = script.find(kMacro, at + 1)) {
    const std::size_t begin = at + kMacro.size();
    const std::string_view macro = std::string_view(script).substr(begin, script.find(kMacro, begin) - begin);
    const bool has_rows = macro.find(") AS TABLE") != std::string_view::npos;
    if (has_rows == of_rows) names.emplace(macro.substr(0, macro.find('(')));
  }
  return names;
}

}  // namespace smelt::serve::pg_catalog
