#pragma once

#include <vector>

#include "base/config.h"
#include "quality/suite.h"

namespace smelt::quality {

/// "critical" or "error", "warning" or "warn", "info". Errors: kConfigValueInvalid, with file and line.
Result<Severity> ParseSeverity(const ConfigNode& node);

/// What a suite says of its table in smelt's own keys, as expectations:
///   freshness: {column: loaded_at, warn_after: {count: 12, period: hour}, error_after: …}
///   volume: {column: order_date, per: day, min: 100, max: 900, periods: 7, severity: warning}
///   references: [{column: customer_id, to: silver.customers, field: id, mostly: 0.99, severity: warning}]
/// `holder` is the map that has these keys. Without them, empty. The kwargs are not checked yet.
/// Errors: kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid, with file and line.
Result<std::vector<ExpectationConfig>> ReadShorthand(const ConfigNode& holder);

}  // namespace smelt::quality
