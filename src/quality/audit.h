#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "quality/result.h"
#include "quality/suite.h"

namespace smelt::quality {

class QuarantineBatch;

/// What a transaction has written of a table.
enum class Staged {
  kWhole,     ///< all its rows: what was held of earlier ones goes with them
  kAddition,  ///< some
};

/// Suites that judge rows before they are committed. What a hard gate refuses never becomes visible; that is told in
/// quality.results like any validation. Rows that break an expectation which sends them to quarantine are taken out
/// first, into quarantine.<schema>_<table>, and the rest is judged; when `mostly` says how many have to be good and
/// fewer are, nothing is taken out. Thread-safe: tables are judged side by side.
class Audit {
 public:
  /// Suites that name no table are left out. `variables` are as in ValidateOptions.
  /// With `skip_unchanged`, a view is not judged again by a suite that found it good, as long as the SQL of the view
  /// and the tables behind it are the same.
  Audit(engine::Engine& engine, std::vector<Suite> suites, Json variables, std::string run_id,
        bool skip_unchanged = false);
  ~Audit();

  /// Checks `schema.table` by its suites, as the session's open transaction would leave it. Returns what the suites
  /// warn of, in a line; empty when all is well or no suite is about the table.
  /// Errors: kQualityGateFailed; Validate's.
  Result<std::string> Judge(engine::Session& session, std::string_view schema, std::string_view table, Staged staged);
  /// What was judged last of the table has become this version of it.
  void Committed(std::string_view schema, std::string_view table, std::int64_t version);

  /// Appends all results to quality.results, in one commit; without any, nothing. Afterwards a validation of the same
  /// versions finds that it is done already. Errors: as StoreResults.
  Status Store();

 private:
  /// The results of all suites on the table as it is staged.
  Result<std::vector<SuiteResult>> ValidateStaged(engine::Session& session, const std::string& table,
                                                  const std::vector<Suite>& suites) const;
  /// Whether all suites have passed on a view with these inputs; null inputs: no.
  Result<bool> HasPassed(const std::vector<Suite>& suites, const std::vector<Json>& inputs) const;
  /// Takes out what belongs in quarantine, and judges what is left. Without such rows `results` stay.
  Status Separate(engine::Session& session, QuarantineBatch& batch, const std::vector<Suite>& suites,
                  std::vector<SuiteResult>& results) const;

  engine::Engine& engine_;
  Json variables_;
  std::string run_id_;
  bool skip_unchanged_;
  std::map<std::string, std::vector<Suite>, std::less<>> suites_;  ///< by table, parameters replaced or not
  std::mutex lock_;
  std::map<std::string, std::vector<SuiteResult>, std::less<>>
      results_;                       ///< by table, of the last good time; under lock_
  std::vector<SuiteResult> refused_;  ///< under lock_
  /// By table, batches whose commit is to come; then those that could not be settled. Under lock_.
  std::map<std::string, std::unique_ptr<QuarantineBatch>, std::less<>> coming_;
  std::vector<std::unique_ptr<QuarantineBatch>> unsettled_;
};

}  // namespace smelt::quality
