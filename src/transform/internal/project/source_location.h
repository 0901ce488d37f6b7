#pragma once

#include <string>

#include "base/error.h"
#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// What a source table is read from when it is no table of the lake: SQL for its `external_location`, as its config,
/// its meta or that of its source say: a path, a pattern of paths, or a call like read_csv('…'). Names within it stand
/// for the table's settings, in the style that `formatter` says: {name}, %(name)s or $name. Empty: it is in the lake.
/// Errors: kDbtConfigInvalid, at the source.
Result<std::string> ExternalLocation(const SourceTable& source);

}  // namespace smelt::transform
