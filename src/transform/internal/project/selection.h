#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// The nodes that dbt's selection picks, in manifest order; see Project::Select. The selection language:
///   orders, silver, silver.*, olist.silver   a node, a folder of them, patterns
///   path:models/silver, models/silver        by file
///   tag:nightly  source:bronze.orders  config.materialized:table  resource_type:snapshot  test_type:generic
///   test_name:unique  fqn:…  file:orders.sql
///   +a  2+a  a+  a+1  @a                      with ancestors, descendants, or descendants and all they need
///   a b (union)  a,b (intersection)
Result<std::vector<std::string>> SelectNodes(const ProjectState& project, const std::vector<std::string>& select,
                                             const std::vector<std::string>& exclude);

/// The source tables that the same selection picks, by their ids.
Result<std::vector<std::string>> SelectSourceTables(const ProjectState& project, const std::vector<std::string>& select,
                                                    const std::vector<std::string>& exclude);

}  // namespace smelt::transform
