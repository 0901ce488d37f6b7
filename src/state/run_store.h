#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "state/pipeline_lock.h"
#include "state/records.h"
#include "state/signals.h"
#include "state/store_address.h"

namespace smelt::state {

namespace internal {
class Coordination;
class Database;
}  // namespace internal

/// Which runs to list.
struct RunFilter {
  std::string pipeline{};  ///< empty: of all pipelines
  std::int64_t limit = 50;
};

/// Slots of a pool that a task of a run has or wants.
struct PoolClaim {
  std::string pool{};
  std::string run_id{};
  std::string task{};
  std::int64_t slots = 1;
};

/// The memory of past and present runs in one SQLite file or one schema of a PostgreSQL database. What it holds is for
/// people, resuming and scheduling; the truth about data is in the tables' own logs, so it may be deleted at any time
/// between runs.
///
/// Every method is one transaction that survives the death of the process. Thread-safe; several processes may share
/// the store, with PostgreSQL those of several machines.
///
/// All methods that touch the store return: kStateDamaged, kStateUnavailable (it cannot be opened, read or written, or
/// stays busy for longer than the timeout), kStoreFull.
class RunStore {
 public:
  /// Opens the store, creating it, or bringing an older one up to date.
  /// Errors: as above, and kStateTooNew; kStoreDenied, kStoreIo for the folder of a file.
  static Result<std::unique_ptr<RunStore>> Open(const StoreAddress& address, std::int64_t busy_timeout_ms = 5'000);
  ~RunStore();

  /// Where it is, for people.
  std::string where() const { return address_.Describe(); }
  /// Tells those who listen that something happened which a scheduler on this store should look at. Who cannot be told
  /// looks by itself after a while.
  void Signal() const;
  /// Begins to hear of it; the store must outlive the result. Errors: kStoreIo, kStateUnavailable.
  Result<std::unique_ptr<Signals>> Listen();

  /// Takes the lock that keeps two runs of one pipeline on this lake from overlapping; the store must outlive it.
  /// Errors: kStateLocked, naming the holder and since when; kStateUnavailable, kStoreDenied, kStoreFull, kStoreIo.
  Result<PipelineLock> LockPipeline(std::string_view pipeline, std::string_view run_id);

  /// Makes one transaction of all that `body` records: a failure of it takes everything back. Other threads wait.
  Status Together(const std::function<Status()>& body);

  /// Records that a run began, also one that was queued. The caller holds the pipeline's lock.
  /// Errors: kStateLocked when it was begun before: another was faster.
  Status StartRun(const RunRecord& run);
  /// Records how a run ended; `finished_us` is now. Signals.
  Status FinishRun(std::string_view run_id, RunStatus status, std::string_view error);
  /// Records the begin of an attempt, or a whole one at once (skipped and reused tasks).
  Status AddTask(const TaskRecord& task);
  /// Records the end of an attempt that AddTask began: status, finished_us, outcome, error. What has been taken for
  /// dead, and is gone on with by another run, stays so.
  Status FinishTask(const TaskRecord& task);
  /// Records that an SLA was missed, once for each task of a run.
  Status AddSlaMiss(const SlaRecord& miss);
  /// Those of a run, in the order in which they were noticed.
  Result<std::vector<SlaRecord>> SlaMisses(std::string_view run_id);
  /// Takes slots of a pool of `capacity` for a task that is about to begin, if there are so many; what runs at work
  /// have is taken, whatever process they belong to. Within Together they are taken with all else that it records.
  Result<bool> TakeSlots(const PoolClaim& claim, std::int64_t capacity);
  /// Gives them back.
  Status GiveSlots(const PoolClaim& claim);
  /// Gives back what runs have whose process died. Returns whether there was any. Not within Together.
  Result<bool> ReclaimSlots(std::string_view pool);
  /// Marks runs of `pipeline` that are still "running", and their tasks, as died. The caller holds the pipeline's
  /// lock, so no such run can be alive. Returns how many there were.
  Result<std::int64_t> BuryDeadRuns(std::string_view pipeline);

  /// The newest run of a pipeline that has begun, or nothing. A run that says "running" but whose process no longer
  /// holds the lock is returned as died; so in the other queries.
  Result<std::optional<RunRecord>> LastRun(std::string_view pipeline);
  Result<std::optional<RunRecord>> FindRun(std::string_view run_id);
  /// The newest run with that parent, or nothing.
  Result<std::optional<RunRecord>> LastChild(std::string_view parent);
  /// Runs, newest first.
  Result<std::vector<RunRecord>> ListRuns(const RunFilter& filter);
  /// The newest run of every pipeline in each status, newest first: how the pipelines stand, however long the history.
  Result<std::vector<RunRecord>> NewestOfEach();
  /// All attempts of a run's tasks in the order in which they began.
  Result<std::vector<TaskRecord>> Tasks(std::string_view run_id);

 private:
  friend class ScheduleStore;
  RunStore(StoreAddress address, std::unique_ptr<internal::Database> database);
  Result<std::vector<RunRecord>> SelectRuns(std::string_view condition, std::string_view argument, std::int64_t limit);
  Status CheckAlive(RunRecord& run);

  StoreAddress address_;
  std::unique_ptr<internal::Database> database_;
  std::unique_ptr<internal::Coordination> coordination_;
};

}  // namespace smelt::state
