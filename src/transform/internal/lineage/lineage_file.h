#pragma once

#include <map>
#include <string>

#include "base/error.h"
#include "transform/internal/project/project_state.h"
#include "transform/lineage.h"

namespace smelt::transform {

/// A node's lineage and what it was made of: equal hashes mean equal lineage.
struct KnownLineage {
  std::string hash;
  NodeLineage lineage;
};
using KnownLineages = std::map<std::string, KnownLineage>;  ///< by unique id

/// Reads <target>/lineage.json; a file that is missing, damaged or of another format knows nothing.
KnownLineages ReadLineage(const std::string& path);

/// Writes it, unless it says the same already. Errors: kStore….
Status WriteLineage(const ProjectState& project, const std::string& path, const KnownLineages& lineages);

}  // namespace smelt::transform
