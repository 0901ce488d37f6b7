#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/properties.h"

namespace smelt::transform {

/// Reads and checks the project whose options are set. `project` must not move afterwards.
/// Errors: see Project::Load.
Status LoadProject(ProjectState& project);

/// The part of it that comes before any node: packages, macros, docs blocks and what templates can call. Which macros
/// name which is not known then.
Status LoadSurroundings(ProjectState& project);

/// The folders of a package that may hold properties files.
std::vector<std::string> PropertiesFolders(const ProjectFile& package);

/// Reads one of them. Errors: kStore…, kConfig… with file and line.
Result<PropertiesFile> ReadPropertiesFile(const ProjectFile& package, const std::string& path,
                                          std::vector<Error>& warnings);

}  // namespace smelt::transform
