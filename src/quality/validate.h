#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/progress.h"
#include "engine/session.h"
#include "quality/result.h"
#include "quality/suite.h"

namespace smelt::quality {

/// What a suite is checked against: exactly one of `table` and `file`.
struct Target {
  std::string table = {};                    ///< "schema.table" of the lake
  std::optional<std::int64_t> version = {};  ///< this version of the table; nothing: the newest
  std::string file = {};  ///< a Parquet, CSV or JSON file (.parquet, .csv, .tsv, .json, .ndjson, .jsonl)
};

struct ValidateOptions {
  /// Wins over the expectations' own result_format; when neither is given, kSummary.
  std::optional<ResultOptions> result_format = {};
  /// Values for `$PARAMETER` names, by name.
  Json variables = Json::object();
  /// Appends the results to quality.results.
  bool store = false;
  std::string run_id = {};
  /// With it, results keep the figures that a later validation of the same table can go on from, and go on from those
  /// that are in quality.results: where rows were only added since, expectations whose figures add up read no others.
  /// Needs the target's version, or a transaction. Null: all rows are read, and nothing is kept.
  engine::Engine* engine = nullptr;
  bool full = false;  ///< read all rows whatever is kept
};

/// Checks one suite: one query that computes the figures of all its expectations, and one more that samples the
/// unexpected values when there are any. An expectation that cannot be judged (its column is missing, say) is a failed
/// expectation with an exception, not an error.
/// Errors: ResolveParameters', kUsage (target), kSqlCatalog (no such table), kSql…, kDelta…, kStore…, kCancelled.
Result<SuiteResult> Validate(engine::Session& session, const Suite& suite, const Target& target,
                             const ValidateOptions& options, std::stop_token stop = {});

/// Appends results to the lake's table quality.results, one row per expectation, all in one commit. The commit carries
/// a mark per suite that UnchangedVerdict reads.
/// Errors: kSql…, kDelta…, kStore….
Status StoreResults(engine::Session& session, std::span<const SuiteResult> results);

struct ValidateAllOptions {
  std::string run_id = {};
  Json variables = Json::object();
  /// Leave out suites whose table and definition are those of their last stored validation; its verdict stands.
  bool skip_unchanged = true;
  bool full = false;     ///< as in ValidateOptions
  int parallel_max = 4;  ///< suites at a time, each on a session of its own
};

/// What became of one suite of ValidateAll.
struct SuiteOutcome {
  StepResult step;
  Verdict verdict = Verdict::kPass;
  bool reused = false;                ///< the verdict is that of an earlier validation
  bool stored = false;                ///< the result is new in quality.results, not the one that is there already
  std::optional<SuiteResult> result;  ///< nothing when reused or when `error` is set
  std::optional<Error> error;         ///< the suite could not be run
};

struct ValidationReport {
  std::vector<SuiteOutcome> suites;  ///< in the order given

  /// The most severe verdict.
  Verdict verdict() const;
  /// Success, or what has to stop the work downstream: the first error that kept a suite from running, else
  /// kQualityGateFailed naming the failed suites and expectations.
  Status GateStatus() const;
};

/// Checks each suite against the table it names, several at a time, and stores all results in one commit; no commit
/// when no suite had to be run. Each suite is one step for the observer, "suite <name>" of kind "suite".
/// Errors: kConfigKeyMissing (a suite without table), kCancelled, and those of StoreResults. Whatever goes wrong with
/// one suite is in its outcome.
Result<ValidationReport> ValidateAll(engine::Engine& engine, std::span<const Suite> suites,
                                     const ValidateAllOptions& options, RunObserver& observer,
                                     std::stop_token stop = {});

}  // namespace smelt::quality
