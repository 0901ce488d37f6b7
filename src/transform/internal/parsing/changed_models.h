#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "transform/internal/parsing/parse_record.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// What is recorded of a model, seed or snapshot, but for where it stands in the manifest.
RecordedNode RecordNode(const ProjectState& project, const Node& node);

/// Identity of what a model is to others: its name, its relation, its group and access, what it reads. While it stays,
/// nothing else of a manifest changes with the model.
std::string FaceOf(const Node& node);

/// Loads the changed models of a recorded project, with their tests, into a state whose options are set; of other
/// nodes there are those only that these read before, with what is recorded of them. Errors: see Project::Load.
Status LoadChangedModels(const ParseRecord& record, const std::vector<const RecordedNode*>& changed,
                         ProjectState& project);

}  // namespace smelt::transform
