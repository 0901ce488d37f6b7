#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "transform/internal/project/project_file.h"

namespace smelt::transform {

/// A project with those that it uses.
struct Package {
  ProjectFile file;
  Json vars = Json::object();  ///< what var() answers in its templates
};

/// The project in `directory` and its packages: the root first, then the others by name. Packages are what `deps` has
/// put into the project's folder of packages; those that packages.yml or dependencies.yml name by a local path are
/// read where they are when they are not there. `vars` win over everything that files say.
/// Errors: those of ReadProjectFile; kDbtProjectMissing for packages that are not there; kDbtDuplicate for two of the
/// same name.
Result<std::vector<Package>> FindPackages(const std::string& directory, const Json& vars, std::vector<Error>& warnings);

}  // namespace smelt::transform
