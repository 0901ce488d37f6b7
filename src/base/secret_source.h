#pragma once

#include <string>

#include "base/config.h"
#include "base/error.h"
#include "base/secret.h"

namespace smelt {

/// Where a secret comes from, as files name it: `{env: NAME}` or `{file: PATH}`. It is read each time that it is
/// needed, so that it may be replaced while smelt runs. Immutable.
struct SecretSource {
  std::string environment{};  ///< a variable of the environment
  std::string file{};         ///< or a file whose content, without the line end, is the secret
  ConfigNode place;           ///< where it stands, for errors

  /// Reads the reference, not the secret; a relative path starts at `folder`.
  /// Errors: kConfigKeyUnknown, kConfigValueInvalid, also for a secret that stands there in plain text.
  static Result<SecretSource> Parse(const ConfigNode& node, const std::string& folder);
  /// Errors: kConfigValueInvalid, naming the variable or file that is missing, empty or unreadable.
  Result<Secret> Read() const;
};

}  // namespace smelt
