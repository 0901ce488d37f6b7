#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "quality/result.h"
#include "quality/suite.h"

namespace smelt::quality {

/// Suites that judge rows before they are committed. What a hard gate refuses never becomes visible; that is told in
/// quality.results like any validation. Thread-safe: tables are judged side by side.
class Audit {
 public:
  /// Suites that name no table are left out. `variables` are as in ValidateOptions.
  Audit(std::vector<Suite> suites, Json variables, std::string run_id);

  /// Checks `schema.table` by its suites, as the session's open transaction would leave it. Returns what the suites
  /// warn of, in a line; empty when all is well or no suite is about the table.
  /// Errors: kQualityGateFailed; Validate's.
  Result<std::string> Judge(engine::Session& session, std::string_view schema, std::string_view table);
  /// What was judged last of the table has become this version of it.
  void Committed(std::string_view schema, std::string_view table, std::int64_t version);

  /// Appends all results to quality.results, in one commit; without any, nothing. Afterwards a validation of the same
  /// versions finds that it is done already. Errors: as StoreResults.
  Status Store(engine::Engine& engine);

 private:
  Json variables_;
  std::string run_id_;
  std::map<std::string, std::vector<Suite>, std::less<>> suites_;  ///< by table, parameters replaced or not
  std::mutex lock_;
  std::map<std::string, std::vector<SuiteResult>, std::less<>>
      results_;                       ///< by table, of the last good time; under lock_
  std::vector<SuiteResult> refused_;  ///< under lock_
};

}  // namespace smelt::quality
