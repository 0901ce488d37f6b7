#pragma once

#include <optional>
#include <vector>

#include "engine/session.h"
#include "quality/internal/frame.h"
#include "quality/result.h"
#include "quality/suite.h"

namespace smelt::quality {

/// Judges every expectation of a suite whose parameters are replaced, in its order.
/// Errors: kCancelled, kStore…, kDelta…, kSqlOutOfMemory.
Result<std::vector<ExpectationResult>> Evaluate(engine::Session& session, const Suite& suite, const Frame& frame,
                                                const std::optional<ResultOptions>& options);

}  // namespace smelt::quality
