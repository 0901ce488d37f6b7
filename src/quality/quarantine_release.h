#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "engine/session.h"
#include "quality/suite.h"

namespace smelt::quality {

/// The table, "silver.orders", whose rows quarantine.<quarantine> holds because of suites; nothing when it holds none.
/// Errors: kSqlCatalog (there is no such quarantine), the engine's.
Result<std::optional<std::string>> HeldTable(engine::Session& session, std::string_view quarantine);

struct RowReleaseOptions {
  std::string table;                ///< "silver.orders"
  std::string where;                ///< a condition of SQL on the held rows; empty: all
  std::vector<Suite> suites;        ///< those of the project, about whichever table
  Json variables = Json::object();  ///< as in ValidateOptions
  std::string run_id;               ///< recorded in the commits
};

struct RowReleaseReport {
  std::int64_t examined = 0;            ///< rows that the condition selects
  std::int64_t released = 0;            ///< rows that are in the table now
  std::int64_t kept = 0;                ///< rows that still break a rule
  std::int64_t finished = 0;            ///< rows that an earlier release had loaded, but not taken out of quarantine
  std::vector<std::string> complaints;  ///< why rows were kept, the first few
};

/// Judges rows that suites took out of a table again, by the suites as they are now and among the rows that the table
/// has: what holds is added to the table, which is audited as by any other write, and leaves quarantine. What was
/// interrupted is finished by the next release, and no row is there twice. One release at a time: the caller keeps
/// others out. Errors: kQualityGateFailed (the table would not be good; nothing is moved), kSqlCatalog (the table is
/// gone), kSqlBinding (the condition), ResolveParameters', kDelta…, kStore…, kCancelled.
Result<RowReleaseReport> ReleaseRows(engine::Engine& engine, const RowReleaseOptions& options,
                                     std::stop_token stop = {});

}  // namespace smelt::quality
