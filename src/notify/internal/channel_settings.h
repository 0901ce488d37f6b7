#pragma once

#include <string>

#include "notify/settings.h"

namespace smelt::notify::internal {

/// Reads one channel of smelt.yml. Errors: as ParseSettings.
Result<Channel> ParseChannel(const std::string& name, const ConfigNode& node, const std::string& folder);

}  // namespace smelt::notify::internal
