#pragma once

#include <string>

#include "transform/invoke.h"

namespace smelt::transform {

/// Identity of all that a parse depends on besides the project's files: the program, the options of the invocation, the
/// target and the environment. Two parses with the same key of the same files give the same nodes. It tells nothing of
/// what it was made of.
std::string ParseKey(const InvokeOptions& options);

}  // namespace smelt::transform
