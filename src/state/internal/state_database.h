#pragma once

#include <cstdint>
#include <memory>

#include "state/internal/database.h"
#include "state/store_address.h"

namespace smelt::state::internal {

/// Opens the state database at `address`, creating it, or bringing an older one up to date.
/// Errors: kStateDamaged, kStateTooNew, kStateUnavailable, kStoreDenied, kStoreFull, kStoreIo.
Result<std::unique_ptr<Database>> OpenStateDatabase(const StoreAddress& address, std::int64_t busy_timeout_ms);

}  // namespace smelt::state::internal
