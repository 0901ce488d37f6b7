#include "app/internal/dbt/profile_choice.h"

#include <utility>

#include "base/environment.h"

namespace smelt::app {

Result<transform::Profile> ChooseProfile(const std::string& dir, const transform::ProjectHead& project,
                                         const ProfileChoice& choice, const Json& vars) {
  transform::ProfileRequest request;
  request.project_dir = dir;
  request.profiles_dir = choice.profiles_dir;
  const bool is_named = !choice.profile.empty();
  request.profile = is_named ? choice.profile : project.profile;
  request.target = choice.target;
  request.vars = vars;
  auto profile = transform::ReadProfile(request);
  if (profile || !choice.may_be_missing || is_named) return profile;
  if (profile.error().code() != ErrorCode::kConfigKeyMissing) return profile;
  transform::Profile none;
  none.target.profile = request.profile;
  if (!request.target.empty()) none.target.name = request.target;
  return none;
}

Result<transform::Target> TargetOfTasks(const std::string& dir, const std::string& target, const Json& vars) {
  SMELT_ASSIGN(const transform::ProjectHead project, transform::ReadProjectHead(dir, vars));
  const ProfileChoice choice{.profiles_dir = EnvironmentVariable("DBT_PROFILES_DIR"),
                             .profile = EnvironmentVariable("DBT_PROFILE"),
                             .target = target.empty() ? EnvironmentVariable("DBT_TARGET") : target,
                             .may_be_missing = true};
  SMELT_ASSIGN(transform::Profile profile, ChooseProfile(dir, project, choice, vars));
  return std::move(profile.target);
}

}  // namespace smelt::app
