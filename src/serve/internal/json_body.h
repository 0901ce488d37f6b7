#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/json.h"
#include "serve/http_message.h"

namespace smelt::serve::internal {

/// The JSON of a request's body, `{}` when there is none; or the answer that refuses it: of another type, too deep, or
/// no JSON.
std::expected<Json, HttpResponse> ReadJsonBody(const HttpRequest& request);

/// One step of a JSON pointer (RFC 6901).
std::string PointerStep(std::string_view name);

}  // namespace smelt::serve::internal
