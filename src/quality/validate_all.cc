#include <algorithm>
#include <atomic>
#include <thread>

#include <fmt/format.h>

#include "base/clock.h"
#include "quality/internal/results_table.h"
#include "quality/internal/table_name.h"
#include "quality/internal/view_inputs.h"
#include "quality/validate.h"

namespace smelt::quality {
namespace {

std::string StepName(const Suite& suite) {
  return "suite " + suite.name;
}

StepStatus StatusOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass: return StepStatus::kDone;
    case Verdict::kWarn: return StepStatus::kWarned;
    case Verdict::kFail: return StepStatus::kFailed;
  }
  return StepStatus::kFailed;
}

Json Details(const SuiteResult& result) {
  Json failed = Json::array();
  for (const ExpectationResult& one : result.results) {
    if (one.success) continue;
    failed.push_back({{"expectation", one.config.type},
                      {"column", one.config.kwargs.value("column", Json())},
                      {"severity", SeverityText(one.config.severity)},
                      {"result", one.result},
                      {"exception", one.exception.empty() ? Json() : Json(one.exception)}});
  }
  return {{"table", result.table},
          {"table_version", result.table_version ? Json(*result.table_version) : Json()},
          {"verdict", VerdictText(result.verdict())},
          {"evaluated", result.results.size()},
          {"failed", std::move(failed)}};
}

/// Checks suites on sessions of its own; the threads share nothing but the outcomes, each of which has one writer.
class SuiteRun {
 public:
  SuiteRun(engine::Engine& engine, std::span<const Suite> suites, const ValidateAllOptions& options,
           RunObserver& observer, std::stop_token stop)
      : engine_(engine),
        suites_(suites),
        options_(options),
        observer_(observer),
        stop_(std::move(stop)),
        outcomes_(suites.size()),
        stored_already_(suites.size(), 0) {}

  Result<ValidationReport> Run() {
    {
      const std::size_t limit = static_cast<std::size_t>(std::max(1, options_.parallel_max));
      std::vector<std::jthread> workers;
      for (std::size_t i = 0; i < std::min(limit, suites_.size()); ++i) workers.emplace_back([this] { Work(); });
    }
    if (stop_.stop_requested()) return Fail(ErrorCode::kCancelled, "the validation was interrupted");
    SMELT_TRY(Store());
    return ValidationReport{std::move(outcomes_)};
  }

 private:
  /// Takes suites until none is left.
  void Work() {
    auto session = engine_.Connect();
    if (session) {
      (*session)->ObserveStop(stop_);
      (*session)->CountCpu();
    }
    for (std::size_t i = next_++; i < suites_.size(); i = next_++) {
      const Suite& suite = suites_[i];
      const double started = MonotonicSeconds();
      observer_.StepStarted(StepName(suite), "suite");
      SuiteOutcome& outcome = outcomes_[i];
      Status done = session ? Check(**session, i) : Status(std::unexpected(session.error()));
      if (!done) {
        outcome.error = done.error();
        outcome.verdict = Verdict::kFail;
        outcome.step.status = StepStatus::kFailed;
        outcome.step.message = done.error().ToString();
      }
      outcome.step.name = StepName(suite);
      outcome.step.kind = "suite";
      outcome.step.seconds = MonotonicSeconds() - started;
      if (session) outcome.step.usage = (*session)->TakeUsage();
      observer_.StepFinished(outcome.step);
    }
  }

  Status Check(engine::Session& session, std::size_t index) {
    const Suite& suite = suites_[index];
    SuiteOutcome& outcome = outcomes_[index];
    SMELT_ASSIGN(const Suite resolved, ResolveParameters(suite, options_.variables));
    SMELT_ASSIGN(const Inputs inputs, FindInputs(session, resolved));
    SMELT_ASSIGN(const auto mark, engine_.TxnVersion(kResultsSchema, kResultsTable, MarkAppId(suite.name)));
    if (options_.skip_unchanged && mark && !inputs.versions.is_null() &&
        VerdictOfMark(*mark, DefinitionHash(resolved), suite.table, inputs.versions) == Verdict::kPass) {
      outcome.reused = true;
      outcome.step.status = StepStatus::kNothing;
      outcome.step.message = "unchanged since it passed";
      outcome.step.details = {{"table", suite.table},
                              {"table_version", inputs.own ? Json(*inputs.own) : Json()},
                              {"verdict", "pass"},
                              {"evaluated", resolved.expectations.size()}};
      return {};
    }
    const ValidateOptions options{
        .variables = options_.variables, .run_id = options_.run_id, .engine = &engine_, .full = options_.full};
    SMELT_ASSIGN(SuiteResult result,
                 Validate(session, suite, {.table = suite.table, .version = inputs.own}, options, stop_));
    result.input_versions = inputs.versions;
    outcome.verdict = result.verdict();
    // A suite that did not pass is judged again, to say what is wrong, but the same verdict is not stored twice.
    stored_already_[index] = options_.skip_unchanged && mark == ValidationMark(result);
    const bool nothing_new = stored_already_[index] && outcome.verdict == Verdict::kPass;
    outcome.step.status = nothing_new ? StepStatus::kNothing : StatusOf(outcome.verdict);
    outcome.step.message = result.Headline();
    outcome.step.details = Details(result);
    outcome.result = std::move(result);
    return {};
  }

  /// What a suite reads, at the versions that are the newest now.
  struct Inputs {
    std::optional<std::int64_t> own;  ///< the version of its table; nothing for a view
    Json versions;                    ///< as SuiteResult::input_versions
  };

  Result<Inputs> FindInputs(engine::Session& session, const Suite& resolved) {
    const auto name = ParseTableName(resolved.table);
    if (!name) {
      return Fail(Error(ErrorCode::kConfigKeyMissing, fmt::format("the suite \"{}\" names no table", resolved.name))
                      .At(resolved.file)
                      .Hint("add meta.smelt.table, like silver.orders"));
    }
    Inputs inputs;
    SMELT_ASSIGN(inputs.own, engine_.TableVersion(name->schema, name->table));
    if (!inputs.own) inputs.versions = ViewInputs(session, resolved);
    if (!inputs.own || ReadsMoreThanTables(resolved)) return inputs;
    Json versions = {{resolved.table, *inputs.own}};
    for (const TableName& other : OtherTables(resolved)) {
      SMELT_ASSIGN(const auto version, engine_.TableVersion(other.schema, other.table));
      if (!version) return inputs;
      versions[other.text()] = *version;
    }
    inputs.versions = std::move(versions);
    return inputs;
  }

  Status Store() {
    std::vector<SuiteResult> fresh;
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      if (outcomes_[i].result && !stored_already_[i]) fresh.push_back(*outcomes_[i].result);
    }
    if (fresh.empty()) return {};
    SMELT_ASSIGN(const auto session, engine_.Connect());
    SMELT_TRY(StoreResults(*session, fresh));
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      outcomes_[i].stored = outcomes_[i].result && !stored_already_[i];
    }
    return {};
  }

  engine::Engine& engine_;
  std::span<const Suite> suites_;
  const ValidateAllOptions& options_;
  RunObserver& observer_;
  std::stop_token stop_;
  std::vector<SuiteOutcome> outcomes_;
  std::vector<char> stored_already_;  // not vector<bool>, whose elements share bytes between threads
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace

Verdict ValidationReport::verdict() const {
  Verdict worst = Verdict::kPass;
  for (const SuiteOutcome& outcome : suites) worst = std::max(worst, outcome.verdict);
  return worst;
}

Status ValidationReport::GateStatus() const {
  for (const SuiteOutcome& outcome : suites) {
    if (outcome.error) return Fail(Error(*outcome.error).Context(outcome.step.name));
  }
  std::string failed;
  for (const SuiteOutcome& outcome : suites) {
    if (outcome.verdict != Verdict::kFail) continue;
    failed += fmt::format("{}{}: {}", failed.empty() ? "" : "\n", outcome.step.name, outcome.step.message);
  }
  if (failed.empty()) return {};
  return Fail(Error(ErrorCode::kQualityGateFailed, std::move(failed))
                  .Hint("the failed expectations with samples of the data are in quality.results"));
}

Result<ValidationReport> ValidateAll(engine::Engine& engine, std::span<const Suite> suites,
                                     const ValidateAllOptions& options, RunObserver& observer, std::stop_token stop) {
  return SuiteRun(engine, suites, options, observer, std::move(stop)).Run();
}

}  // namespace smelt::quality
