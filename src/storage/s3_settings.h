#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/retry.h"
#include "base/secret.h"
#include "storage/object_store.h"

namespace smelt::storage {

/// Where an S3 service is and who we are there. Buckets are always addressed by path (endpoint/bucket/key).
struct S3Settings {
  std::string endpoint;  ///< "https://host[:port]", without a path and without '/' at the end
  std::string region;
  std::string access_key;
  Secret secret_key;
  Secret session_token;  ///< empty for lasting keys
  RetryPolicy retry{.attempts_max = 5, .delay_ms = 100, .delay_max_ms = 5'000, .multiplier = 3.0};

  bool uses_tls() const { return endpoint.starts_with("https://"); }
  /// "host[:port]" of the endpoint.
  std::string host() const { return endpoint.substr(endpoint.find("://") + 3); }
};

/// Reads AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION or AWS_DEFAULT_REGION (us-east-1 when
/// absent) and AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL (Amazon's own when absent).
/// Errors: kConfigKeyMissing (no keys), kConfigValueInvalid (an endpoint that is none).
Result<S3Settings> S3SettingsFromEnvironment();

/// A store on the objects of a bucket below `prefix` (empty for all of it). Writes larger than 16 MiB go in parts;
/// PutIfAbsent never does. Calls are repeated as `settings.retry` says. A bucket that does not exist is kStoreNotFound.
std::unique_ptr<ObjectStore> OpenS3Store(S3Settings settings, std::string bucket, std::string prefix);

}  // namespace smelt::storage
