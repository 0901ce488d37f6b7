#pragma once

#include "base/json.h"
#include "serve/data/data_service.h"
#include "serve/data/kept_results.h"
#include "serve/http_message.h"

namespace smelt::serve {

/// The answer to who asked for a result that is kept: 202 while it runs, its first page once it is there, and what went
/// wrong.
HttpResponse AnswerKept(DataService& service, const HttpRequest& request, const ResultStanding& standing);

/// The JSON Schema of how a result stands.
Json KeptResultSchema();

}  // namespace smelt::serve
