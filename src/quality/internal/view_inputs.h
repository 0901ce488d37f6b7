#pragma once

#include "base/json.h"
#include "engine/session.h"
#include "quality/internal/table_name.h"
#include "quality/suite.h"

namespace smelt::quality {

/// What a suite on a view judges, as SuiteResult::input_versions: by name, hashes of the SQL of the view and of those
/// behind it, and the versions of all tables that they read, as the session's transaction sees them. null where the
/// rows depend on more: on files, the clock, chance, tables without a version; or where the suite itself reads more
/// than the view.
Json ViewInputs(engine::Session& session, const Suite& resolved);

}  // namespace smelt::quality
