#pragma once

#include <string_view>

#include "base/error.h"
#include "state/lock.h"

namespace smelt::state::internal {

/// What the loser of a lock is told. `purpose` is what it protects, as in FileLock::Acquire.
Error LockedError(const LockOwner& holder, std::string_view purpose);

}  // namespace smelt::state::internal
