#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "state/internal/database.h"

namespace smelt::state::internal {

/// Opens the state database at `path`, creating it and its folder, or bringing an older one up to date.
/// Errors: kStateDamaged, kStateTooNew, kStateUnavailable, kStoreDenied, kStoreFull, kStoreIo.
Result<std::unique_ptr<Database>> OpenStateDatabase(const std::string& path, std::int64_t busy_timeout_ms);

}  // namespace smelt::state::internal
