#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace smelt {

/// Keys for signing a request as AWS Signature Version 4 demands.
struct AwsSignature {
  std::string region;
  std::string service;  ///< "s3"
  std::string access_key;
  Secret secret_key;
};

/// One HTTP request.
struct HttpRequest {
  std::string method = "GET";
  /// Absolute, with path and query percent-encoded. For a signed request the parameters are in ascending order, each
  /// with its '='.
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string_view body = {};  ///< must live as long as the call
  std::optional<AwsSignature> signature = {};
  std::int64_t connect_timeout_ms = 5'000;
  std::int64_t stall_timeout_ms = 30'000;  ///< the longest time without a byte in either direction
  std::int64_t timeout_ms = 600'000;       ///< for the whole exchange
  std::stop_token stop = {};
};

/// The answer of a server, whatever its status.
struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;

  /// The value of a header, its name in lower case.
  std::optional<std::string> Header(std::string_view name) const;
};

/// A client over libcurl that keeps connections open for later requests. Follows no redirects and repeats nothing by
/// itself but a request that a closed idle connection has swallowed. Thread-safe.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends a request and waits for the answer.
  /// Errors: kHttpUnreachable (the request was never sent), kHttpInterrupted (the server may have acted on it),
  /// kCancelled.
  Result<HttpResponse> Send(const HttpRequest& request);

 private:
  class Pool;
  std::unique_ptr<Pool> pool_;
};

/// Seconds since the epoch of a time as HTTP's headers tell it, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7,
/// without the obsolete forms); or nothing.
std::optional<std::int64_t> ParseHttpDate(std::string_view text);

/// Percent-encodes all but the unreserved characters of RFC 3986, and those in `keep`.
std::string PercentEncode(std::string_view text, std::string_view keep = {});

}  // namespace smelt
