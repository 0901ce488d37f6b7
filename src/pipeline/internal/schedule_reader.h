#pragma once

#include "base/config.h"
#include "base/error.h"
#include "pipeline/definition.h"

namespace smelt::pipeline::internal {

/// Reads what says when a pipeline runs by itself: schedule, every, start, end, timezone, catchup, on.
/// Errors, with file and line: kPipelineSchedule, kConfigKeyUnknown, kConfigValueInvalid.
Status ReadSchedule(const ConfigNode& root, Pipeline& pipeline);

}  // namespace smelt::pipeline::internal
