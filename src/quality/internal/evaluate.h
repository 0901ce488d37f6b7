#pragma once

#include <optional>
#include <vector>

#include "engine/session.h"
#include "quality/internal/baseline.h"
#include "quality/internal/frame.h"
#include "quality/result.h"
#include "quality/suite.h"

namespace smelt::quality {

/// Judges every expectation of a suite whose parameters are replaced, in its order. With a `standing`, results keep
/// their figures, and expectations whose figures its baseline has read the added rows only; any doubt about one of them
/// makes it read all rows. Errors: kCancelled, kStore…, kDelta…, kSqlOutOfMemory.
Result<std::vector<ExpectationResult>> Evaluate(engine::Session& session, const Suite& suite, const Frame& frame,
                                                const std::optional<ResultOptions>& options,
                                                const std::optional<Standing>& standing = {});

}  // namespace smelt::quality
