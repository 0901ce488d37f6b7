#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/internal/project.h"
#include "base/error.h"
#include "base/json.h"
#include "engine/session.h"
#include "state/store_address.h"

namespace smelt::app {

/// Whether what a lake has is fit to be promoted.
struct GateFindings {
  std::vector<std::string> problems = {};  ///< none: it is
  Json facts = Json::object();             ///< what was looked at, for the record: last runs and verdicts
};

/// Looks at the last run of every pipeline on the lake, of the project's only if there is a project, and at the last
/// verdict of every suite. A run that did not succeed or is at work, a failed hard gate and a lake on which no pipeline
/// ever ran are problems. Errors: those of the state database and of the engine.
Result<GateFindings> JudgeLake(engine::Engine& engine, const state::StoreAddress& address,
                               const std::optional<ProjectConfig>& project);

}  // namespace smelt::app
