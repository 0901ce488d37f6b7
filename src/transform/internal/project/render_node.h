#pragma once

#include <string>

#include "base/error.h"
#include "transform/internal/project/project.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {

/// Renders every node of the manifest with execute = false and notes what it reads: its dependencies, sources and
/// environment variables. Incremental models are rendered both ways, so that nothing they read is missed.
/// Errors: kJinja…, kDbt…, with file and line.
Status FindDependencies(ProjectState& project);

/// The same of one node, which need not be in the manifest.
Status FindDependenciesOf(const ProjectState& project, Node& node);

/// Renders a node's SQL as its template makes it: ephemeral models that it uses are names only.
Result<std::string> RenderNode(const ProjectState& project, const Node& node, const CompileContext& compile);

/// Renders a node's SQL with the ephemeral models it uses before it.
Result<std::string> CompileNode(const ProjectState& project, const Node& node, const CompileContext& compile);

/// Renders the node of a context, which is in RenderPhase::kRun, with the ephemeral models it uses before it.
Result<std::string> CompileIn(RenderContext& context, const CompileContext& compile);

}  // namespace smelt::transform
