#pragma once

#include "base/error.h"
#include "transform/internal/project/project.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// Runs the macro that materializes a node, in a transaction that begins when the macro's statements want one. What it
/// leaves open is committed; what is open when it fails is rolled back.
/// Errors: kJinja…, kDbt…, kSql…, kDelta…, kStore…; an error of the engine within the node's own SQL has the file "SQL"
/// and the line that Node SQL beginning in line 2 would have.
Result<Materialization> RunMaterialization(const ProjectState& project, const Node& node,
                                           const MaterializeContext& materialize);

}  // namespace smelt::transform
