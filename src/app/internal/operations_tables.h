#pragma once

#include "base/error.h"
#include "engine/session.h"
#include "state/run_store.h"

namespace smelt::app {

/// Brings the lake's own tables about its operation up to date, which dashboards read like any other:
///   operations.tasks   every attempt at a task of a pipeline that has ended, once
///   operations.tables  how large the tables are, once per call
/// Both only grow. Looks at the newest 50 runs. Errors: kState…, kSql…, kDelta…, kStore….
Status RefreshOperationsTables(engine::Engine& engine, state::RunStore& store);

}  // namespace smelt::app
