#pragma once

#include <string>

#include "base/error.h"
#include "transform/metrics.h"

namespace smelt::transform {

/// A filter as a condition with a template: "{{ Dimension('order__status') }} = 'sent'".
/// Errors: kMetricImpossible for an operator that is none and values that do not fit it.
Result<std::string> FilterText(const MetricFilter& filter);

}  // namespace smelt::transform
