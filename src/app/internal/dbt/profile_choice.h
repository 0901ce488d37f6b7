#pragma once

#include <string>

#include "base/json.h"
#include "transform/profile.h"

namespace smelt::app {

/// What was asked for; empty: as the project and its profile say.
struct ProfileChoice {
  std::string profiles_dir, profile, target;
  /// A missing profile is no obstacle for a project of smelt's own, which needs none.
  bool may_be_missing = false;
};

/// The profile of the dbt project in `dir`. Errors: those of transform::ReadProfile.
Result<transform::Profile> ChooseProfile(const std::string& dir, const transform::ProjectHead& project,
                                         const ProfileChoice& choice, const Json& vars);

/// The target that tasks of a pipeline build for: the one named, else DBT_TARGET, else that of the profile; DBT_PROFILE
/// and DBT_PROFILES_DIR hold, too. Errors: those of transform::ReadProjectHead and ReadProfile.
Result<transform::Target> TargetOfTasks(const std::string& dir, const std::string& target, const Json& vars);

}  // namespace smelt::app
