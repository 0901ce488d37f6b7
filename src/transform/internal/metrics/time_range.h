#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "transform/internal/metrics/grain.h"
#include "transform/internal/metrics/source_query.h"

namespace smelt::transform {

/// What `start` and `end` of a query say, "2018-01-31" or "2018-01-31T10:00:00", both included; whole periods of the
/// grain, if there is one. Empty: open. Errors: kMetricImpossible.
Result<TimeRange> ReadTimeRange(const std::string& start, const std::string& end, std::optional<Grain> grain);

/// The range of the same length before, as an interval to go back by: months for whole months, else days.
/// Errors: kMetricImpossible for a range without begin or end.
Result<std::string> LengthOfRange(const std::string& start, const std::string& end);

}  // namespace smelt::transform
