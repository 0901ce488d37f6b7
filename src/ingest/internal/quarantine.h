#pragma once

#include <string_view>

#include "base/error.h"
#include "engine/session.h"

namespace smelt::ingest {

/// Makes the schema, and gives an older quarantine.<table> the columns that it lacks. Tells whether the table is there.
/// Errors: kSql…, kDelta…, kStore….
Result<bool> UpgradeQuarantine(engine::Session& session, std::string_view table);

}  // namespace smelt::ingest
