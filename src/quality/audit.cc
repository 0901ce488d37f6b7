#include "quality/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "quality/internal/table_name.h"
#include "quality/validate.h"

namespace smelt::quality {
namespace {

std::string NameOf(std::string_view schema, std::string_view table) {
  return TableName{std::string(schema), std::string(table)}.text();
}

void AppendLine(std::string& text, const SuiteResult& result) {
  text += fmt::format("{}suite {}: {}", text.empty() ? "" : "\n", result.suite, result.Headline());
}

}  // namespace

Audit::Audit(std::vector<Suite> suites, Json variables, std::string run_id)
    : variables_(std::move(variables)), run_id_(std::move(run_id)) {
  for (Suite& suite : suites) {
    if (const auto name = ParseTableName(suite.table)) suites_[name->text()].push_back(std::move(suite));
  }
}

Result<std::string> Audit::Judge(engine::Session& session, std::string_view schema, std::string_view table) {
  const std::string name = NameOf(schema, table);
  const auto suites = suites_.find(name);
  if (suites == suites_.end()) return std::string();
  const ValidateOptions options{.variables = variables_, .run_id = run_id_};
  std::vector<SuiteResult> results;
  std::string failures, warnings;
  for (const Suite& suite : suites->second) {
    SMELT_ASSIGN(SuiteResult result, Validate(session, suite, {.table = name}, options));
    const Verdict verdict = result.verdict();
    if (verdict == Verdict::kFail) AppendLine(failures, result);
    if (verdict == Verdict::kWarn) AppendLine(warnings, result);
    results.push_back(std::move(result));
  }
  {
    const std::lock_guard guard(lock_);
    if (failures.empty()) {
      results_[name] = std::move(results);
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
  const std::lock_guard guard(lock_);
  const auto results = results_.find(name);
  if (results == results_.end()) return;
  const std::vector<Suite>& suites = suites_.at(name);
  for (std::size_t i = 0; i < results->second.size(); ++i) {
    results->second[i].table_version = version;
    // At which versions others were read nobody knows: the transaction may have seen older ones than the newest.
    if (OtherTables(suites[i]).empty() && !HasOwnSql(suites[i])) results->second[i].input_versions = {{name, version}};
  }
}

Status Audit::Store(engine::Engine& engine) {
  std::vector<SuiteResult> all;
  {
    const std::lock_guard guard(lock_);
    all = std::exchange(refused_, {});
    for (auto& [table, results] : results_) std::ranges::move(results, std::back_inserter(all));
    results_.clear();
  }
  if (all.empty()) return {};
  SMELT_ASSIGN(const auto session, engine.Connect());
  return StoreResults(*session, all);
}

}  // namespace smelt::quality
