#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http.h"
#include "storage/s3_settings.h"

namespace smelt::storage::internal {

/// Parameters of a query in the ascending order that signing needs.
using QueryParameters = std::map<std::string, std::string>;

/// One call of the S3 API on an object, or on the bucket when `key` is empty.
struct S3Call {
  std::string method;
  std::string key = {};  ///< within the bucket
  QueryParameters query = {};
  std::string_view body = {};  ///< must live as long as the call
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// Signed calls on one bucket. Thread-safe.
class S3Client {
 public:
  S3Client(S3Settings settings, std::string bucket) : settings_(std::move(settings)), bucket_(std::move(bucket)) {}

  const std::string& bucket() const { return bucket_; }
  int attempts_max() const { return settings_.retry.attempts_max; }

  /// Sends a call once. Errors: kHttpUnreachable, kHttpInterrupted, those of S3KeySource.
  Result<HttpResponse> SendOnce(const S3Call& call);

  /// Sends a call that may be repeated without harm until an answer comes that does not ask to try again. The answer
  /// is 2xx, or 404; every other becomes an error. Errors: kStoreDenied, kStoreFull, kStoreIo.
  Result<HttpResponse> Send(const S3Call& call);

  /// Waits before repetition `attempt` of `call` and notes the reason in the log.
  void WaitBefore(int attempt, const S3Call& call, std::string_view reason) const;

 private:
  Result<HttpRequest> RequestFor(const S3Call& call) const;

  const S3Settings settings_;
  const std::string bucket_;
  HttpClient http_;
};

/// Whether no answer came; else there are no keys to ask with.
bool IsOfNetwork(ErrorCode code);

/// Whether the service asks to try again: too many requests, or trouble of its own.
bool IsPassing(int status);

/// The error that an answer of the service means: its code and message, and what was asked of which object.
Error ErrorOfAnswer(const S3Call& call, const std::string& bucket, const HttpResponse& response);

}  // namespace smelt::storage::internal
