#pragma once

#include "base/config.h"
#include "base/error.h"
#include "pipeline/definition.h"

namespace smelt::pipeline::internal {

/// Reads `keep`, which stands in place of tasks and schedule: tables that shall be fresher than some time. The pipeline
/// is due twice within that time and consists of one task of type `refresh`, whose settings are `keep` itself; a run
/// that takes longer than the other half misses its SLA, since its tables are then older than promised.
/// Errors, with file and line: kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid.
Status ReadKeep(const ConfigNode& root, const ConfigNode& keep, const RetrySettings& retries, Pipeline& pipeline);

}  // namespace smelt::pipeline::internal
