#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pipeline/definition.h"
#include "state/lock.h"

namespace smelt::pipeline {

/// Slots that all runs on a lake share, so that together they ask no more of a database or a service than it bears. A
/// slot is a locked file beside the state: runs of other processes on this host count, and a process that dies gives
/// its slots back. Thread-safe.
class Pools {
 public:
  /// `slots` by name of the pool. The files of the slots are named `path_prefix` + ".<pool>.<number>.lock".
  Pools(std::map<std::string, int> slots, std::string path_prefix);

  /// Whether the pools that the tasks of a pipeline name exist and are large enough for one of them.
  /// Errors, with file, line and cure: kConfigValueInvalid.
  Status Check(const Pipeline& pipeline) const;

  /// Slots that are held until destruction.
  class Grant {
   public:
    Grant(Grant&& other) noexcept;
    Grant& operator=(Grant&&) = delete;
    Grant(const Grant&) = delete;
    Grant& operator=(const Grant&) = delete;
    ~Grant();

   private:
    friend class Pools;
    Grant(Pools& pools, std::string pool, std::vector<state::FileLock> locks)
        : pools_(&pools), pool_(std::move(pool)), locks_(std::move(locks)) {}
    Pools* pools_;
    std::string pool_;
    std::vector<state::FileLock> locks_;
  };

  /// A run's place in the lines before the pools. Confined to one thread, but for the call of `wake`.
  class Line {
   public:
    /// `wake` is called, on any thread, when slots have become free. It must not call the pools.
    Line(Pools& pools, std::function<void()> wake);
    ~Line();
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    /// Takes slots for a task; nothing while there are too few, or while a run waits whose task has a higher priority
    /// or, with the same, was there before. Errors: kStoreIo, kStoreDenied, kStoreFull.
    Result<std::optional<Grant>> Take(const std::string& pool, int slots, int priority);
    /// Leaves the lines of all pools but those named.
    void KeepOnly(const std::vector<std::string>& pools);
    /// Whether slots that it waits for are held by another process, which cannot tell when they become free.
    bool waits_for_others() const { return waits_for_others_; }

   private:
    friend class Pools;
    Pools& pools_;
    std::function<void()> wake_;
    bool waits_for_others_ = false;
  };

 private:
  struct Place {
    int priority;
    std::int64_t number;  ///< the lower was there before
  };
  Result<std::vector<state::FileLock>> LockSlots(const std::string& pool, int slots) const;
  void Release(const std::string& pool, std::size_t slots);
  void WakeAll(const Line* but);

  const std::map<std::string, int> slots_;
  const std::string path_prefix_;
  std::mutex mutex_;  ///< guards what follows
  std::map<std::string, std::size_t> held_;
  std::map<std::string, std::map<const Line*, Place>> waiting_;
  std::vector<Line*> lines_;
  std::int64_t last_number_ = 0;
};

/// Pools::Check, which without any pools refuses every task that names one.
Status CheckPools(const Pipeline& pipeline, const Pools* pools);

}  // namespace smelt::pipeline
