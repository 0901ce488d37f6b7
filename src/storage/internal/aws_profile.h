#pragma once

#include <map>
#include <string>

#include "base/error.h"
#include "base/secret.h"

namespace smelt::storage::internal {

/// The settings of one profile of Amazon's configuration files, by their names ("region", "aws_access_key_id", …).
/// A secret among them is as secret as the files: nothing prints the map.
using AwsProfile = std::map<std::string, std::string>;

/// Which profile of which files. A file that does not exist is empty.
struct AwsProfileFiles {
  std::string credentials;  ///< sections are [name]
  std::string config;       ///< sections are [default] and [profile name]
  std::string profile = "default";
  bool asked_for = false;  ///< a profile that somebody named must exist
};

/// What AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials), AWS_CONFIG_FILE (~/.aws/config) and AWS_PROFILE say.
AwsProfileFiles AwsProfileFilesFromEnvironment();

/// Reads the profile from both files; the file of credentials wins. Errors: kConfigValueInvalid (no such profile, with
/// those that exist; a line that is none, with file and line).
Result<AwsProfile> ReadAwsProfile(const AwsProfileFiles& files);

}  // namespace smelt::storage::internal
