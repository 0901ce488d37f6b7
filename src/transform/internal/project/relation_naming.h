#pragma once

#include "base/error.h"
#include "transform/internal/project/manifest.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Sets the schema and the name of a node's relation as generate_schema_name() and generate_alias_name() say: those of
/// the root project, else the built-in ones. Errors: kJinja…, kDbtConfigInvalid when they give no name.
Status NameRelation(const ProjectState& project, Node& node);

}  // namespace smelt::transform
