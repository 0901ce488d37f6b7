#include "quality/internal/evaluate.h"

#include <memory>

#include <fmt/format.h>

#include "quality/internal/expectation.h"
#include "quality/internal/figures.h"
#include "quality/internal/registry.h"
#include "quality/internal/row_check.h"
#include "quality/internal/row_condition.h"

namespace smelt::quality {
namespace {

constexpr ResultFormat kDefaultFormat = ResultFormat::kSummary;

/// The expectation's own result_format: a name, or an object that has it.
ResultFormat OwnFormat(const Json& kwargs) {
  const auto found = kwargs.find("result_format");
  if (found == kwargs.end()) return kDefaultFormat;
  const Json name = found->is_object() ? found->value("result_format", Json()) : *found;
  if (!name.is_string()) return kDefaultFormat;
  return ParseResultFormat(name.get<std::string>()).value_or(kDefaultFormat);
}

/// One expectation on its way from kwargs to result: Prepare, then the figures of the first query, then, when rows are
/// unexpected or a failure wants explaining, those of the second.
class Case {
 public:
  Case(const ExpectationConfig& config, const Frame& frame, std::optional<ResultFormat> format)
      : frame_(frame), format_(format.value_or(OwnFormat(config.kwargs))), result_{.config = config} {}
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  void Prepare(const Expectation& expectation) {
    auto condition = Condition();
    if (!condition) return Reject(condition.error());
    call_.emplace(result_.config, frame_, *std::move(condition));
    auto check = expectation.compile(*call_);
    if (!check) return Reject(check.error());
    if (auto* judgement = std::get_if<Judgement>(&*check)) return Settle(std::move(*judgement));
    if (auto* rows = std::get_if<RowCheck>(&*check)) row_query_.emplace(std::move(*rows), *call_);
    if (auto* figures = std::get_if<FigureCheck>(&*check)) figure_check_ = std::move(*figures);
  }

  FigureRequest FirstFigures() const {
    if (row_query_) return row_query_->CountFigures();
    return figure_check_ ? figure_check_->figures : FigureRequest();
  }

  void TakeFirst(const Result<std::vector<Json>>& figures) {
    if (!row_query_ && !figure_check_) return;
    if (!figures) return Reject(figures.error());
    if (figure_check_) return Settle(figure_check_->judge(*figures));
    const std::optional<RowCounts> counts = row_query_->Counts(*figures);
    counts_ = counts.value_or(row_query_->CountsWithoutProof(*figures));
    proof_failed_ = !counts;
    SettleRows(Json::array());
  }

  FigureRequest SecondFigures() const {
    if (!result_.exception.empty()) return {};
    FigureRequest figures;
    if (row_query_ && WantsSample()) figures.push_back(row_query_->SampleFigure(format_));
    if (row_query_ && proof_failed_) figures.push_back(row_query_->UnexpectedCountFigure());
    if (figure_check_ && !result_.success && format_ != ResultFormat::kBooleanOnly) {
      for (const auto& [name, figure] : figure_check_->explain) figures.push_back(figure);
    }
    return figures;
  }

  void TakeSecond(const Result<std::vector<Json>>& figures) {
    if (!figures) return Reject(figures.error());
    if (figures->empty()) return;
    if (row_query_) {
      if (proof_failed_) counts_.unexpected = figures->back().get<std::int64_t>();
      return SettleRows(WantsSample() && figures->front().is_array() ? figures->front() : Json::array());
    }
    for (std::size_t i = 0; i < figures->size(); ++i) {
      if (!(*figures)[i].is_null()) result_.result[figure_check_->explain[i].first] = (*figures)[i];
    }
  }

  ExpectationResult&& Take() && { return std::move(result_); }

 private:
  /// The SQL of the row_condition; empty when there is none.
  Result<std::string> Condition() const;

  bool WantsSample() const {
    return (proof_failed_ || counts_.unexpected > 0) && format_ != ResultFormat::kBooleanOnly;
  }

  void Reject(const Error& error) {
    result_.success = false;
    result_.result = Json::object();
    result_.exception = error.message();
  }

  void Settle(Judgement judgement) {
    result_.success = judgement.success;
    if (format_ != ResultFormat::kBooleanOnly) result_.result = std::move(judgement.result);
  }

  void SettleRows(const Json& sample) {
    const auto mostly = result_.config.kwargs.find("mostly");
    const bool given = mostly != result_.config.kwargs.end() && mostly->is_number();
    result_.success = MostlyHolds(counts_, given ? mostly->get<double>() : 1.0);
    result_.result = RowResult(counts_, sample, !row_query_->check().missing.empty(), format_);
    if (format_ == ResultFormat::kComplete) result_.result["unexpected_index_query"] = row_query_->UnexpectedRowsSql();
  }

  const Frame& frame_;
  ResultFormat format_;
  ExpectationResult result_;
  std::optional<Call> call_;
  std::optional<RowQuery> row_query_;
  std::optional<FigureCheck> figure_check_;
  RowCounts counts_;
  bool proof_failed_ = false;
};

Result<std::string> Case::Condition() const {
  const Json& kwargs = result_.config.kwargs;
  const auto condition = kwargs.find("row_condition");
  if (condition == kwargs.end() || condition->is_null()) return std::string();
  const auto parser = kwargs.find("condition_parser");
  const auto column = [&](std::string_view name) -> Result<std::string> {
    SMELT_ASSIGN(const Column found, frame_.Require(name));
    return found.sql;
  };
  return RowConditionSql(*condition, parser != kwargs.end() && parser->is_string() ? parser->get<std::string>() : "",
                         column);
}

}  // namespace

Result<std::vector<ExpectationResult>> Evaluate(engine::Session& session, const Suite& suite, const Frame& frame,
                                                std::optional<ResultFormat> format) {
  const Registry registry;
  std::vector<std::unique_ptr<Case>> cases;
  std::vector<FigureRequest> requests;
  for (const ExpectationConfig& config : suite.expectations) {
    cases.push_back(std::make_unique<Case>(config, frame, format));
    cases.back()->Prepare(*registry.Find(config.type));
    requests.push_back(cases.back()->FirstFigures());
  }
  SMELT_ASSIGN(const auto first, ComputeFigures(session, frame.relation(), requests));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    cases[i]->TakeFirst(first[i]);
    requests[i] = cases[i]->SecondFigures();
  }
  SMELT_ASSIGN(const auto second, ComputeFigures(session, "", requests));
  std::vector<ExpectationResult> results;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    cases[i]->TakeSecond(second[i]);
    results.push_back(std::move(*cases[i]).Take());
  }
  return results;
}

}  // namespace smelt::quality
