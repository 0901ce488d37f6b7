#include "quality/internal/evaluate.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
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
  /// `before`: figures of rows that are not in `frame` and count, too, where those of both are in `whole`; null for
  /// none.
  Case(const ExpectationConfig& config, const Frame& frame, const ResultOptions& options, const KeptFigures* before,
       const Frame& whole)
      : frame_(frame), options_(options), result_{.config = config}, before_(before), whole_(whole) {}
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  void Prepare(const Expectation& expectation) {
    auto condition = ConditionSql(result_.config.kwargs, frame_);
    if (!condition) return Reject(condition.error());
    for (const std::string& name : options_.unexpected_index_column_names) {
      if (const auto column = frame_.Require(name); !column) return Reject(column.error());
    }
    whole_call_.emplace(result_.config, whole_, *condition, options_.format);
    call_.emplace(result_.config, frame_, *std::move(condition), options_.format);
    auto check = expectation.compile(*call_);
    if (!check) return Reject(check.error());
    if (auto* judgement = std::get_if<Judgement>(&*check)) return Settle(std::move(*judgement));
    if (auto* rows = std::get_if<RowCheck>(&*check)) row_query_.emplace(std::move(*rows), *call_);
    if (auto* figures = std::get_if<FigureCheck>(&*check)) figure_check_ = std::move(*figures);
    adds_up_ = AddsUp(expectation);
    grows_by_keys_ = GrowsByKeys(expectation);
    if (!before_) return;
    // Figures that were kept have the shape of those to come, or are none.
    const std::size_t places = row_query_ ? kRowFigures : figure_check_->parts.size();
    const bool goes_on = (adds_up_ || grows_by_keys_) && before_->figures.size() == places && SampleIsWhole();
    if (!goes_on || (grows_by_keys_ && before_->figures[1] != before_->figures[2])) Doubt();
  }

  /// Whether what was kept cannot be relied upon: all rows have to be read.
  bool in_doubt() const { return in_doubt_ || (before_ != nullptr && !result_.exception.empty()); }

  /// The figures to keep; nothing where those of more rows do not follow from them.
  std::optional<KeptFigures> Kept() const {
    if (!(adds_up_ || grows_by_keys_) || !result_.exception.empty() || kept_.figures.empty()) return std::nullopt;
    return kept_;
  }

  /// What is left of the figures of more rows when those of this case go; nothing where that does not follow.
  std::optional<KeptFigures> Less(const KeptFigures& all) const {
    const std::optional<KeptFigures> gone = Kept();
    if (!gone || gone->figures.size() != all.figures.size()) return std::nullopt;
    KeptFigures left = all;
    for (std::size_t i = 0; i < left.figures.size(); ++i) {
      const auto less = row_query_ ? LessCount(all.figures[i], gone->figures[i])
                                   : LessPart(figure_check_->parts[i], all.figures[i], gone->figures[i]);
      if (!less) return std::nullopt;
      left.figures[i] = *less;
    }
    return left;
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
    if (figure_check_) return asked_.empty() ? FirstFigures() : then_;
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
    if (row_query_ && WantsMoreSample()) figures.push_back(row_query_->SampleFigure(options_));
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
      return SettleRows(WantsMoreSample() && figures->front().is_array() ? figures->front() : Json::array());
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
  static constexpr std::size_t kRowFigures = 3;

  static std::optional<Json> LessCount(const Json& all, const Json& gone) {
    if (!all.is_number_integer() || !gone.is_number_integer()) return std::nullopt;
    const std::int64_t left = all.get<std::int64_t>() - gone.get<std::int64_t>();
    return left >= 0 ? std::optional<Json>(left) : std::nullopt;
  }

  /// Only whole sums can be taken apart: an extreme may have gone, and nothing tells the next one.
  static std::optional<Json> LessPart(const Part& part, const Json& all, const Json& gone) {
    if (part.merge != Part::Merge::kSum || part.type != "BIGINT" || !all.is_string() || !gone.is_string()) {
      return std::nullopt;
    }
    const auto number = [](const Json& text) -> std::optional<std::int64_t> {
      const auto& digits = text.get_ref<const std::string&>();
      std::int64_t value = 0;
      const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      const bool is_whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
      return is_whole ? std::optional(value) : std::nullopt;
    };
    const auto before = number(all), less = number(gone);
    return before && less ? std::optional<Json>(std::to_string(*before - *less)) : std::nullopt;
  }

  /// Whether nothing is read beside the rows.
  bool ReadsRowsAlone(const Expectation& expectation) const {
    const auto reads_table = [&](const Kwarg& kwarg) { return kwarg.kind == KwargKind::kTable; };
    return std::ranges::none_of(expectation.kwargs, reads_table) && ConditionIsOfTheRow(result_.config.kwargs);
  }

  /// Whether it is enough to look for the keys of added rows among all, as long as all keys were different.
  bool GrowsByKeys(const Expectation& expectation) const {
    return row_query_ && expectation.scope == RowScope::kAmongEquals && ReadsRowsAlone(expectation) &&
           !options_.tells_query() && row_query_->GrowsByKeys();
  }

  /// Whether figures over all rows follow from those over some and those over the others.
  bool AddsUp(const Expectation& expectation) const {
    if (!ReadsRowsAlone(expectation)) return false;
    if (figure_check_) return !figure_check_->parts.empty() && !figure_check_->then && figure_check_->explain.empty();
    // A query for people names the relation that was read.
    if (!row_query_ || expectation.scope != RowScope::kAlone || options_.tells_query()) return false;
    const RowCheck& check = row_query_->check();
    return check.facts.empty() && check.proof.empty() && check.derived.empty() && check.keys.empty();
  }

  /// Whether the rows that were kept are as many as the result tells, or all.
  bool SampleIsWhole() const {
    if (!row_query_) return true;
    if (!std::ranges::all_of(before_->figures, [](const Json& one) { return one.is_number_integer(); })) return false;
    const std::int64_t unexpected = before_->figures[1].get<std::int64_t>() - before_->figures[2].get<std::int64_t>();
    return std::ssize(before_->sample) == std::min<std::int64_t>(unexpected, UnexpectedRowsWanted(options_));
  }

  void Doubt() {
    in_doubt_ = true;
    settled_ = true;
  }

  /// The figures of a check with the parts that are to be kept behind them.
  FigureRequest FirstFigures() const {
    if (figure_check_->parts.empty() || !adds_up_) return figure_check_->figures;
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < figure_check_->parts.size(); ++i) {
      const Part& part = figure_check_->parts[i];
      parts.push_back(before_ ? Continued(part, before_->figures[i]) : part.sql);
    }
    FigureRequest figures = figure_check_->of_parts(parts);
    for (const std::string& part : parts) figures.push_back(fmt::format("to_json(CAST({} AS VARCHAR))", part));
    return figures;
  }

  void TakeFigures(std::vector<Json> figures) {
    const bool is_first = asked_.empty();
    if (is_first && adds_up_) {
      const auto first_part = figures.end() - std::ssize(figure_check_->parts);
      kept_.figures.assign(first_part, figures.end());
      figures.erase(first_part, figures.end());
    }
    asked_.insert(asked_.end(), figures.begin(), figures.end());
    if (!is_first || !figure_check_->then) return Settle(figure_check_->judge(asked_));
    then_ = figure_check_->then(asked_);
  }

  void TakeCounts(const std::vector<Json>& figures) {
    asked_ = figures;
    counts_ = row_query_->Counts(figures);
    if (adds_up_) AddCounts();
    if (!row_query_->NeedsProof()) return SettleRows(Json::array());
    if (before_) return AskForAddedKeys();
    if (row_query_->KeysCollide(figures)) return GiveUpProof();
    const auto key = row_query_->ProofByKey(figures);
    proof_is_last_ = !key || row_query_->KeyDecides();
    proof_ = key ? *key : RowQuery::KeyProof{row_query_->ProofFigure(), counts_.judged};
  }

  void AskForAddedKeys() {
    const std::int64_t here = counts_.judged;
    counts_.elements += before_->figures[0].get<std::int64_t>();
    counts_.judged += before_->figures[1].get<std::int64_t>();
    if (here == 0) return SettleRows(Json::array());
    proof_ = {row_query_->AddedKeysFigure(*whole_call_, here), here};
  }

  /// Adds those of the rows before.
  void AddCounts() {
    unexpected_here_ = counts_.unexpected;
    if (before_) {
      counts_.elements += before_->figures[0].get<std::int64_t>();
      counts_.judged += before_->figures[1].get<std::int64_t>();
      counts_.unexpected += before_->figures[1].get<std::int64_t>() - before_->figures[2].get<std::int64_t>();
    }
    kept_.figures = {counts_.elements, counts_.judged, counts_.judged - counts_.unexpected};
  }

  void TakeProof(const Json& different) {
    if (different == proof_.values) return SettleRows(Json::array());
    if (before_) return Doubt();
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

  /// Whether rows of this relation belong into the sample.
  bool WantsMoreSample() const {
    if (!WantsSample()) return false;
    return !before_ || (unexpected_here_ > 0 && std::ssize(before_->sample) < UnexpectedRowsWanted(options_));
  }

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

  /// `here`: unexpected rows of this relation, which come after those of before.
  void SettleRows(const Json& here) {
    settled_ = true;
    Json sample = before_ ? before_->sample : Json::array();
    for (const Json& row : here) {
      if (std::ssize(sample) >= UnexpectedRowsWanted(options_)) break;
      sample.push_back(row);
    }
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
    kept_.sample = std::move(sample);
    const bool all_differ = grows_by_keys_ && counts_.unexpected == 0;
    if (all_differ) kept_.figures = {counts_.elements, counts_.judged, counts_.judged};
  }

  const Frame& frame_;
  ResultOptions options_;
  ExpectationResult result_;
  const KeptFigures* before_;
  const Frame& whole_;
  bool adds_up_ = false;
  bool grows_by_keys_ = false;
  bool in_doubt_ = false;
  KeptFigures kept_;
  std::int64_t unexpected_here_ = 0;
  std::optional<Call> call_, whole_call_;
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

/// The expectations of a suite, judged together: those that read the same relation ask it in one query.
class SuiteCases {
 public:
  SuiteCases(engine::Session& session, const Suite& suite, const Frame& frame,
             const std::optional<ResultOptions>& options, const std::optional<Standing>& standing)
      : session_(session), suite_(suite), frame_(frame), options_(options), standing_(standing) {}

  Result<std::vector<ExpectationResult>> Judge() {
    std::vector<std::size_t> whole, added;
    for (std::size_t i = 0; i < suite_.expectations.size(); ++i) {
      (KeptOf(i) ? added : whole).push_back(i);
      cases_.emplace_back();
    }
    if (standing_ && standing_->baseline && standing_->baseline->removed) SMELT_TRY(TakeOutRemoved(whole, added));
    if (!added.empty()) {
      SMELT_TRY(JudgeOver(standing_->baseline->added, added, true));
      const auto in_doubt = [&](std::size_t i) { return cases_[i]->in_doubt(); };
      std::ranges::copy_if(added, std::back_inserter(whole), in_doubt);
      std::erase_if(added, in_doubt);
      std::ranges::sort(whole);
    }
    if (!whole.empty()) SMELT_TRY(JudgeOver(frame_, whole, false));
    std::vector<ExpectationResult> results;
    for (std::size_t i = 0; i < cases_.size(); ++i) results.push_back(ResultOf(i));
    for (const std::size_t i : added) results[i].added = AddedRows{standing_->baseline->from, standing_->baseline->to};
    return results;
  }

 private:
  ResultOptions OptionsOf(std::size_t i) const {
    return options_ ? *options_ : OwnOptions(suite_.expectations[i].kwargs);
  }

  std::string KeyOf(std::size_t i) const { return KeptKey(suite_.expectations[i], OptionsOf(i), standing_->settings); }

  /// Takes the rows that went out of what was kept. Where that does not work, all rows have to be read.
  Status TakeOutRemoved(std::vector<std::size_t>& whole, std::vector<std::size_t>& added) {
    if (added.empty()) return {};
    SMELT_TRY(JudgeOver(*standing_->baseline->removed, added, false));
    for (const std::size_t i : added) {
      if (auto left = cases_[i]->Less(*KeptOf(i))) left_[i] = *std::move(left);
    }
    const auto is_lost = [&](std::size_t i) { return !left_.contains(i); };
    std::ranges::copy_if(added, std::back_inserter(whole), is_lost);
    std::erase_if(added, is_lost);
    std::ranges::sort(whole);
    return {};
  }

  /// What is kept of an expectation, if it can go on from there.
  const KeptFigures* KeptOf(std::size_t i) const {
    if (!standing_ || !standing_->baseline) return nullptr;
    if (const auto left = left_.find(i); left != left_.end()) return &left->second;
    const auto found = standing_->baseline->kept.find(KeyOf(i));
    if (found == standing_->baseline->kept.end()) return nullptr;
    // The first unexpected rows may be others by now.
    return standing_->baseline->rearranged && !found->second.sample.empty() ? nullptr : &found->second;
  }

  Status JudgeOver(const Frame& frame, const std::vector<std::size_t>& which, bool goes_on) {
    for (const std::size_t i : which) {
      const ExpectationConfig& config = suite_.expectations[i];
      cases_[i] = std::make_unique<Case>(config, frame, OptionsOf(i), goes_on ? KeptOf(i) : nullptr, frame_);
      cases_[i]->Prepare(*registry_.Find(config.type));
      if (!cases_[i]->settled()) SMELT_TRY(cases_[i]->TestValues(session_, i + 1));
    }
    std::vector<FigureRequest> requests(which.size());
    const auto of_case = [&](auto ask) {
      std::ranges::transform(which, requests.begin(), [&](std::size_t i) { return ask(*cases_[i]); });
    };
    while (!std::ranges::all_of(which, [&](std::size_t i) { return cases_[i]->settled(); })) {
      of_case([](Case& one) { return one.Ask(); });
      SMELT_ASSIGN(const auto answers, ComputeFigures(session_, frame.counted_relation(), requests));
      for (std::size_t i = 0; i < which.size(); ++i) cases_[which[i]]->Take(answers[i]);
    }
    of_case([](Case& one) { return one.in_doubt() ? FigureRequest() : one.LastFigures(); });
    SMELT_ASSIGN(const auto last, ComputeFigures(session_, "", requests));
    for (std::size_t i = 0; i < which.size(); ++i) cases_[which[i]]->TakeLast(last[i]);
    return {};
  }

  ExpectationResult ResultOf(std::size_t i) {
    std::optional<KeptFigures> kept = standing_ ? cases_[i]->Kept() : std::nullopt;
    ExpectationResult result = std::move(*cases_[i]).Take();
    if (kept) result.kept = KeptJson(KeyOf(i), *std::move(kept));
    return result;
  }

  engine::Session& session_;
  const Suite& suite_;
  const Frame& frame_;
  const std::optional<ResultOptions>& options_;
  const std::optional<Standing>& standing_;
  const Registry registry_;
  std::vector<std::unique_ptr<Case>> cases_;
  std::map<std::size_t, KeptFigures> left_;  ///< of what is kept, without the rows that went
};

}  // namespace

Result<std::vector<ExpectationResult>> Evaluate(engine::Session& session, const Suite& suite, const Frame& frame,
                                                const std::optional<ResultOptions>& options,
                                                const std::optional<Standing>& standing) {
  return SuiteCases(session, suite, frame, options, standing).Judge();
}

}  // namespace smelt::quality
