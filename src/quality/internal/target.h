#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "engine/session.h"
#include "quality/internal/frame.h"
#include "quality/validate.h"

namespace smelt::quality {

/// The rows of a relation of SQL whose columns are known.
Frame FrameOf(const std::string& relation, std::string schema, const std::vector<engine::ResultColumn>& described);

/// Finds the rows and columns of a target. `parses_once`: a file of text is read into a temporary table first.
/// Errors: kUsage (neither table nor file, both, or a file of unknown kind), kStoreNotFound (no such file), kSqlCatalog
/// (no such table), and the engine's.
Result<Frame> OpenTarget(engine::Session& session, const Target& target, bool parses_once = false);

}  // namespace smelt::quality
