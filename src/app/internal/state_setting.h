#pragma once

#include <optional>
#include <string>

#include "base/config.h"
#include "base/error.h"
#include "state/store_address.h"

namespace smelt::app {

struct CommandContext;

/// `state` of smelt.yml: the PostgreSQL database that keeps the state of the lake, where several machines share it.
struct StateSetting {
  std::string url = {};                     ///< empty: a file
  std::string schema = "smelt";             ///< of that database
  std::optional<ConfigNode> password = {};  ///< {env: VARIABLE} or {file: PATH}, read when the state is opened
  std::string folder = {};                  ///< where relative files of passwords start
};

/// Reads `state`: an address, or a map of url, schema and password. Errors: kConfigKeyUnknown, kConfigKeyMissing,
/// kConfigValueInvalid, also for a password that stands in the file.
Result<StateSetting> ParseStateSetting(const ConfigNode& node, const std::string& folder);

/// Where the state of the command's lake is kept: in the database that SMELT_STATE (with SMELT_STATE_SCHEMA) names,
/// else the one of the project, else in the file StatePath. Errors: kConfigValueInvalid, also when a password is
/// missing.
Result<state::StoreAddress> StateAddress(const CommandContext& context);

}  // namespace smelt::app
