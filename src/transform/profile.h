#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// What dbt_project.yml says to the program that runs the project, not to its nodes.
struct ProjectHead {
  std::string name;
  std::string profile;                 ///< empty: none is named
  std::string target_path = "target";  ///< relative to the project, as all that follow
  std::string log_path = "logs";
  std::string packages_path = "dbt_packages";
  std::vector<std::string> clean_targets;  ///< empty: the target path
  Json flags = Json::object();             ///< `flags:` as it is written
  std::vector<std::string> dbt_versions;   ///< require-dbt-version: ">=1.3.0"; all must hold
  std::string file;                        ///< that says so
};

/// Reads the head of <dir>/dbt_project.yml; templates in it see env_var() and var() with `vars`.
/// Errors: kDbtProjectMissing, kConfig…, kJinja…, kDbtVarMissing, with file and line.
Result<ProjectHead> ReadProjectHead(const std::string& dir, const Json& vars);

/// Whether the release of dbt that is followed is one that the project takes. Errors: kDbtConfigInvalid.
Status CheckDbtVersion(const ProjectHead& project);

struct ProfileRequest {
  std::string project_dir;
  std::string profiles_dir;  ///< where profiles.yml must be; empty: in the project's folder, else in ~/.dbt
  std::string profile;       ///< its name
  std::string target;        ///< the name of its output; empty: as the profile says
  Json vars = Json::object();
};

/// A database that the profile attaches.
struct Attachment {
  std::string path, alias, type;
  bool read_only = false;
};

/// A profile as far as smelt acts on it.
struct Profile {
  Target target;
  std::string file;  ///< the profiles.yml; empty: there is none, and all is as by default
  int threads = 0;   ///< nodes side by side; 0: not said
  std::vector<std::pair<std::string, std::string>> settings;  ///< of the engine
  std::vector<Attachment> attachments;
  std::vector<std::string> extensions;
  std::vector<std::string> notes;  ///< what of it has no effect, for people
};

/// Finds and reads a profile as dbt does; only the profile and the output that are used are rendered, with env_var()
/// and var(). Values of the profile never get into messages.
/// Errors: kStoreNotFound when `profiles_dir` has no profiles.yml; kConfigKeyMissing for an unknown profile and
/// kConfigValueInvalid for an unknown target, with the nearest one; kDbtUnsupported for an output that is not of type
/// duckdb; kJinja…, kDbtVarMissing.
Result<Profile> ReadProfile(const ProfileRequest& request);

}  // namespace smelt::transform
