#include <fmt/format.h>

#include <optional>

#include "quality/internal/expectation.h"

namespace smelt::quality {
namespace {

/// What stands between the brackets of `name(…)`; nothing when the text is not one such call.
std::optional<std::string_view> ArgumentOf(std::string_view text, std::string_view name) {
  if (!text.starts_with(name) || !text.substr(name.size()).starts_with('(')) return std::nullopt;
  int depth = 0;
  char quote = 0;
  for (std::size_t at = name.size(); at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '\'' || c == '"') quote = c;
    if (c == '(') ++depth;
    if (c == ')' && --depth == 0) {
      if (at + 1 != text.size()) return std::nullopt;
      return text.substr(name.size() + 1, at - name.size() - 1);
    }
  }
  return std::nullopt;
}

}  // namespace

const Json& Call::Value(std::string_view kwarg) const {
  static const Json kNull;
  const auto found = config_.kwargs.find(kwarg);
  return found == config_.kwargs.end() ? kNull : *found;
}

std::string Call::Text(std::string_view kwarg, std::string_view fallback) const {
  const Json& value = Value(kwarg);
  return value.is_string() ? value.get<std::string>() : std::string(fallback);
}

bool Call::Flag(std::string_view kwarg, bool fallback) const {
  const Json& value = Value(kwarg);
  return value.is_boolean() ? value.get<bool>() : fallback;
}

Result<Column> Call::GetColumn(std::string_view kwarg) const {
  return frame_.Require(Text(kwarg));
}

Result<std::vector<Column>> Call::GetColumns(std::string_view kwarg) const {
  std::vector<Column> columns;
  for (const Json& name : Value(kwarg)) {
    SMELT_ASSIGN(Column column, frame_.Require(name.get<std::string>()));
    columns.push_back(std::move(column));
  }
  return columns;
}

Column Call::Comparable(Column column) const {
  if (column.kind != engine::TypeKind::kText || !Flag("parse_strings_as_datetimes")) return column;
  column.sql = "try_cast(" + column.sql + " AS TIMESTAMP)";
  column.type = "TIMESTAMP";
  column.kind = engine::TypeKind::kTimestamp;
  return column;
}

std::string Call::Over(std::string_view aggregate, std::string_view where) const {
  const std::string predicate = Where(where);
  if (predicate.empty()) return std::string(aggregate);
  // A filter has all columns of the query sliced to its rows. A case costs less, and looks no further than it either.
  if (aggregate == "count(*)") {
    if (where.empty() || condition_.empty()) return fmt::format("coalesce(count_if({}), 0)", predicate);
    return fmt::format("coalesce(count_if(case when {} then {} end), 0)", condition_, where);
  }
  for (const std::string_view name : {"count_if", "count"}) {
    const auto counted = ArgumentOf(aggregate, name);
    if (!counted || counted->starts_with("distinct ")) continue;
    return fmt::format("{}(case when {} then {} end)", name, predicate, *counted);
  }
  return fmt::format("{} filter (where {})", aggregate, predicate);
}

std::string Call::From(std::string_view where) const {
  const std::string predicate = Where(where);
  return "from " + frame_.relation() + (predicate.empty() ? "" : " where " + predicate);
}

std::string Call::FromNumbered(std::string_view where) const {
  const std::string predicate = Where(where);
  const std::string& numbered = frame_.numbered_relation();
  return "from " + (numbered.empty() ? frame_.relation() : numbered) + (predicate.empty() ? "" : " where " + predicate);
}

std::string Call::Where(std::string_view where) const {
  if (where.empty()) return condition_;
  if (condition_.empty()) return std::string(where);
  return fmt::format("({}) and ({})", condition_, where);
}

RowCheck ValueCheck(Column column, std::string expected) {
  const std::string sql = column.sql;
  return {.columns = {std::move(column)},
          .missing = sql + " is null",
          .judged = "count(" + sql + ")",
          .expected = std::move(expected)};
}

RowCheck StrictCheck(Column column, std::string expected, std::string_view counted) {
  RowCheck check = ValueCheck(std::move(column), std::move(expected));
  check.satisfied = fmt::format("count_if({})", counted.empty() ? check.expected : counted);
  return check;
}

RowCheck NoValuesCheck(Column column, Error why) {
  RowCheck check = ValueCheck(std::move(column), "");
  check.value_test = [why = std::move(why)](const std::string&) -> Result<bool> { return Fail(why); };
  return check;
}

FigureCheck CheckOfParts(std::vector<Part> parts,
                         std::function<std::vector<std::string>(const std::vector<std::string>&)> figures,
                         std::function<Judgement(const std::vector<Json>&)> judge) {
  std::vector<std::string> aggregates;
  for (const Part& part : parts) aggregates.push_back(part.sql);
  FigureCheck check{.figures = figures(aggregates), .judge = std::move(judge)};
  check.parts = std::move(parts);
  check.of_parts = std::move(figures);
  return check;
}

}  // namespace smelt::quality
