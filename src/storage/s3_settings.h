#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/retry.h"
#include "storage/object_store.h"
#include "storage/s3_keys.h"

namespace smelt::storage {

/// Where an S3 service is and who we are there. Buckets are always addressed by path (endpoint/bucket/key).
struct S3Settings {
  std::string endpoint;  ///< "https://host[:port]", without a path and without '/' at the end
  std::string region;
  std::shared_ptr<S3KeySource> keys;
  RetryPolicy retry{.attempts_max = 5, .delay_ms = 100, .delay_max_ms = 5'000, .multiplier = 3.0};

  bool uses_tls() const { return endpoint.starts_with("https://"); }
  /// "host[:port]" of the endpoint.
  std::string host() const { return endpoint.substr(endpoint.find("://") + 3); }
};

/// Reads the settings from where Amazon's own tools look for them. The keys come from the first of
/// - AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN,
/// - AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, with AWS_ROLE_SESSION_NAME, asking AWS_ENDPOINT_URL_STS,
/// - the profile AWS_PROFILE ("default") of ~/.aws/credentials and ~/.aws/config: its keys, or its token file and role.
/// The region is AWS_REGION, AWS_DEFAULT_REGION, the profile's, or us-east-1; the endpoint is AWS_ENDPOINT_URL_S3,
/// AWS_ENDPOINT_URL, the profile's, or Amazon's own.
/// Errors: kConfigKeyMissing (no keys), kConfigValueInvalid (an endpoint that is none, a profile that is not there, a
/// line of a profile that is none).
Result<S3Settings> S3SettingsFromEnvironment();

/// A store on the objects of a bucket below `prefix` (empty for all of it). Writes larger than 16 MiB go in parts;
/// PutIfAbsent never does. Calls are repeated as `settings.retry` says. A bucket that does not exist is kStoreNotFound.
std::unique_ptr<ObjectStore> OpenS3Store(S3Settings settings, std::string bucket, std::string prefix);

}  // namespace smelt::storage
