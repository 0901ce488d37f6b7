#pragma once

#include <string>
#include <vector>

#include "engine/session.h"
#include "transform/internal/project/manifest.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// Makes the schemas that nodes write to and that are not there yet.
Status MakeSchemas(engine::Engine& engine, const Manifest& manifest, const InvokeOptions& options,
                   const std::vector<std::string>& ids);

}  // namespace smelt::transform
