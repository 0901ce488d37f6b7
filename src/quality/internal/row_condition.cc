#include "quality/internal/row_condition.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "engine/session.h"
#include "quality/internal/condition_parser.h"

namespace smelt::quality {
namespace {

Error BadObject(const Json& condition) {
  return Error(
      ErrorCode::kConfigValueInvalid,
      fmt::format("the row_condition {} is not a comparison, nullity, and or or condition", JsonText(condition)));
}

std::optional<std::string> ScalarSql(const Json& value) {
  if (value.is_string()) return engine::QuoteLiteral(value.get<std::string>());
  if (value.is_number() || value.is_boolean()) return JsonText(value);
  return std::nullopt;
}

Result<std::string> ComparisonObjectSql(const Json& condition, const std::string& column) {
  const Json named_operator = condition.value("operator", Json());
  const std::string op = named_operator.is_string() ? named_operator.get<std::string>() : "";
  const Json parameter = condition.value("parameter", Json());
  if (op == "IN" || op == "NOT_IN") {
    std::string list;
    for (const Json& item : parameter) {
      const auto sql = ScalarSql(item);
      if (!sql) return Fail(BadObject(condition));
      list += (list.empty() ? "" : ", ") + *sql;
    }
    return MembershipSql(column, op == "NOT_IN", list, NullRule::kPandas);
  }
  static constexpr std::array<std::string_view, 6> kOperators = {"==", "!=", "<", "<=", ">", ">="};
  const auto sql = ScalarSql(parameter);
  if (!sql || std::ranges::find(kOperators, op) == kOperators.end()) return Fail(BadObject(condition));
  return ComparisonSql(column, op, *sql, NullRule::kPandas);
}

bool IsSql(std::string_view parser) {
  return parser == "duckdb" || parser == "sql" || parser == "spark";
}

/// Whether a text that stands in parentheses stays within them: its own are balanced, its quotes closed, and it has
/// neither statements' ends nor comments.
bool IsOneExpression(std::string_view text) {
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '\'' || c == '"') quote = c;
    if (c == '(') ++depth;
    if (c == ')' && --depth < 0) return false;
    if (c == ';' || text.substr(i).starts_with("--") || text.substr(i).starts_with("/*")) return false;
  }
  return depth == 0 && quote == 0 && text.find_first_not_of(" \t\r\n") != std::string_view::npos;
}

Result<std::string> ObjectSql(const Json& condition, std::string_view parser, const ColumnSql& column, int depth) {
  if (!condition.is_object() || depth > 20) return Fail(BadObject(condition));
  const Json type = condition.value("type", Json());
  if (type == "and" || type == "or") {
    std::string sql;
    for (const Json& part : condition.value("conditions", Json::array())) {
      SMELT_ASSIGN(const std::string part_sql, ObjectSql(part, parser, column, depth + 1));
      sql += (sql.empty() ? "" : fmt::format(" {} ", type.get<std::string>())) + part_sql;
    }
    if (sql.empty()) return Fail(BadObject(condition));
    return "(" + sql + ")";
  }
  if (type == "pass_through") {
    const Json filter = condition.value("pass_through_filter", Json());
    if (!filter.is_string()) return Fail(BadObject(condition));
    return RowConditionSql(filter, parser.empty() ? "pandas" : parser, column);
  }
  const Json named = condition.value("column", Json());
  const Json name = named.is_object() ? named.value("name", Json()) : named;
  if (!name.is_string()) return Fail(BadObject(condition));
  SMELT_ASSIGN(const std::string column_sql, column(name.get<std::string>()));
  if (type == "nullity") {
    const Json is_null = condition.value("is_null", Json());
    if (!is_null.is_boolean()) return Fail(BadObject(condition));
    return column_sql + (is_null.get<bool>() ? " is null" : " is not null");
  }
  if (type == "comparison") return ComparisonObjectSql(condition, column_sql);
  return Fail(BadObject(condition));
}

}  // namespace

Result<std::string> RowConditionSql(const Json& condition, std::string_view parser, const ColumnSql& column) {
  if (!condition.is_string()) return ObjectSql(condition, parser, column, 0);
  const std::string text = condition.get<std::string>();
  if (!IsSql(parser)) return ParseCondition(text, false, NullRule::kPandas, column);
  auto read = ParseCondition(text, true, NullRule::kSql, column);
  if (read || read.error().code() != ErrorCode::kConfigValueInvalid || !IsOneExpression(text)) return read;
  return "(" + text + ")";
}

Result<std::string> ConditionSql(const Json& kwargs, const Frame& frame) {
  const auto condition = kwargs.find("row_condition");
  if (condition == kwargs.end() || condition->is_null()) return std::string();
  const auto parser = kwargs.find("condition_parser");
  const auto column = [&](std::string_view name) -> Result<std::string> {
    SMELT_ASSIGN(const Column found, frame.Require(name));
    return found.sql;
  };
  return RowConditionSql(*condition, parser != kwargs.end() && parser->is_string() ? parser->get<std::string>() : "",
                         column);
}

bool ConditionIsOfTheRow(const Json& kwargs) {
  const Json condition = kwargs.value("row_condition", Json());
  if (condition.is_null()) return true;
  const std::string text = JsonText(condition);
  // Texts that stand for moments of the present.
  for (const std::string_view word : {"now", "today", "tomorrow", "yesterday"}) {
    if (text.contains(fmt::format("'{}", word)) || text.contains(fmt::format("\"{}", word))) return false;
  }
  if (!condition.is_string()) return !text.contains("pass_through");
  const auto any_column = [](std::string_view name) -> Result<std::string> { return engine::QuoteIdentifier(name); };
  const Json parser = kwargs.value("condition_parser", Json());
  if (!IsSql(parser.is_string() ? parser.get<std::string>() : "")) return true;
  return ParseCondition(condition.get<std::string>(), true, NullRule::kSql, any_column).has_value();
}

}  // namespace smelt::quality
