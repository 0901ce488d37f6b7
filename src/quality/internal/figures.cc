#include "quality/internal/figures.h"

#include <algorithm>

#include "quality/internal/literal.h"

namespace smelt::quality {
namespace {

constexpr std::string_view kRowCount = "count(*)";

Result<std::vector<engine::Cell>> OnlyRow(engine::Session& session, const FigureQuery& query) {
  const std::string sql = query.sql();
  if (sql.empty()) return std::vector<engine::Cell>();
  SMELT_ASSIGN(engine::ResultTable result, session.Query(sql));
  SMELT_ASSERT(result.rows.size() == 1);
  return std::move(result.rows.front());
}

Result<std::vector<Json>> ComputeAlone(engine::Session& session, const std::string& relation,
                                       const FigureRequest& request) {
  const FigureQuery query({request}, relation);
  SMELT_ASSIGN(const std::vector<engine::Cell> row, OnlyRow(session, query));
  return query.Pick(request, row);
}

}  // namespace

bool IsAboutTheQuestion(ErrorCode code) {
  switch (code) {
    case ErrorCode::kSqlSyntax:
    case ErrorCode::kSqlBinding:
    case ErrorCode::kSqlRuntime:
    case ErrorCode::kSqlCatalog:
    case ErrorCode::kSqlUnsupported:
    case ErrorCode::kQualityNotApplicable: return true;
    default: return false;
  }
}

FigureQuery::FigureQuery(const std::vector<FigureRequest>& requests, std::string relation)
    : relation_(std::move(relation)) {
  for (const FigureRequest& request : requests) expressions_.insert(expressions_.end(), request.begin(), request.end());
  std::ranges::sort(expressions_);
  const auto repeated = std::ranges::unique(expressions_);
  expressions_.erase(repeated.begin(), repeated.end());
  if (expressions_.empty() || relation_.empty()) return;
  // Whatever is asked for, an aggregate among it makes the answer one row.
  const auto place = std::ranges::lower_bound(expressions_, kRowCount);
  if (place == expressions_.end() || *place != kRowCount) expressions_.insert(place, std::string(kRowCount));
}

std::string FigureQuery::sql() const {
  if (expressions_.empty()) return {};
  std::string sql = "select ";
  for (const std::string& expression : expressions_) sql += (sql.size() > 7 ? ",\n  " : "") + expression;
  if (!relation_.empty()) sql += "\nfrom " + relation_;
  return sql;
}

std::vector<Json> FigureQuery::Pick(const FigureRequest& request, const std::vector<engine::Cell>& row) const {
  std::vector<Json> figures;
  for (const std::string& expression : request) figures.push_back(ParseCell(row.at(Position(expression))));
  return figures;
}

std::size_t FigureQuery::Position(const std::string& expression) const {
  return static_cast<std::size_t>(std::ranges::lower_bound(expressions_, expression) - expressions_.begin());
}

Result<std::vector<Result<std::vector<Json>>>> ComputeFigures(engine::Session& session, const std::string& relation,
                                                              const std::vector<FigureRequest>& requests) {
  std::vector<Result<std::vector<Json>>> answers;
  const FigureQuery together(requests, relation);
  if (auto row = OnlyRow(session, together)) {
    for (const FigureRequest& request : requests) answers.emplace_back(together.Pick(request, *row));
    return answers;
  } else if (!IsAboutTheQuestion(row.error().code())) {
    return Fail(std::move(row).error());
  }
  for (const FigureRequest& request : requests) {
    auto answer = ComputeAlone(session, relation, request);
    if (!answer && !IsAboutTheQuestion(answer.error().code())) return Fail(std::move(answer).error());
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace smelt::quality
