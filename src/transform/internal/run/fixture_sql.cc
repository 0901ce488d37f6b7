#include "transform/internal/run/fixture_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/config.h"
#include "transform/internal/jinja/template.h"
#include "transform/internal/jinja/value.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/quoting.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {

using jinja::Value;

namespace {

/// The type as columns of relations name it.
std::string TypeName(const std::string& type) {
  return type == "VARCHAR" ? "character varying(256)" : type;
}

/// A value of a fixture as SQL.
std::string ValueSql(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_string()) return engine::QuoteLiteral(value.get<std::string>());
  return Value::FromJson(value).ToText();
}

Error UnknownColumn(const std::string& column, const std::string& of, const NamedTypes& columns) {
  std::vector<std::string_view> names;
  std::string list;
  for (const engine::ResultColumn& known : columns) {
    names.push_back(known.name);
    list += (list.empty() ? "" : ", ") + known.name;
  }
  const std::string near = NearestWord(column, names);
  return Error(ErrorCode::kDbtConfigInvalid, fmt::format("{} has no column '{}'", of, column))
      .Hint(near.empty() ? fmt::format("its columns are {}", list) : fmt::format("did you mean '{}'?", near));
}

Status CheckColumns(const Json& row, const std::string& of, const NamedTypes& columns) {
  for (const auto& [column, value] : row.items()) {
    if (FindColumn(columns, column) == nullptr) return Fail(UnknownColumn(column, of, columns));
  }
  return {};
}

/// The value that a row has for a column, whatever the case of its name; or null.
const Json* FindValue(const Json& row, const std::string& column) {
  for (auto entry = row.begin(); entry != row.end(); ++entry) {
    if (EqualsIgnoringCase(entry.key(), column)) return &*entry;
  }
  return nullptr;
}

/// The rows with the names of the first one's columns, in its order: a union goes by position.
Json InOrderOf(const NamedTypes& columns, const Json& rows) {
  Json ordered = Json::array();
  for (const Json& row : rows) {
    Json cells = Json::object();
    for (const engine::ResultColumn& column : columns) cells[column.name] = *FindValue(row, column.name);
    ordered.push_back(std::move(cells));
  }
  return ordered;
}

/// Types and quoted names by the names in lower case, as the macros take them.
Json TypesOf(const NamedTypes& columns) {
  Json types = Json::object();
  for (const engine::ResultColumn& column : columns) types[LowerAscii(column.name)] = TypeName(column.type);
  return types;
}
Json QuotedNames(const NamedTypes& columns) {
  Json names = Json::object();
  for (const engine::ResultColumn& column : columns) names[LowerAscii(column.name)] = QuotedName(column.name);
  return names;
}

/// Rows of an input whose columns nobody knows: those that any row has.
Result<std::string> UntypedSql(const std::string& name, const Json& rows) {
  std::vector<std::string> columns;
  for (const Json& row : rows) {
    for (const auto& [column, value] : row.items()) {
      if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
    }
  }
  if (columns.empty()) {
    return Fail(Error(ErrorCode::kDbtConfigInvalid, fmt::format("the columns of '{}' are not known", name))
                    .Hint("build or load it, describe its columns with data_type, or give rows with columns"));
  }
  std::string sql;
  for (const Json& row : rows) {
    std::string list;
    for (const std::string& column : columns) {
      const std::string value = row.contains(column) ? ValueSql(row[column]) : "null";
      list += fmt::format("{} {} as {}", list.empty() ? "" : ",", value, QuotedName(column));
    }
    sql += fmt::format("{}select{}", sql.empty() ? "" : "\nunion all\n", list);
  }
  return sql;
}

}  // namespace

const engine::ResultColumn* FindColumn(const NamedTypes& columns, const std::string& name) {
  const auto found = std::ranges::find_if(
      columns, [&](const engine::ResultColumn& column) { return EqualsIgnoringCase(column.name, name); });
  return found == columns.end() ? nullptr : &*found;
}

Result<std::string> FixtureQueries::Given(const std::string& name, const Json& rows,
                                          const std::optional<NamedTypes>& columns) const {
  if (!columns) {
    SMELT_ASSIGN(std::string sql, UntypedSql(name, rows));
    return fmt::format("\n-- Fixture for {}\n{}", name, sql);
  }
  for (const Json& row : rows) SMELT_TRY(CheckColumns(row, fmt::format("'{}'", name), *columns));
  Json types = Json::object();
  for (const engine::ResultColumn& column : *columns) types[column.name] = TypeName(column.type);
  return Call("get_fixture_sql(fixture_rows, fixture_types)", name,
              {{"fixture_rows", Value::FromJson(rows)}, {"fixture_types", Value::FromJson(types)}});
}

Result<std::string> FixtureQueries::Expected(const Json& rows, const NamedTypes& columns) const {
  NamedTypes expected;
  if (!rows.empty()) {
    SMELT_TRY(CheckColumns(rows.front(), "the model", columns));
    for (const auto& [column, value] : rows.front().items()) expected.push_back(*FindColumn(columns, column));
  }
  for (const Json& row : rows) {
    SMELT_TRY(CheckColumns(row, "the model", columns));
    const bool has_all =
        row.size() == expected.size() && std::ranges::all_of(expected, [&](const engine::ResultColumn& column) {
          return FindValue(row, column.name) != nullptr;
        });
    if (has_all) continue;
    return Fail(Error(ErrorCode::kDbtConfigInvalid, "the expected rows do not all have the same columns")
                    .Hint("name every column in every row; a missing value is written null"));
  }
  return Call("get_expected_sql(fixture_rows, fixture_types, fixture_names)", model_.name,
              {{"fixture_rows", Value::FromJson(InOrderOf(expected, rows))},
               {"fixture_types", Value::FromJson(TypesOf(columns))},
               {"fixture_names", Value::FromJson(QuotedNames(columns))}});
}

Result<std::string> FixtureQueries::Comparison(const std::string& actual, const std::string& expected,
                                               const NamedTypes& compared) const {
  jinja::List names;
  for (const engine::ResultColumn& column : compared) names.emplace_back(QuotedName(column.name));
  return Call("get_unit_test_sql(fixture_actual, fixture_expected, fixture_names)", model_.name,
              {{"fixture_actual", Value(actual)},
               {"fixture_expected", Value(expected)},
               {"fixture_names", Value::MakeList(std::move(names))}});
}

Result<std::string> FixtureQueries::Call(const std::string& call, const std::string& model,
                                         std::map<std::string, Value> values) const {
  SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate("{{ " + call + " }}", run_.node.file));
  RenderFindings findings;
  RenderContext context(run_.run.project.state(), &model_, RenderPhase::kRun, findings);
  context.set_run(&run_.session, run_.run.run_id);
  Json described = DescribeNode(model_, model_.config.all);
  described["name"] = model;
  context.Set("model", Value::FromJson(described));
  for (auto& [name, value] : values) context.Set(name, std::move(value));
  return RenderIn(context, parsed, nullptr);
}

}  // namespace smelt::transform
