#pragma once

#include <string>

#include "transform/internal/jinja/standard_globals.h"
#include "transform/internal/jinja/value.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

class RenderContext;

/// Fills `project.functions` with what every template of the project can call or read: ref, source, var, target, ….
/// `project` must not move afterwards.
void AddContextFunctions(ProjectState& project);

/// ref(), source() and is_incremental().
void AddGraphFunctions(jinja::GlobalTable& table);
/// store_result(), load_result(), write() and adapter.
void AddDatabaseFunctions(jinja::GlobalTable& table);

/// render(), try_or_compiler_error() and what else works on templates and files.
void AddTemplateFunctions(jinja::GlobalTable& table);
/// `exceptions`.
jinja::Value MakeExceptions();

/// `this`: the node's own relation.
jinja::Value MakeThis(const RenderContext& context);
/// `config`: callable, with get and require.
jinja::Value MakeConfigObject(const RenderContext& context);
/// `graph`: its nodes and sources while SQL can be run, empty before.
jinja::Value MakeGraph(const RenderContext& context);
/// "table" or "view", by the node's materialisation; "cte" for ephemeral models.
std::string RelationType(const Node& node);

}  // namespace smelt::transform
