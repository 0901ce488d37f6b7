#include "quality/internal/multicolumn.h"

#include <fmt/format.h>

namespace smelt::quality {
namespace {

/// SQL of "all of these are missing" or "one of these is".
std::string Missing(const std::vector<Column>& columns, std::string_view ignore_row_if) {
  if (ignore_row_if == "never" || ignore_row_if == "neither") return "false";
  const bool all = ignore_row_if.starts_with("all_") || ignore_row_if.starts_with("both_");
  std::string sql;
  for (const Column& column : columns) {
    sql += fmt::format("{}{} is null", sql.empty() ? "" : all ? " and " : " or ", column.sql);
  }
  return sql;
}

}  // namespace

std::vector<Kwarg> MulticolumnKwargs() {
  return {{"column_list", KwargKind::kColumns, true, "The columns."},
          {"ignore_row_if",
           KwargKind::kText,
           false,
           "The rows not to judge; `all_values_are_missing` by default.",
           {"all_values_are_missing", "any_value_is_missing", "never"}}};
}

std::vector<Kwarg> PairKwargs() {
  return {{"column_A", KwargKind::kColumn, true, "The first column."},
          {"column_B", KwargKind::kColumn, true, "The second column."},
          {"ignore_row_if",
           KwargKind::kText,
           false,
           "The rows not to judge; `both_values_are_missing` by default.",
           {"both_values_are_missing", "either_value_is_missing", "neither"}}};
}

Result<RowCheck> RecordCheck(const Call& call) {
  SMELT_ASSIGN(std::vector<Column> columns, call.GetColumns());
  RowCheck check{.shape = RowCheck::Shape::kRecord};
  check.missing = Missing(columns, call.Text("ignore_row_if", "all_values_are_missing"));
  check.columns = std::move(columns);
  return check;
}

Result<RowCheck> PairCheck(const Call& call) {
  SMELT_ASSIGN(Column a, call.GetColumn("column_A"));
  SMELT_ASSIGN(Column b, call.GetColumn("column_B"));
  RowCheck check{.columns = {std::move(a), std::move(b)}, .shape = RowCheck::Shape::kList};
  check.missing = Missing(check.columns, call.Text("ignore_row_if", "both_values_are_missing"));
  return check;
}

std::string JoinSql(const std::vector<Column>& columns) {
  std::string sql;
  for (const Column& column : columns) sql += (sql.empty() ? "" : ", ") + column.sql;
  return sql;
}

}  // namespace smelt::quality
