#pragma once

#include <optional>

#include "base/config.h"
#include "base/secret_source.h"

namespace smelt::pipeline {

/// That a call by HTTP may begin a run, and what the caller must have. Without a secret, the server decides.
struct HttpTrigger {
  std::optional<SecretSource> token{};        ///< which he sends along
  std::optional<SecretSource> signing_key{};  ///< with which he signs what he sends (standardwebhooks.com)
  ConfigNode place;                           ///< where it stands, for errors
};

}  // namespace smelt::pipeline
