#pragma once

#include "transform/freshness.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {

/// Finds out how old the rows of a source table are and what its thresholds make of that: fills loaded_micros,
/// checked_micros, age_seconds, verdict and the step's status and message.
/// Errors: kSql…, kJinja…, kDbtConfigInvalid.
Status MeasureAge(const RunContext& run, engine::Session& session, const SourceTable& source, SourceFreshness& result);

}  // namespace smelt::transform
