#pragma once

#include <string>

#include "base/config.h"
#include "quality/suite.h"
#include "quality/validate.h"

namespace smelt::quality {

/// What a checkpoint says of the rows to check, in the words of Great Expectations; empty where it says nothing.
struct DataAsset {
  std::string data_source;
  std::string name;
  std::string batch_definition;
  std::string path;  ///< a file named outright
};

/// The table or file that a suite of a checkpoint is checked against. `project` is the folder of
/// great_expectations.yml; `place` is where to complain. Errors: kConfigValueInvalid, kConfigKeyMissing; those of
/// reading great_expectations.yml.
Result<Target> TargetOf(const DataAsset& asset, const Suite& suite, const std::string& project,
                        const ConfigNode& place);

}  // namespace smelt::quality
