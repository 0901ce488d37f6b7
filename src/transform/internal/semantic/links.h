#pragma once

#include "base/error.h"
#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// Links what is described to what it is made of: metrics to semantic models and other metrics, with the measures that
/// go into them ("input_measures"), saved queries and exposures to metrics. Everything described is there, in its
/// shape. Errors: kDbtRefMissing for a metric or measure that is not there, kDbtCycle for metrics made of each other,
/// kDbtConfigInvalid for metrics that say nothing of what they measure; with file and line.
Status LinkSemanticLayer(Manifest& manifest);

}  // namespace smelt::transform
