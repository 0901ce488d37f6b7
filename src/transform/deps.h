#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace smelt::transform {

struct DepsOptions {
  std::string project_dir;
  std::string packages_path = "dbt_packages";  ///< where packages go, relative to the project
  Json vars = Json::object();
  bool upgrade = false;    ///< do not look at package-lock.yml
  bool lock_only = false;  ///< write package-lock.yml and install nothing
};

/// A package that was installed.
struct InstalledPackage {
  std::string name;     ///< its project's name, and that of its folder
  std::string source;   ///< "dbt-labs/dbt_utils", a URL or a folder
  std::string version;  ///< a version, a commit, or empty for a folder
};

/// A package to be added to packages.yml.
struct NewPackage {
  std::string name;            ///< "dbt-labs/dbt_utils", a repository's address or a folder
  std::string version;         ///< of the hub; of a repository, the revision; several bounds stand between commas
  std::string source = "hub";  ///< "hub", "git" or "local"
};

/// Adds the package to packages.yml of the project, in place of an entry for the same one; makes the file where there
/// is none. The rest of the file stays as it is written.
/// Errors: kConfig… for a file that is not what it should be, with file and line; kStore….
Status AddPackage(const std::string& project_dir, const NewPackage& package);

/// Installs the packages that packages.yml or dependencies.yml name, and those that these need: folders are linked, git
/// repositories cloned at their revision, packages of the hub fetched as archives. What is installed is written to
/// package-lock.yml, which the next time decides instead, as long as it holds every package that is asked for. The old
/// packages stay until all of the new ones are there. `tell` is called with what begins.
/// Errors: kConfig… with file and line; kDbtUnsupported for private packages; kStoreNotFound, kHttp…,
/// kDbtProjectMissing for packages that cannot be had; kCancelled.
Result<std::vector<InstalledPackage>> InstallPackages(const DepsOptions& options,
                                                      const std::function<void(std::string_view)>& tell,
                                                      std::stop_token stop = {});

}  // namespace smelt::transform
