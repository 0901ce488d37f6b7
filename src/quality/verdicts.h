#pragma once

#include <map>
#include <string>

#include "engine/session.h"
#include "quality/result.h"

namespace smelt::quality {

/// The verdict of the last stored validation of every suite, by its name; none when nothing was ever stored. Reads no
/// rows. Errors: kDelta…, kStore….
Result<std::map<std::string, Verdict>> LastVerdicts(engine::Engine& engine);

}  // namespace smelt::quality
