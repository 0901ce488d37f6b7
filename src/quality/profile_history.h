#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/session.h"
#include "quality/profile.h"

namespace smelt::quality {

/// A row of quality.profiles: one metric of one column of one version.
struct ProfileMetric {
  std::string column;  ///< empty: of the table
  std::string metric;
  double value = 0;
  double noise = 0;    ///< the standard deviation that chance gives the value
  std::string detail;  ///< JSON: the counts of a "mix", the columns of a "schema"; else empty
};

/// The metrics of a profile that are worth a history.
std::vector<ProfileMetric> MetricsOf(const TableProfile& profile);

/// The metrics of one version, as they were stored.
struct StoredProfile {
  std::int64_t version = 0;
  std::int64_t committed_at_us = 0;  ///< when the version came about
  std::vector<ProfileMetric> metrics;
};

/// Appends a profile of a table's version to the lake's table quality.profiles, unless it is there already; two at
/// once may both store it, and LoadProfiles reads it once. Returns whether it was stored. Errors: kUsage (not a table
/// of the lake), kSql…, kDelta…, kStore….
Result<bool> StoreProfile(engine::Session& session, const TableProfile& profile);

/// The stored profiles of a table, oldest version first. Errors: kSql…, kDelta…, kStore….
Result<std::vector<StoredProfile>> LoadProfiles(engine::Engine& engine, engine::Session& session,
                                                const std::string& table);

/// The tables that have stored profiles, by name. Errors: as LoadProfiles.
Result<std::vector<std::string>> ProfiledTables(engine::Engine& engine, engine::Session& session);

}  // namespace smelt::quality
