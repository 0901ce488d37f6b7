#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "state/records.h"
#include "state/run_store.h"

namespace smelt::state {

/// How far the schedule of a pipeline has come.
struct ScheduleRecord {
  bool paused = false;
  std::int64_t cursor_us = 0;  ///< the last instant that was dealt with; 0: none yet
};

/// A definition as it was when a run began.
struct DefinitionRecord {
  std::string hash;
  std::string pipeline;
  std::string file;  ///< where it stood, for errors
  std::string content;
  std::int64_t since_us = 0;
};

/// The right to schedule, for a while. The token grows with every new holder: what an earlier one does late is refused.
struct Lease {
  std::string name;
  std::string holder;
  std::int64_t token = 0;
  std::int64_t expires_us = 0;  ///< on the clock of this machine
};

/// A person's word on a task that waits for one.
struct Approval {
  bool approved = false;
  std::string by;
  std::string comment;
  std::int64_t at_us = 0;
};

/// What a scheduler writes down in one transaction before it acts.
struct QueueEntry {
  RunRecord run;                              ///< with a new id; its status becomes queued
  std::optional<std::int64_t> cursor_us{};    ///< moves the cursor of its pipeline
  std::map<std::string, std::string> seen{};  ///< of its pipeline's events: what brought the run about
};

/// A call from outside that wants a run of a pipeline.
struct Call {
  std::string idempotency_key{};  ///< of the caller: a call with the same key is the same call; empty: none
  std::string digest{};           ///< of what it asks for
  std::string caller{};           ///< as whom it was let in
  std::string note{};             ///< in the caller's words
  bool may_join = false;          ///< a run that waits and was called for with the same digest will do
};

/// What became of it.
struct CallOutcome {
  enum class Kind : std::uint8_t {
    kQueued,     ///< the run is in the queue
    kRepeated,   ///< it has been made before; the run is that of then
    kJoined,     ///< a run that waits will do for it
    kDifferent,  ///< its key has been used for something else
    kFull,       ///< as many runs as may wait are waiting
  };
  Kind kind = Kind::kQueued;
  std::string run_id{};
};

/// What schedulers remember and share: queue, cursors, events, leases, definitions and approvals, in the store of a
/// RunStore, which must outlive it. Thread-safe; several processes may share it. All methods return the errors of
/// RunStore.
class ScheduleStore {
 public:
  explicit ScheduleStore(RunStore& runs) : runs_(runs) {}

  RunStore& runs() { return runs_; }

  /// Keeps a definition. Returns its hash.
  Result<std::string> SaveDefinition(std::string_view pipeline, std::string_view file, std::string_view content);
  Result<std::optional<DefinitionRecord>> FindDefinition(std::string_view hash);

  /// All pipelines that something was recorded of.
  Result<std::map<std::string, ScheduleRecord>> Schedules();
  /// Keeps a pipeline from beginning runs by itself, or lets it again. Signals.
  Status SetPaused(std::string_view pipeline, bool paused);
  Status SetCursor(std::string_view pipeline, std::int64_t cursor_us);

  /// What was last seen of a pipeline's events, by event.
  Result<std::map<std::string, std::string>> Seen(std::string_view pipeline);
  Status SetSeen(std::string_view pipeline, std::string_view event, std::string_view seen);

  /// Puts a run into the queue. Returns whether it did: an instant that has a run already gets no second one. With a
  /// lease, nothing is recorded unless it is still held. Signals when there is no lease.
  /// Errors: kStateLocked when the lease is held by another.
  Result<bool> Enqueue(const QueueEntry& entry, const Lease* lease);
  /// Puts all of the runs into the queue, or none. Returns how many it did. Signals.
  Result<std::int64_t> EnqueueAll(const std::vector<QueueEntry>& entries);
  /// Puts the run of a call into the queue, unless the call was made before or `waiting_max` runs of the pipeline that
  /// were called for are waiting. What the outcome says is on record. Signals.
  Result<CallOutcome> EnqueueCall(const QueueEntry& entry, const Call& call, std::int64_t waiting_max);
  /// The call that a run was queued for, or nothing.
  Result<std::optional<Call>> FindCall(std::string_view run_id);
  /// The run that goes on with a run, or nothing.
  Result<std::optional<RunRecord>> FindSuccessor(std::string_view run_id);
  /// Takes a queued run out again; whether it was still queued. If it was to go on with another, that is cancelled.
  Result<bool> Withdraw(std::string_view run_id);
  /// Marks a run that is at work as one that is to end and that nobody goes on with; whether it was at work. The first
  /// word counts. Signals.
  Result<bool> Cancel(std::string_view run_id, std::string_view by);
  /// Who wants a run to end; nothing when nobody does.
  Result<std::optional<std::string>> FindCancellation(std::string_view run_id);
  /// The queued runs in the order in which they came.
  Result<std::vector<RunRecord>> Queued();

  /// Runs of schedulers that ended without an end of their own, by death or by request, and that none goes on with.
  Result<std::vector<RunRecord>> Orphans();
  /// Queues a run that goes on with an orphan, and marks that as died if it says that it runs. Returns whether it did:
  /// another may have been faster, or it ended after all. One that was to end is cancelled instead. Errors: as Enqueue.
  Result<bool> Adopt(const RunRecord& orphan, const std::string& new_id, const Lease* lease);

  /// The run of a pipeline that was the last to succeed, to fail, or either; nothing if none did.
  Result<std::optional<RunRecord>> LastEnded(std::string_view pipeline, bool succeeded, bool failed);

  /// Takes a lease that is free, expired or the holder's own for `ttl_us` from now on; nothing while another holds it.
  Result<std::optional<Lease>> TakeLease(std::string_view name, std::string_view holder, std::int64_t ttl_us);
  /// Prolongs a lease; nothing when another holds it by now.
  Result<std::optional<Lease>> RenewLease(const Lease& lease, std::int64_t ttl_us);
  Status ReleaseLease(const Lease& lease);
  Result<std::optional<Lease>> FindLease(std::string_view name);

  /// Records a word on a task; the last one counts. Signals.
  Status Approve(std::string_view run_id, std::string_view task, const Approval& approval);
  Result<std::optional<Approval>> FindApproval(std::string_view run_id, std::string_view task);

 private:
  Result<std::optional<Lease>> StoredLease(std::string_view name);
  Status CheckLease(const Lease* lease);
  Result<bool> Insert(const RunRecord& run);
  Result<bool> Record(const QueueEntry& entry);
  Result<bool> Bury(const RunRecord& orphan);
  Result<std::optional<CallOutcome>> FormerCall(std::string_view pipeline, const Call& call);
  Result<std::optional<CallOutcome>> JoinedCall(std::string_view pipeline, const Call& call);

  RunStore& runs_;
};

}  // namespace smelt::state
