#include "quality/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "quality/internal/quarantine_batch.h"
#include "quality/internal/results_table.h"
#include "quality/internal/table_name.h"
#include "quality/internal/view_inputs.h"
#include "quality/validate.h"

namespace smelt::quality {
namespace {

std::string NameOf(std::string_view schema, std::string_view table) {
  return TableName{std::string(schema), std::string(table)}.text();
}

bool CanQuarantine(const std::vector<Suite>& suites) {
  return std::ranges::any_of(suites, [](const Suite& suite) {
    return std::ranges::any_of(suite.expectations, &ExpectationConfig::quarantine);
  });
}

/// Rows that an expectation blames and that are to go: fewer are good than `mostly` wants, and nothing goes.
bool BlamesRows(const ExpectationResult& result) {
  const bool wants_share = result.config.kwargs.value("mostly", Json()).is_number();
  if (!result.config.quarantine || (!result.success && wants_share)) return false;
  // A result of format BOOLEAN_ONLY tells no number.
  if (!result.result.contains("unexpected_count")) return !result.success && result.exception.empty();
  return result.result["unexpected_count"] > 0;
}

void AppendLine(std::string& text, const SuiteResult& result) {
  text += fmt::format("{}suite {}: {}", text.empty() ? "" : "\n", result.suite, result.Headline());
}

}  // namespace

Audit::Audit(engine::Engine& engine, std::vector<Suite> suites, Json variables, std::string run_id, bool skip_unchanged)
    : engine_(engine), variables_(std::move(variables)), run_id_(std::move(run_id)), skip_unchanged_(skip_unchanged) {
  for (Suite& suite : suites) {
    if (const auto name = ParseTableName(suite.table)) suites_[name->text()].push_back(std::move(suite));
  }
}

Audit::~Audit() = default;

Result<std::vector<SuiteResult>> Audit::ValidateStaged(engine::Session& session, const std::string& table,
                                                       const std::vector<Suite>& suites) const {
  const ValidateOptions options{.variables = variables_, .run_id = run_id_, .engine = &engine_};
  std::vector<SuiteResult> results;
  for (const Suite& suite : suites) {
    SMELT_ASSIGN(SuiteResult result, Validate(session, suite, {.table = table}, options));
    results.push_back(std::move(result));
  }
  return results;
}

Result<bool> Audit::HasPassed(const std::vector<Suite>& suites, const std::vector<Json>& inputs) const {
  for (std::size_t i = 0; i < suites.size(); ++i) {
    if (inputs[i].is_null()) return false;
    SMELT_ASSIGN(const Suite resolved, ResolveParameters(suites[i], variables_));
    SMELT_ASSIGN(const auto mark, engine_.TxnVersion(kResultsSchema, kResultsTable, MarkAppId(resolved.name)));
    const bool passed =
        mark && VerdictOfMark(*mark, DefinitionHash(resolved), resolved.table, inputs[i]) == Verdict::kPass;
    if (!passed) return false;
  }
  return true;
}

Status Audit::Separate(engine::Session& session, QuarantineBatch& batch, const std::vector<Suite>& suites,
                       std::vector<SuiteResult>& results) const {
  std::vector<RowRule> rules;
  std::vector<ExpectationResult*> blaming;
  for (SuiteResult& result : results) {
    for (ExpectationResult& one : result.results) {
      if (!BlamesRows(one)) continue;
      rules.push_back({&one.config, result.suite});
      blaming.push_back(&one);
    }
  }
  if (rules.empty()) return {};
  SMELT_TRY(batch.TakeOut(session, rules));
  SMELT_ASSIGN(std::vector<SuiteResult> rest, ValidateStaged(session, batch.table().text(), suites));
  for (std::size_t i = 0; i < results.size(); ++i) {
    rest[i].quarantined = batch.rows();
    for (std::size_t j = 0; j < results[i].results.size(); ++j) {
      ExpectationResult& before = results[i].results[j];
      const auto rule = std::ranges::find(blaming, &before);
      if (rule == blaming.end() || !rest[i].results[j].success) continue;
      const std::int64_t taken = batch.rows_of(static_cast<std::size_t>(rule - blaming.begin()));
      // Its rows may all have gone because of others: then it holds, as far as anybody knows.
      if (taken == 0) continue;
      before.success = false;
      before.quarantined = taken;
      before.kept = nullptr;  // of a table that still had those rows
      rest[i].results[j] = std::move(before);
    }
  }
  results = std::move(rest);
  return {};
}

Result<std::string> Audit::Judge(engine::Session& session, std::string_view schema, std::string_view table,
                                 Staged staged) {
  const std::string name = NameOf(schema, table);
  const auto suites = suites_.find(name);
  if (suites == suites_.end()) return std::string();
  SMELT_ASSIGN(const auto kind, session.FindRelation("", schema, table));
  const bool is_table = kind == engine::RelationKind::kTable;
  std::vector<Json> inputs;
  if (!is_table) {
    for (const Suite& suite : suites->second) {
      SMELT_ASSIGN(const Suite resolved, ResolveParameters(suite, variables_));
      inputs.push_back(ViewInputs(session, resolved));
    }
    if (skip_unchanged_) {
      SMELT_ASSIGN(const bool has_passed, HasPassed(suites->second, inputs));
      if (has_passed) return std::string();
    }
  }
  SMELT_ASSIGN(std::vector<SuiteResult> results, ValidateStaged(session, name, suites->second));
  for (std::size_t i = 0; i < inputs.size(); ++i) results[i].input_versions = std::move(inputs[i]);
  std::unique_ptr<QuarantineBatch> batch;
  // A view has no rows of its own to take out.
  if (is_table && CanQuarantine(suites->second)) {
    batch = std::make_unique<QuarantineBatch>(TableName{std::string(schema), std::string(table)}, run_id_);
    SMELT_TRY(Separate(session, *batch, suites->second, results));
    SMELT_TRY(batch->FindEarlier(session, staged == Staged::kWhole));
  }
  std::string failures, warnings;
  for (const SuiteResult& result : results) {
    if (result.verdict() == Verdict::kFail) AppendLine(failures, result);
    if (result.verdict() == Verdict::kWarn) AppendLine(warnings, result);
  }
  if (failures.empty() && batch && batch->has_work()) SMELT_TRY(batch->Hold(engine_, session));
  {
    const std::lock_guard guard(lock_);
    coming_.erase(name);
    if (failures.empty()) {
      results_[name] = std::move(results);
      if (batch && batch->has_work()) coming_[name] = std::move(batch);
    } else {
      // A later batch of the same table that is good does not make this one forgotten.
      std::ranges::move(results, std::back_inserter(refused_));
    }
  }
  if (failures.empty()) return warnings;
  return Fail(Error(ErrorCode::kQualityGateFailed, fmt::format("{} was not changed: {}", name, failures))
                  .Hint("the failed expectations with samples of the refused rows are in quality.results"));
}

void Audit::Committed(std::string_view schema, std::string_view table, std::int64_t version) {
  const std::string name = NameOf(schema, table);
  std::unique_ptr<QuarantineBatch> batch;
  {
    const std::lock_guard guard(lock_);
    if (auto coming = coming_.extract(name)) batch = std::move(coming.mapped());
  }
  const bool settled = !batch || batch->Settle(engine_);
  const std::lock_guard guard(lock_);
  if (!settled) unsettled_.push_back(std::move(batch));
  const auto results = results_.find(name);
  if (results == results_.end()) return;
  const std::vector<Suite>& suites = suites_.at(name);
  for (std::size_t i = 0; i < results->second.size(); ++i) {
    results->second[i].table_version = version;
    // At which versions others were read nobody knows: the transaction may have seen older ones than the newest.
    if (OtherTables(suites[i]).empty() && !ReadsMoreThanTables(suites[i]))
      results->second[i].input_versions = {{name, version}};
  }
}

Status Audit::Store() {
  std::vector<SuiteResult> all;
  std::vector<std::unique_ptr<QuarantineBatch>> unsettled;
  {
    const std::lock_guard guard(lock_);
    all = std::exchange(refused_, {});
    for (auto& [table, results] : results_) std::ranges::move(results, std::back_inserter(all));
    results_.clear();
    unsettled = std::exchange(unsettled_, {});
  }
  for (const auto& batch : unsettled) SMELT_TRY(batch->Settle(engine_));
  if (all.empty()) return {};
  SMELT_ASSIGN(const auto session, engine_.Connect());
  return StoreResults(*session, all);
}

}  // namespace smelt::quality
