#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace smelt::transform {

/// What files say of the semantic layer in the shape that dbt's manifests have: every key is there, short forms ("a
/// measure's name") are spelled out. Each function takes the properties of one entry as they are written and returns
/// them whole; errors are kDbtConfigInvalid, without a place.

/// `meta` is that of the model's configuration, which its elements have, too.
Result<Json> ShapeSemanticModel(Json body, const Json& meta);
/// "input_measures" are empty: see LinkSemanticLayer.
Result<Json> ShapeMetric(Json body);
/// Without "exports": these hang on the target.
Result<Json> ShapeSavedQuery(Json body);

/// The metric that a measure asks for with create_metric; nothing for others.
std::optional<Json> MetricOfMeasure(const Json& measure);

}  // namespace smelt::transform
