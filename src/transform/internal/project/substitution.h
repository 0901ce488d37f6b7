#pragma once

#include <map>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "transform/internal/project/project.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {

/// The name under which a query stands for a node or source.
std::string SubstituteName(const ProjectState& project, const std::string& id);

/// Renders a model with queries in the place of what it reads: those that it mentions stand before it as common table
/// expressions. `queries` are by the ids of `substitutes.tables`; with one for the model itself, that is `this`, and
/// comes first. `macros` replaces macros by values, see OverrideMacros.
/// Errors: kJinja…, kDbt…, with file and line; kDbtRefMissing for what has no substitute.
Result<std::string> CompileSubstituted(const ProjectState& project, const Node& model, const CompileContext& compile,
                                       const Substitutes& substitutes,
                                       const std::map<std::string, std::string>& queries, const Json& macros);

}  // namespace smelt::transform
