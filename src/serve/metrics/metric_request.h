#pragma once

#include <expected>

#include "base/error.h"
#include "base/json.h"
#include "serve/http_message.h"
#include "transform/metrics.h"

namespace smelt::serve {

/// What the address of a metric asks for. Errors: kUsage, for values that do not fit.
Result<transform::MetricQuery> QueryOfAddress(const HttpRequest& request);

/// What a body asks for: {"metrics": […], "group_by": […], "grain", "where", "filters": [{"dimension", "op", "value"}],
/// "order", "limit", "start", "end", "compare", "fill_nulls"}. Otherwise the answer that names what is wrong.
std::expected<transform::MetricQuery, HttpResponse> QueryOfBody(const HttpRequest& request);

/// The JSON Schema of such a body.
Json QueryBodySchema();

}  // namespace smelt::serve
