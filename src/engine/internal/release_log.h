#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "engine/release.h"
#include "storage/object_store.h"

namespace smelt::engine {

/// The releases of a lake as they are kept: numbered files under _smelt/releases that are never written twice, the
/// newest of which counts. Thread-safe.
class ReleaseLog {
 public:
  explicit ReleaseLog(storage::ObjectStore& store);

  /// The newest, never null. In a local folder that costs a look at a file that is not there; in a bucket at most one
  /// look a second, by one thread. Errors: kStore…, kDeltaCorrupt.
  Result<ReleasePtr> Current();
  /// The newest at this moment, wherever the lake is.
  Result<ReleasePtr> Newest();
  /// One that was written. Errors: kStoreNotFound, kStore…, kDeltaCorrupt.
  Result<ReleasePtr> Read(std::int64_t number);
  /// All numbers, ascending.
  Result<std::vector<std::int64_t>> Numbers();
  /// Writes the release that follows number `after`: from then on it counts. `number`, `id` and `created_us` are given
  /// here. Errors: kDeltaConflict when another one follows it already, kStore….
  Result<ReleasePtr> Publish(std::int64_t after, Release release);

 private:
  using Clock = std::chrono::steady_clock;
  ReleasePtr known() const;
  void Keep(const ReleasePtr& release);
  Result<ReleasePtr> FollowFrom(ReleasePtr release);

  storage::ObjectStore& store_;
  const bool is_remote_;
  mutable std::mutex lock_;
  ReleasePtr known_;          ///< null: nobody has looked
  Clock::time_point looked_;  ///< when, in a bucket
  std::mutex looking_;
};

}  // namespace smelt::engine
