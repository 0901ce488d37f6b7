#include "quality/internal/evaluate.h"

#include <algorithm>
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

/// One expectation on its way from kwargs to result: Prepare, then rounds of figures over the rows until none is asked
/// for, then, when rows are unexpected or a failure wants explaining, the last ones.
class Case {
 public:
  Case(const ExpectationConfig& config, const Frame& frame, const std::optional<ResultOptions>& options)
      : frame_(frame), options_(options ? *options : OwnOptions(config.kwargs)), result_{.config = config} {}
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  void Prepare(const Expectation& expectation) {
    auto condition = ConditionSql(result_.config.kwargs, frame_);
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

  /// Asks the test of values, where there is one. Errors: those of the engine that are not about the question.
  Status TestValues(engine::Session& session, std::size_t number) {
    if (!row_query_ || !row_query_->check().value_test) return {};
    Status tested = row_query_->TestValues(session, number);
    if (tested || !IsAboutTheQuestion(tested.error().code())) return tested;
    Reject(tested.error());
    return {};
  }

  /// Whether no further round is needed.
  bool settled() const { return settled_; }

  /// What this round is to find out.
  FigureRequest Ask() {
    if (settled_) return {};
    if (figure_check_) return asked_.empty() ? figure_check_->figures : then_;
    if (row_query_->NeedsFacts()) return row_query_->check().facts;
    if (asked_.empty()) return row_query_->CountFigures();
    return {proof_.figure};
  }

  void Take(const Result<std::vector<Json>>& figures) {
    if (settled_) return;
    if (!figures) return Reject(figures.error());
    if (figure_check_) return TakeFigures(*figures);
    if (row_query_->NeedsFacts()) return row_query_->TakeFacts(*figures);
    if (asked_.empty()) return TakeCounts(*figures);
    TakeProof(figures->front());
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
  void TakeFigures(const std::vector<Json>& figures) {
    const bool is_first = asked_.empty();
    asked_.insert(asked_.end(), figures.begin(), figures.end());
    if (!is_first || !figure_check_->then) return Settle(figure_check_->judge(asked_));
    then_ = figure_check_->then(asked_);
  }

  void TakeCounts(const std::vector<Json>& figures) {
    asked_ = figures;
    counts_ = row_query_->Counts(figures);
    if (!row_query_->NeedsProof()) return SettleRows(Json::array());
    if (row_query_->KeysCollide(figures)) return GiveUpProof();
    const auto key = row_query_->ProofByKey(figures);
    proof_is_last_ = !key || row_query_->KeyDecides();
    proof_ = key ? *key : RowQuery::KeyProof{row_query_->ProofFigure(), counts_.judged};
  }

  void TakeProof(const Json& different) {
    if (different == proof_.values) return SettleRows(Json::array());
    if (proof_is_last_) return GiveUpProof();
    proof_ = {row_query_->ProofFigure(), counts_.judged};
    proof_is_last_ = true;
  }

  /// The unexpected rows have to be counted.
  void GiveUpProof() {
    proof_failed_ = true;
    settled_ = true;
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
  std::vector<Json> asked_;  ///< the figures so far
  FigureRequest then_;
  RowCounts counts_;
  RowQuery::KeyProof proof_;  ///< proves, or not, that no row is unexpected
  bool proof_is_last_ = false;
  bool proof_failed_ = false;
  bool settled_ = false;
};

}  // namespace

Result<std::vector<ExpectationResult>> Evaluate(engine::Session& session, const Suite& suite, const Frame& frame,
                                                const std::optional<ResultOptions>& options) {
  const Registry registry;
  std::vector<std::unique_ptr<Case>> cases;
  for (const ExpectationConfig& config : suite.expectations) {
    cases.push_back(std::make_unique<Case>(config, frame, options));
    cases.back()->Prepare(*registry.Find(config.type));
    SMELT_TRY(cases.back()->TestValues(session, cases.size()));
  }
  std::vector<FigureRequest> requests(cases.size());
  while (!std::ranges::all_of(cases, [](const auto& one) { return one->settled(); })) {
    std::ranges::transform(cases, requests.begin(), [](const auto& one) { return one->Ask(); });
    SMELT_ASSIGN(const auto answers, ComputeFigures(session, frame.counted_relation(), requests));
    for (std::size_t i = 0; i < cases.size(); ++i) cases[i]->Take(answers[i]);
  }
  std::ranges::transform(cases, requests.begin(), [](const auto& one) { return one->LastFigures(); });
  SMELT_ASSIGN(const auto last, ComputeFigures(session, "", requests));
  std::vector<ExpectationResult> results;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    cases[i]->TakeLast(last[i]);
    results.push_back(std::move(*cases[i]).Take());
  }
  return results;
}

}  // namespace smelt::quality
