#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "state/lock.h"
#include "state/pipeline_lock.h"
#include "state/signals.h"
#include "state/store_address.h"

namespace smelt::state::internal {

class Database;

/// How the processes that share a store keep out of each other's way and wake each other. Thread-safe.
class Coordination {
 public:
  virtual ~Coordination() = default;
  /// Errors: kStateLocked, and those of the store.
  virtual Result<PipelineLock> Lock(std::string_view pipeline, const LockOwner& owner) = 0;
  /// The living holder of a pipeline's lock, or nothing.
  virtual Result<std::optional<LockOwner>> Holder(std::string_view pipeline) = 0;
  virtual void Signal() = 0;
  virtual Result<std::unique_ptr<Signals>> Listen() = 0;
};

/// That of `address`; `database` is open on it and must outlive the result.
std::unique_ptr<Coordination> MakeCoordination(const StoreAddress& address, Database& database);

}  // namespace smelt::state::internal
