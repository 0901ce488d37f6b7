#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "transform/internal/project/project.h"

namespace smelt::transform {

/// What an invocation is about, as unique ids.
struct ChosenWork {
  std::vector<std::string> nodes;      ///< that are run and have results, in the manifest's order
  std::vector<std::string> ephemeral;  ///< that are only rendered, each into a file of its own
  std::vector<std::string> described;  ///< exposures and saved queries: they have results and nothing to do
  std::vector<std::string> selected;   ///< all that the selection picked of these: `selected_resources`
};

/// What the command does with what the invocation selects. Errors: as SelectMembers (selection.h).
Result<ChosenWork> ChooseWork(const Project& project, const InvokeOptions& options);

/// The ephemeral models that become part of the SQL of `ids`, directly or not, in no order; without those among `ids`.
std::vector<std::string> EphemeralInputs(const Manifest& manifest, const std::vector<std::string>& ids);

}  // namespace smelt::transform
