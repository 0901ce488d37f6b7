#pragma once

#include <expected>
#include <string>

#include "base/json.h"
#include "pipeline/definition.h"
#include "serve/http_message.h"

namespace smelt::serve::internal {

/// What the body of a call for a run asks for.
struct RunRequest {
  Json params = Json::object();  ///< in the types of the pipeline's params
  std::string note{};
  bool is_notification = false;  ///< something has arrived, whatever it is: one run will do for many of these
};

/// Reads the body, which may be empty, or the notification of an object store (Records, as Amazon S3 and those like it
/// send them), and checks it against the pipeline's params and vars. The answer that refuses it
/// names every field that is wrong.
std::expected<RunRequest, HttpResponse> ReadRunRequest(const HttpRequest& request, const pipeline::Pipeline& pipeline);

}  // namespace smelt::serve::internal
