#pragma once

#include "base/error.h"
#include "transform/internal/artefacts/node_text.h"

namespace smelt::transform {

/// Writes <target>/manifest.json (dbt's manifest, version 12) and semantic_manifest.json.
/// Errors: kStore….
Status WriteManifest(const ProjectState& project, const CompiledTexts& compiled);

}  // namespace smelt::transform
