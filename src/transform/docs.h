#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "transform/inspect.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// Writes <target>/index.html: the project as one page that needs nothing beside it, with its nodes, their columns and
/// SQL, the graph, and where every column comes from, which is written to lineage.json too. `compiled` is the SQL of
/// nodes as far as it is to be shown; `is_empty`: without looking at the tables of the lake. Returns the page's path.
/// Errors: as Invoke, before anything runs; kStore….
Result<std::string> WriteDocsPage(engine::Engine& engine, const InvokeOptions& options,
                                  const std::vector<CompiledNode>& compiled, bool is_empty, std::stop_token stop = {});

}  // namespace smelt::transform
