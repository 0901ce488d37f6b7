#include "quality/internal/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_set>

#include "quality/internal/literal.h"
#include "quality/internal/value_counts.h"

namespace smelt::quality {
namespace {

constexpr std::string_view kRowCount = "count(*)";

/// A quantile among the text of a figure: kBegin aggregate kPart condition kPart share kEnd.
constexpr char kBegin = '\x01', kPart = '\x02', kEnd = '\x03';

/// The quantiles that expressions ask for, by values and condition.
class Quantiles {
 public:
  void Find(std::string_view expression) {
    ForEach(
        expression, [](std::string_view) {},
        [this](const std::string& of, const std::string& share) {
          std::vector<std::string>& shares = shares_[of];
          if (std::ranges::find(shares, share) == shares.end()) shares.push_back(share);
        });
  }

  /// The expression with an aggregate in place of each quantile; the same aggregate for all of the same values.
  std::string SpellOut(std::string_view expression) const {
    std::string sql;
    ForEach(
        expression, [&](std::string_view text) { sql += text; },
        [&](const std::string& of, const std::string& share) {
          const std::vector<std::string>& shares = shares_.at(of);
          const std::size_t split = of.find(kPart);
          std::string list;
          for (const std::string& one : shares) list += (list.empty() ? "" : ", ") + one;
          sql += fmt::format("({}, [{}])", of.substr(0, split), list);
          if (split + 1 < of.size()) sql += fmt::format(" filter (where {})", of.substr(split + 1));
          sql += fmt::format(")[{}]", std::ranges::find(shares, share) - shares.begin() + 1);
        });
    return sql;
  }

 private:
  template <typename OnText, typename OnQuantile>
  static void ForEach(std::string_view expression, OnText on_text, OnQuantile on_quantile) {
    while (true) {
      const std::size_t begin = expression.find(kBegin);
      on_text(expression.substr(0, begin));
      if (begin == std::string_view::npos) return;
      const std::size_t end = expression.find(kEnd, begin);
      const std::string_view body = expression.substr(begin + 1, end - begin - 1);
      const std::size_t last = body.rfind(kPart);
      on_quantile(std::string(body.substr(0, last)), std::string(body.substr(last + 1)));
      expression.remove_prefix(end + 1);
    }
  }

  std::map<std::string, std::vector<std::string>> shares_;
};

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

std::string QuantileFigure(const Column& column, std::string_view condition, double at) {
  const bool repeats_are_counted = column.type == "DOUBLE" || column.type == "BIGINT";
  return fmt::format("{}{}({}{}{}{}{}{}", kBegin, repeats_are_counted ? "smelt_quantiles" : "quantile_disc", column.sql,
                     kPart, condition, kPart, at, kEnd);
}

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
  Quantiles quantiles;
  SharedCounts counts;
  for (const std::string& expression : expressions_) {
    quantiles.Find(expression);
    counts.Find(expression);
  }
  std::string sql = counts.With() + "select ";
  for (const std::string& expression : expressions_) {
    sql += (&expression == &expressions_.front() ? "" : ",\n  ") + counts.SpellOut(quantiles.SpellOut(expression));
  }
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

namespace {

using Answers = std::vector<Result<std::vector<Json>>>;

/// Different expressions of one query: beyond it, planning grows faster than the work.
constexpr std::size_t kExpressionsMax = 400;

/// Asks several requests together, or, when one of them spoils the query, each by itself.
Status Ask(engine::Session& session, const std::string& relation, const std::vector<FigureRequest>& requests,
           Answers& answers) {
  const FigureQuery together(requests, relation);
  if (auto row = OnlyRow(session, together)) {
    for (const FigureRequest& request : requests) answers.emplace_back(together.Pick(request, *row));
    return {};
  } else if (!IsAboutTheQuestion(row.error().code())) {
    return Fail(std::move(row).error());
  }
  for (const FigureRequest& request : requests) {
    auto answer = ComputeAlone(session, relation, request);
    if (!answer && !IsAboutTheQuestion(answer.error().code())) return Fail(std::move(answer).error());
    answers.push_back(std::move(answer));
  }
  return {};
}

}  // namespace

Result<std::vector<Result<std::vector<Json>>>> ComputeFigures(engine::Session& session, const std::string& relation,
                                                              const std::vector<FigureRequest>& requests) {
  Answers answers;
  std::vector<FigureRequest> part;
  std::unordered_set<std::string_view> expressions;
  for (const FigureRequest& request : requests) {
    if (!part.empty() && expressions.size() + request.size() > kExpressionsMax) {
      SMELT_TRY(Ask(session, relation, part, answers));
      part.clear();
      expressions.clear();
    }
    part.push_back(request);
    expressions.insert(request.begin(), request.end());
  }
  if (!part.empty()) SMELT_TRY(Ask(session, relation, part, answers));
  return answers;
}

}  // namespace smelt::quality
