#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http.h"
#include "notify/settings.h"

namespace smelt::notify::channels {

/// What is sent to a receiver that speaks HTTP.
struct Post {
  std::string url = {};  ///< may be a secret: never in a message
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

/// How sending ended.
struct Sent {
  /// Errors: kAlertDelayed (no connection, 408, 425, 429, 5xx), kAlertRefused (every other answer), kCancelled.
  Status status = {};
  std::int64_t wait_ms = 0;  ///< how long the receiver wants to be left alone (Retry-After); 0: it does not say
};

/// Sends it; every answer of 200 to 299 is success.
Sent SendPost(HttpClient& client, const Channel& channel, const Post& post, std::stop_token stop);

}  // namespace smelt::notify::channels
