#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/secret.h"

namespace smelt::storage {

/// Who we are to an S3 service.
struct S3Keys {
  std::string access_key;
  Secret secret_key;
  Secret session_token = {};    ///< empty for lasting keys
  std::int64_t expires_ms = 0;  ///< since the epoch; 0 for lasting keys
};

/// Gives keys that hold for some minutes yet. Thread-safe.
class S3KeySource {
 public:
  virtual ~S3KeySource() = default;
  /// Fetches new keys where the present ones are about to expire. Errors: kStoreDenied (the service refused),
  /// kStoreIo (it could not be asked), kConfigValueInvalid (the token cannot be read).
  virtual Result<S3Keys> Get() = 0;
};

/// Always the same keys.
std::shared_ptr<S3KeySource> FixedS3Keys(S3Keys keys);

/// Keys for a role, which the token service gives to whoever holds the token of a file, as pods of Kubernetes do
/// (AssumeRoleWithWebIdentity). The file is read again at each renewal.
struct WebIdentity {
  std::string role;  ///< its ARN
  std::string token_file;
  std::string session_name;  ///< by which logs of the service know us
  std::string endpoint;      ///< of the token service, without a path and without '/' at the end
};
std::shared_ptr<S3KeySource> WebIdentityS3Keys(WebIdentity identity);

}  // namespace smelt::storage
