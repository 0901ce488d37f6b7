#pragma once

#include <string>
#include <vector>

#include "app/internal/project.h"
#include "base/config.h"
#include "base/error.h"
#include "base/json.h"

namespace smelt::app {

/// What has to be done so that some tables hold what their sources hold.
struct RefreshPlan {
  std::vector<std::string> loads;      ///< tables of the sources whose new files are to be loaded: "bronze.orders"
  std::vector<std::string> selectors;  ///< of dbt: the nodes that make the tables, and all that lead to them
};

/// `tables` is a list of "schema.table", each made by a node of the dbt project or loaded from a source.
/// Errors: kConfigValueInvalid at its place for a table that neither makes; those of the project and the sources.
Result<RefreshPlan> PlanRefresh(const ProjectConfig& project, const ConfigNode& tables, const Json& vars);

}  // namespace smelt::app
