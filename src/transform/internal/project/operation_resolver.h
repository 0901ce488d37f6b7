#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Adds the on-run-start and on-run-end hooks of all packages to the manifest's operations, in the order in which they
/// run: packages by name, the root project last. Their tag says which of the two they are.
/// Errors: kJinja…, kDbt…, at dbt_project.yml.
Status AddOperations(ProjectState& project);

/// An operation as a node: what a template that builds nothing is rendered for. `file` stands in messages.
/// Errors: kJinjaSyntax.
Result<Node> MakeOperation(const ProjectState& project, std::string package, std::string name, std::string text,
                           std::string file);

}  // namespace smelt::transform
