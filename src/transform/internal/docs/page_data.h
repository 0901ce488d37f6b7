#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/session.h"
#include "transform/internal/project/project_state.h"
#include "transform/lineage.h"

namespace smelt::transform {

/// What the docs page shows.
struct PageContent {
  const ProjectState& project;
  const ProjectLineage& lineage;
  std::map<std::string, std::string> compiled;              ///< SQL by unique id
  std::map<RelationName, const engine::TableInfo*> tables;  ///< of the lake
};

/// The content as the JSON that src/transform/site/model.js describes, fit to stand in an HTML script element.
std::string PageData(const PageContent& content);

}  // namespace smelt::transform
