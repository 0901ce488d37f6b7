#pragma once

#include <string>

#include "base/error.h"
#include "transform/internal/jinja/source_map.h"
#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// An error of the engine about SQL that a node's templates made, at the place in the template that made the part it
/// is about: file and line, the line with a caret, and the macros that led there. `compiled` is the node's SQL, which
/// may stand anywhere in the statement that failed, and `places` its map. What the map does not know is placed in the
/// node's file without a line. Errors that have a place in a file already stay as they are.
Error PlaceInTemplate(const Node& node, const std::string& compiled, const jinja::SourceMap& places,
                      const Error& error);

}  // namespace smelt::transform
