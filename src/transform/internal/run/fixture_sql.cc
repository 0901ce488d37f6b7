#include "transform/internal/run/fixture_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/config.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform {
namespace {

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// The type as a cast of a fixture names it.
std::string CastType(const std::string& type, bool is_text) {
  if (type != "VARCHAR") return type;
  return is_text ? "character varying" : "character varying(256)";
}

/// A value of a fixture as SQL.
std::string ValueSql(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_string()) return engine::QuoteLiteral(value.get<std::string>());
  return jinja::Value::FromJson(value).ToText();
}

std::string Quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

/// A given value in its column's type, laid out as the macro safe_cast does it.
std::string CastSql(const Json& value, const std::string& type) {
  return fmt::format("\n    \n    cast({} as {})\n", ValueSql(value), CastType(type, value.is_string()));
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
    if (Lower(entry.key()) == Lower(column)) return &*entry;
  }
  return nullptr;
}

std::string RowSql(const Json& row, const NamedTypes& columns) {
  std::string list;
  for (const engine::ResultColumn& column : columns) {
    const Json* value = FindValue(row, column.name);
    const std::string sql =
        value == nullptr ? fmt::format("cast(null as {})", CastType(column.type, false)) : CastSql(*value, column.type);
    list += fmt::format("{} {} as {}", list.empty() ? "" : ",", sql, Quoted(column.name));
  }
  return "select" + list;
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
      list += fmt::format("{} {} as {}", list.empty() ? "" : ",", value, Quoted(column));
    }
    sql += fmt::format("{}select{}", sql.empty() ? "" : "\nunion all\n", list);
  }
  return sql;
}

}  // namespace

const engine::ResultColumn* FindColumn(const NamedTypes& columns, const std::string& name) {
  const auto found = std::ranges::find_if(
      columns, [&](const engine::ResultColumn& column) { return Lower(column.name) == Lower(name); });
  return found == columns.end() ? nullptr : &*found;
}

Result<std::string> FixtureSql(const std::string& name, const Json& rows, const std::optional<NamedTypes>& columns) {
  const std::string head = fmt::format("\n-- Fixture for {}\n", name);
  if (!columns) {
    SMELT_ASSIGN(std::string sql, UntypedSql(name, rows));
    return head + sql;
  }
  if (rows.empty()) return head + RowSql(Json::object(), *columns) + "\n    limit 0";
  std::string sql;
  for (const Json& row : rows) {
    SMELT_TRY(CheckColumns(row, fmt::format("'{}'", name), *columns));
    sql += fmt::format("{}{}", sql.empty() ? "" : "\nunion all\n", RowSql(row, *columns));
  }
  return head + sql;
}

Result<std::string> ExpectedSql(const Json& rows, const NamedTypes& columns) {
  if (rows.empty()) return NoRowsOf(columns);
  NamedTypes expected;
  SMELT_TRY(CheckColumns(rows.front(), "the model", columns));
  for (const auto& [column, value] : rows.front().items()) expected.push_back(*FindColumn(columns, column));
  std::string sql;
  for (const Json& row : rows) {
    SMELT_TRY(CheckColumns(row, "the model", columns));
    const bool has_all =
        row.size() == expected.size() && std::ranges::all_of(expected, [&](const engine::ResultColumn& column) {
          return FindValue(row, column.name) != nullptr;
        });
    if (!has_all) {
      return Fail(Error(ErrorCode::kDbtConfigInvalid, "the expected rows do not all have the same columns")
                      .Hint("name every column in every row; a missing value is written null"));
    }
    sql += fmt::format("{}{}", sql.empty() ? "" : "\nunion all\n", RowSql(row, expected));
  }
  return sql;
}

}  // namespace smelt::transform
