#include "quality/internal/evaluate.h"

#include <memory>

#include <fmt/format.h>

#include "quality/internal/expectation.h"
#include "quality/internal/figures.h"
#include "quality/internal/registry.h"
#include "quality/internal/row_check.h"
#include "quality/internal/row_condition.h"
#include "quality/internal/unexpected.h"

namespace smelt::quality {
namespace {

/// The expectation's own result_format: a name, or an object that has it.
ResultOptions OwnOptions(const Json& kwargs) {
  const auto found = kwargs.find("result_format");
  if (found == kwargs.end() || found->is_null()) return {};
  return ParseResultOptions(*found).value_or(ResultOptions());
}

/// One expectation on its way from kwargs to result: Prepare, then the figures of the first query, then those that need
/// the first, then, when rows are unexpected or a failure wants explaining, those of the last.
class Case {
 public:
  Case(const ExpectationConfig& config, const Frame& frame, const std::optional<ResultOptions>& options)
      : frame_(frame), options_(options ? *options : OwnOptions(config.kwargs)), result_{.config = config} {}
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  void Prepare(const Expectation& expectation) {
    auto condition = Condition();
    if (!condition) return Reject(condition.error());
    for (const std::string& name : options_.unexpected_index_column_names) {
      if (const auto column = frame_.Require(name); !column) return Reject(column.error());
    }
    call_.emplace(result_.config, frame_, *std::move(condition), options_.format);
    auto check = expectation.compile(*call_);
    if (!check) return Reject(check.error());
    if (auto* judgement = std::get_if<Judgement>(&*check)) return Settle(std::move(*judgement));
    if (auto* rows = std::get_if<RowCheck>(&*check)) row_query_.emplace(std::move(*rows), *call_);
    if (auto* figures = std::get_if<FigureCheck>(&*check)) figure_check_ = std::move(*figures);
  }

  FigureRequest FirstFigures() const {
    if (row_query_) return row_query_->NeedsFacts() ? row_query_->check().facts : CountFigures();
    return figure_check_ ? figure_check_->figures : FigureRequest();
  }

  void TakeFirst(const Result<std::vector<Json>>& figures) {
    if (settled()) return;
    if (!figures) return Reject(figures.error());
    if (row_query_ && row_query_->NeedsFacts()) return row_query_->TakeFacts(*figures);
    if (row_query_) return row_query_->check().value_test ? void() : Count(*figures);
    if (!figure_check_->then) return Settle(figure_check_->judge(*figures));
    first_ = *figures;
    then_ = figure_check_->then(first_);
  }

  /// Asks the test of values, where there is one. Errors: those of the engine that are not about the question.
  Status TestValues(engine::Session& session, std::size_t number) {
    if (settled() || !row_query_ || !row_query_->check().value_test) return {};
    Status tested = row_query_->TestValues(session, number);
    if (tested || !IsAboutTheQuestion(tested.error().code())) return tested;
    Reject(tested.error());
    return {};
  }

  /// The figures that could not be in the first query.
  FigureRequest FollowingFigures() const {
    if (settled()) return {};
    return row_query_ ? row_query_->CountFigures() : then_;
  }

  void TakeFollowing(const Result<std::vector<Json>>& figures) {
    if (settled()) return;
    if (!figures) return Reject(figures.error());
    if (row_query_) return Count(*figures);
    first_.insert(first_.end(), figures->begin(), figures->end());
    Settle(figure_check_->judge(first_));
  }

  FigureRequest LastFigures() const {
    if (!result_.exception.empty()) return {};
    FigureRequest figures;
    if (row_query_ && WantsSample()) figures.push_back(row_query_->SampleFigure(options_));
    if (row_query_ && proof_failed_) figures.push_back(row_query_->UnexpectedCountFigure());
    if (figure_check_ && !result_.success && options_.format != ResultFormat::kBooleanOnly) {
      for (const auto& [name, figure] : figure_check_->explain) figures.push_back(figure);
    }
    return figures;
  }

  void TakeLast(const Result<std::vector<Json>>& figures) {
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

  ExpectationResult&& Take() && {
    if (figure_check_ && options_.partial_unexpected_count == 0) {
      result_.result.erase("partial_unexpected_list");
      result_.result.erase("partial_missing_list");
    }
    return std::move(result_);
  }

 private:
  /// The SQL of the row_condition; empty when there is none.
  Result<std::string> Condition() const;

  bool settled() const { return settled_; }

  FigureRequest CountFigures() const {
    return row_query_->check().value_test ? FigureRequest() : row_query_->CountFigures();
  }

  void Count(const std::vector<Json>& figures) {
    const std::optional<RowCounts> counts = row_query_->Counts(figures);
    counts_ = counts.value_or(row_query_->CountsWithoutProof(figures));
    proof_failed_ = !counts;
    SettleRows(Json::array());
  }

  bool WantsSample() const { return (proof_failed_ || counts_.unexpected > 0) && UnexpectedRowsWanted(options_) > 0; }

  void Reject(const Error& error) {
    settled_ = true;
    result_.success = false;
    result_.result = Json::object();
    result_.exception = error.message();
  }

  void Settle(Judgement judgement) {
    settled_ = true;
    result_.success = judgement.success;
    if (options_.format != ResultFormat::kBooleanOnly) result_.result = std::move(judgement.result);
  }

  void SettleRows(const Json& sample) {
    settled_ = true;
    const auto mostly = result_.config.kwargs.find("mostly");
    const bool given = mostly != result_.config.kwargs.end() && mostly->is_number();
    result_.success = MostlyHolds(counts_, given ? mostly->get<double>() : 1.0);
    result_.result = Json::object();
    const bool boolean_only = options_.format == ResultFormat::kBooleanOnly;
    if (!boolean_only) {
      result_.result = RowResult(counts_, !row_query_->check().missing.empty());
      result_.result.update(UnexpectedFields(sample, TellsWhere(frame_, options_), options_));
    }
    if (options_.tells_query()) result_.result["unexpected_index_query"] = row_query_->UnexpectedRowsSql();
  }

  const Frame& frame_;
  ResultOptions options_;
  ExpectationResult result_;
  std::optional<Call> call_;
  std::optional<RowQuery> row_query_;
  std::optional<FigureCheck> figure_check_;
  std::vector<Json> first_;
  FigureRequest then_;
  RowCounts counts_;
  bool proof_failed_ = false;
  bool settled_ = false;
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
                                                const std::optional<ResultOptions>& options) {
  const Registry registry;
  std::vector<std::unique_ptr<Case>> cases;
  std::vector<FigureRequest> requests;
  for (const ExpectationConfig& config : suite.expectations) {
    cases.push_back(std::make_unique<Case>(config, frame, options));
    cases.back()->Prepare(*registry.Find(config.type));
    requests.push_back(cases.back()->FirstFigures());
  }
  SMELT_ASSIGN(const auto first, ComputeFigures(session, frame.relation(), requests));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    cases[i]->TakeFirst(first[i]);
    SMELT_TRY(cases[i]->TestValues(session, i));
    requests[i] = cases[i]->FollowingFigures();
  }
  SMELT_ASSIGN(const auto following, ComputeFigures(session, frame.relation(), requests));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    cases[i]->TakeFollowing(following[i]);
    requests[i] = cases[i]->LastFigures();
  }
  SMELT_ASSIGN(const auto last, ComputeFigures(session, "", requests));
  std::vector<ExpectationResult> results;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    cases[i]->TakeLast(last[i]);
    results.push_back(std::move(*cases[i]).Take());
  }
  return results;
}

}  // namespace smelt::quality
