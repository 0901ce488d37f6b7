#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "transform/internal/project/project_state.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// What artefacts call the outcome of a node: "success", "pass", "warn", "fail", "error", "skipped", "no-op".
std::string_view ArtefactStatus(const NodeResult& result);
/// What they say of it in a text; empty: nothing.
std::string ArtefactMessage(const ProjectState& project, const NodeResult& result);
/// How many failures they count; nothing where none are counted.
std::optional<std::int64_t> ArtefactFailures(const NodeResult& result);

/// Writes <target>/run_results.json (version 6). Errors: kStore….
Status WriteRunResults(const ProjectState& project, const std::vector<NodeResult>& results, double seconds);

}  // namespace smelt::transform
