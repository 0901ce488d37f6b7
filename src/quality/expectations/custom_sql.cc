#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/result.h"

/// Expectations whose question is SQL of the suite's own.
namespace smelt::quality {
namespace {

Error BadQuery(std::string_view query, std::string_view why) {
  return Error(ErrorCode::kQualityNotApplicable, fmt::format("the query `{}` {}", query, why))
      .Hint("{batch} stands for the rows under test; write {{ and }} for braces");
}

/// What {batch} stands for: the table, or its rows that the row_condition leaves.
std::string Batch(const Call& call) {
  if (call.condition().empty()) return call.frame().source();
  return fmt::format("(select * from {} where {})", call.frame().source(), call.condition());
}

/// A query with the rows put in for {batch}, single braces for doubled ones, and without the semicolons at its end.
Result<std::string> WithBatch(std::string_view query, const std::string& batch) {
  const std::size_t end = query.find_last_not_of("; \t\r\n\v\f");
  const std::string_view text = query.substr(0, end == std::string_view::npos ? 0 : end + 1);
  std::string sql;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("{batch}")) {
      sql += batch;
      i += std::string_view("{batch}").size() - 1;
    } else if (rest.starts_with("{{") || rest.starts_with("}}")) {
      sql += text[i++];
    } else if (text[i] == '{' || text[i] == '}') {
      return Fail(BadQuery(query, fmt::format("has a brace at character {} that stands for nothing", i + 1)));
    } else {
      sql += text[i];
    }
  }
  if (sql.empty()) return Fail(BadQuery(query, "is empty"));
  return sql;
}

/// A list of the first rows of a query, each an object by column.
std::string RowsFigure(const std::string& sql) {
  return fmt::format("(select to_json(list(smelt_row)) from (select smelt_row from ({}\n) as smelt_row limit {}))", sql,
                     kUnexpectedListMax);
}

Json ListOrEmpty(const Json& figure) {
  return figure.is_array() ? figure : Json::array();
}

Result<Check> UnexpectedRows(const Call& call) {
  SMELT_ASSIGN(const std::string sql, WithBatch(call.Text("unexpected_rows_query"), Batch(call)));
  FigureCheck check{{fmt::format("(select count(*) from ({}\n))", sql)}, {}};
  const bool tells_rows = call.format() == ResultFormat::kComplete;
  if (tells_rows) check.figures.push_back(RowsFigure(sql));
  check.judge = [tells_rows](const std::vector<Json>& figures) {
    Judgement judgement{figures[0] == 0, {{"observed_value", figures[0]}}};
    if (tells_rows) judgement.result["details"] = {{"unexpected_rows", ListOrEmpty(figures[1])}};
    return judgement;
  };
  return check;
}

/// Rows by their values in the order of the columns, whose names do not matter.
std::map<Json, std::vector<const Json*>> ByValues(const Json& rows) {
  std::map<Json, std::vector<const Json*>> found;
  for (const Json& row : rows) {
    Json values = Json::array();
    for (const Json& value : row) values.push_back(value);
    found[std::move(values)].push_back(&row);
  }
  return found;
}

/// The rows of one side that have no partner on the other.
Json WithoutPartner(const std::map<Json, std::vector<const Json*>>& rows,
                    const std::map<Json, std::vector<const Json*>>& others) {
  Json alone = Json::array();
  for (const auto& [values, same] : rows) {
    const auto other = others.find(values);
    for (std::size_t i = other == others.end() ? 0 : other->second.size(); i < same.size(); ++i) {
      alone.push_back(*same[i]);
    }
  }
  return alone;
}

Judgement JudgeComparison(const Json& base, const Json& comparison, double mostly, bool tells_rows) {
  const auto base_rows = ByValues(base);
  const auto comparison_rows = ByValues(comparison);
  Json missing = WithoutPartner(comparison_rows, base_rows);
  Json unexpected = WithoutPartner(base_rows, comparison_rows);
  const std::size_t most = std::max(base.size(), comparison.size());
  const std::size_t matches = comparison.size() - missing.size();
  const double percent = most == 0 ? 0 : (1 - static_cast<double>(matches) / static_cast<double>(most)) * 100;
  Judgement judgement{100 - percent >= mostly * 100,
                      {{"unexpected_count", most - matches}, {"unexpected_percent", percent}}};
  if (tells_rows) {
    judgement.result["details"] = {{"missing_rows", std::move(missing)}, {"unexpected_rows", std::move(unexpected)}};
  }
  return judgement;
}

Result<Check> QueriesMatch(const Call& call) {
  SMELT_ASSIGN(const std::string base, WithBatch(call.Text("base_query"), Batch(call)));
  SMELT_ASSIGN(const std::string comparison, WithBatch(call.Text("comparison_query"), Batch(call)));
  const double mostly = call.Value("mostly").is_number() ? call.Value("mostly").get<double>() : 1;
  const bool tells_rows = call.format() == ResultFormat::kComplete;
  return FigureCheck{{RowsFigure(base), RowsFigure(comparison)}, [=](const std::vector<Json>& figures) {
                       return JudgeComparison(ListOrEmpty(figures[0]), ListOrEmpty(figures[1]), mostly, tells_rows);
                     }};
}

}  // namespace

std::vector<Expectation> CustomSqlExpectations() {
  return {
      {"unexpected_rows_expectation",
       "The query finds no row. In it, {batch} stands for the rows under test; other tables of the lake can be named.",
       Domain::kFigures,
       {{"unexpected_rows_query", KwargKind::kText, true, "The query, in DuckDB's SQL."}},
       R"({"unexpected_rows_query": "select * from {batch} where delivered_at < purchased_at"})",
       UnexpectedRows},
      {"expect_query_results_to_match_comparison",
       "Two queries find the same rows, in any order; the first 200 of each are compared. Both run here: the name of "
       "the other data source is only a name.",
       Domain::kFigures,
       {{"base_query", KwargKind::kText, true, "The query of the rows under test, {batch}."},
        {"comparison_data_source_name", KwargKind::kText, false, "Where the other rows come from, for people."},
        {"comparison_query", KwargKind::kText, true, "The query of the rows to find."},
        {"mostly", KwargKind::kFraction, false, "The share of rows that has to match; 1 by default."}},
       R"({"base_query": "select count(*) from {batch}", "comparison_data_source_name": "lake", "comparison_query": "select count(*) from bronze.orders"})",
       QueriesMatch},
  };
}

}  // namespace smelt::quality
