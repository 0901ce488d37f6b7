#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pipeline/definition.h"
#include "state/run_store.h"

namespace smelt::pipeline {

/// Slots that all runs on a lake share, so that together they ask no more of a database or a service than it bears.
/// They are recorded in the state, so that the runs of all processes and machines that share it count, each until it is
/// over or its process is dead. Thread-safe.
class Pools {
 public:
  /// `slots` by name of the pool. The store must outlive it.
  Pools(std::map<std::string, int> slots, state::RunStore& store);

  /// Whether the pools that the tasks of a pipeline name exist and are large enough for one of them.
  /// Errors, with file, line and cure: kConfigValueInvalid.
  Status Check(const Pipeline& pipeline) const;
  /// Something happened in the store: whoever waits for slots that other processes have looks again.
  void Hear();

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
    Grant(Pools& pools, state::PoolClaim claim) : pools_(&pools), claim_(std::move(claim)) {}
    Pools* pools_;
    state::PoolClaim claim_;
  };

  /// A run's place in the lines before the pools. Confined to one thread, but for the call of `wake`.
  class Line {
   public:
    /// `wake` is called, on any thread, when slots have become free. It must not call the pools.
    Line(Pools& pools, std::string run_id, std::function<void()> wake);
    ~Line();
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    /// Takes slots for a task; nothing while there are too few, or while a run of this process waits whose task has a
    /// higher priority or, with the same, was there before. In a transaction of the store they are taken with what else
    /// that records. Errors: those of RunStore.
    Result<std::optional<Grant>> Take(const std::string& task, const std::string& pool, int slots, int priority);
    /// Leaves the lines of all pools but those named.
    void KeepOnly(const std::vector<std::string>& pools);
    /// What happened is on record: other processes are told of slots that were given back, and those of dead ones are
    /// looked for, both at most every now and then. Returns whether slots may have become free. Not within a
    /// transaction of the store.
    bool Settle();
    /// Whether it waits for slots that another process has, which may die without giving them back.
    bool waits_for_others() const { return !foreign_.empty(); }

   private:
    friend class Pools;
    Pools& pools_;
    const std::string run_id_;
    std::function<void()> wake_;
    std::set<std::string> foreign_;  ///< pools whose slots other processes have
    double looked_at_ = 0;           ///< when it looked for the dead
  };

 private:
  struct Place {
    int priority;
    std::int64_t number;  ///< the lower was there before
  };
  void Release(const state::PoolClaim& claim);
  void WakeAll(const Line* but);

  const std::map<std::string, int> slots_;
  state::RunStore& store_;
  std::mutex mutex_;  ///< guards what follows
  std::map<std::string, std::size_t> held_;
  std::map<std::string, std::map<const Line*, Place>> waiting_;
  std::vector<Line*> lines_;
  std::int64_t last_number_ = 0;
  bool released_ = false;  ///< and nobody else was told
  double told_at_ = 0;
};

/// Pools::Check, which without any pools refuses every task that names one.
Status CheckPools(const Pipeline& pipeline, const Pools* pools);

}  // namespace smelt::pipeline
