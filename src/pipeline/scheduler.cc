#include "pipeline/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "pipeline/internal/agenda.h"
#include "pipeline/internal/event_state.h"
#include "pipeline/internal/run_crew.h"
#include "pipeline/watcher.h"

namespace smelt::pipeline {
namespace {

using internal::Agenda;
using internal::RunCrew;
using state::Lease;
using state::QueueEntry;
using state::RunRecord;
using state::RunStatus;

constexpr std::string_view kLeaseName = "scheduler";
/// How long a run waits whose pipeline is at work in another process, unless that says that it has ended.
constexpr std::int64_t kBusyPauseUs = 1'000'000;
constexpr std::int64_t kTroublePauseUs = 1'000'000;
/// A pipeline that catches up has at most so many runs in the queue; the others follow.
constexpr std::size_t kQueuedMax = 32;
constexpr std::int64_t kHourUs = 3'600'000'000;

std::string NewHolder() {
  const state::LockOwner self = state::CurrentOwner("");
  return fmt::format("{}:{}:{}", self.host, self.pid, NewUuid().substr(0, 8));
}

/// Whether two definitions are due at the same instants. One whose times were edited starts afresh: instants of the
/// past that only the new ones name were never missed.
bool SameTimes(const Pipeline& one, const Pipeline& other) {
  const auto text = [](const Pipeline& pipeline) { return pipeline.timetable ? pipeline.timetable->Describe() : ""; };
  return text(one) == text(other);
}

class Scheduler {
 public:
  Scheduler(state::ScheduleStore& store, const SchedulerOptions& options, const RunFunction& run,
            SchedulerObserver& observer, Watcher watcher)
      : store_(store), options_(options), run_(run), observer_(observer), watcher_(std::move(watcher)), crew_([this] {
          watcher_.Poke();
        }) {}

  Status Run(const std::stop_token& stop);

 private:
  bool Lead();
  void Work();
  Status KeepLease();
  Status LoadDefinitions();
  Status EnterAll();
  Status EnqueueDue();
  Status EnqueueEvents();
  Status AdoptOrphans();
  Status StartQueued();
  bool MayStart(const RunRecord& run) const;
  Status StartOne(const RunRecord& run);
  Status CancelRuns();
  void FinishRuns();
  void Watch(const std::string& path);
  void WatchAnew();
  void Hear();
  void ForgetTimes();
  void Note(const Wakeup& wakeup);
  std::int64_t WaitUntil() const;
  void Lost(const Error& error);
  RunRecord NewRun(const Pipeline& pipeline, std::string_view trigger);
  Result<std::string> HashOf(const Pipeline& pipeline);
  internal::EventPlaces Places() const { return {options_.project_dir, options_.log_of}; }
  std::int64_t lease_us() const { return options_.lease_ms * 1000; }

  state::ScheduleStore& store_;
  const SchedulerOptions& options_;
  const RunFunction& run_;
  SchedulerObserver& observer_;
  const std::string holder_ = NewHolder();

  std::optional<Lease> lease_;
  std::int64_t renew_at_us_ = 0;
  std::string standing_by_for_;
  bool announced_ = false;  ///< that it leads
  bool draining_ = false;

  std::map<std::string, Pipeline> pipelines_;
  std::map<std::string, std::string> hashes_;  ///< of definitions that the store has, by pipeline
  std::map<std::string, std::map<std::string, std::string>> seen_;
  std::map<std::string, state::ScheduleRecord> schedules_;
  std::map<std::string, std::int64_t> busy_until_us_;  ///< pipelines that run elsewhere
  Agenda agenda_;
  std::vector<RunRecord> queue_;               ///< as the store has it, while queue_known_
  std::map<std::string, std::size_t> queued_;  ///< how many of each pipeline
  std::set<std::string> held_;                 ///< pipelines that catch up and have their fill of the queue

  bool definitions_known_ = false;
  bool queue_known_ = false;
  bool events_known_ = false;
  bool orphans_known_ = false;
  bool cancellations_known_ = false;
  std::int64_t retry_at_us_ = 0;  ///< after trouble; 0: no trouble

  std::unique_ptr<state::Signals> signals_;
  Watcher watcher_;
  RunCrew crew_;  // last: its threads use what stands above
};

void Scheduler::Lost(const Error& error) {
  if (error.code() == ErrorCode::kStateLocked) {
    lease_.reset();  // another leads; runs that are at work hold their own locks and go on
    return;
  }
  retry_at_us_ = NowMicros() + kTroublePauseUs;
  renew_at_us_ = std::max(renew_at_us_, retry_at_us_);
  observer_.Trouble(error);
}

/// Takes the lease if it can be had. Returns whether this scheduler leads.
bool Scheduler::Lead() {
  if (lease_) return true;
  auto taken = store_.TakeLease(kLeaseName, holder_, lease_us());
  if (!taken) {
    Lost(taken.error());
    return false;
  }
  if (!*taken) {
    const auto current = store_.FindLease(kLeaseName);
    renew_at_us_ = NowMicros() + lease_us();
    if (!current || !*current) return false;
    renew_at_us_ = std::min(renew_at_us_, std::max((*current)->expires_us, NowMicros()) + 1'000);
    if (std::exchange(standing_by_for_, (*current)->holder) != (*current)->holder) {
      observer_.StandingBy(standing_by_for_);
    }
    return false;
  }
  lease_ = std::move(*taken);
  renew_at_us_ = NowMicros() + lease_us() / 3;
  standing_by_for_.clear();
  definitions_known_ = queue_known_ = events_known_ = orphans_known_ = announced_ = false;
  pipelines_.clear();
  hashes_.clear();
  return true;
}

Status Scheduler::KeepLease() {
  if (NowMicros() < renew_at_us_) return {};
  SMELT_ASSIGN(const std::optional<Lease> renewed, store_.RenewLease(*lease_, lease_us()));
  if (!renewed) return Fail(ErrorCode::kStateLocked, "another scheduler has the lease");
  lease_ = renewed;
  renew_at_us_ = NowMicros() + lease_us() / 3;
  orphans_known_ = false;  // runs of a scheduler that was slow to die
  return {};
}

/// Reads what is new in the folder. A file that cannot be used leaves its last good definition in force.
Status Scheduler::LoadDefinitions() {
  if (definitions_known_) return {};
  WatchAnew();
  SMELT_ASSIGN(const std::vector<std::string> files, ListPipelineFiles(options_.folder));
  std::map<std::string, Pipeline> loaded;
  for (const std::string& file : files) {
    const std::string name = std::filesystem::path(file).stem().string();
    auto pipeline = LoadPipeline(file);
    if (const Status right = pipeline && options_.check ? options_.check(*pipeline) : Status(); !right) {
      pipeline = Fail(right.error());
    }
    const auto old = pipelines_.find(name);
    if (!pipeline) observer_.DefinitionRefused(pipeline.error());
    if (pipeline) {
      if (old != pipelines_.end() && !SameTimes(old->second, *pipeline)) SMELT_TRY(store_.SetCursor(name, NowMicros()));
      loaded.insert_or_assign(name, std::move(*pipeline));
    } else if (old != pipelines_.end()) {
      loaded.insert_or_assign(name, old->second);
    }
  }
  pipelines_ = std::move(loaded);
  hashes_.clear();
  SMELT_TRY(EnterAll());
  for (const auto& [name, pipeline] : pipelines_) {
    for (const Event& event : pipeline.events) {
      if (const auto folder = internal::FolderOf(event, Places())) Watch(*folder);
    }
  }
  definitions_known_ = true;
  return {};
}

Status Scheduler::EnterAll() {
  SMELT_ASSIGN(schedules_, store_.Schedules());
  agenda_.Clear();
  held_.clear();
  const std::int64_t now_us = NowMicros();
  return store_.runs().Together([&]() -> Status {
    for (const auto& [name, pipeline] : pipelines_) {
      state::ScheduleRecord& record = schedules_[name];
      if (record.paused) continue;
      const std::int64_t cursor_us = agenda_.Enter(pipeline, record.cursor_us, now_us);
      if (pipeline.timetable && cursor_us != record.cursor_us) SMELT_TRY(store_.SetCursor(name, cursor_us));
      record.cursor_us = cursor_us;
    }
    return {};
  });
}

void Scheduler::Watch(const std::string& path) {
  if (const Status watched = watcher_.Watch(path); !watched) observer_.Trouble(watched.error());
}

/// Begins to watch anew, before anything is read: what changes from now on is seen, what changed before is read.
void Scheduler::WatchAnew() {
  if (const Status cleared = watcher_.Clear(); !cleared) observer_.Trouble(cleared.error());
  Watch(options_.folder);
  queue_known_ = events_known_ = orphans_known_ = false;
}

Result<std::string> Scheduler::HashOf(const Pipeline& pipeline) {
  const auto known = hashes_.find(pipeline.name);
  if (known != hashes_.end()) return known->second;
  SMELT_ASSIGN(std::string hash, store_.SaveDefinition(pipeline.name, pipeline.file, pipeline.content));
  hashes_[pipeline.name] = hash;
  return hash;
}

RunRecord Scheduler::NewRun(const Pipeline& pipeline, std::string_view trigger) {
  RunRecord run;
  run.id = NewRunId();
  run.pipeline = pipeline.name;
  run.project = options_.project;
  run.status = RunStatus::kQueued;
  run.started_us = NowMicros();
  run.triggered_by = trigger;
  return run;
}

/// Queues a run for every instant that has come. What waits already of a pipeline that does not catch up gives way to
/// the newer instant.
Status Scheduler::EnqueueDue() {
  while (const auto due = agenda_.Take(NowMicros())) {
    const Pipeline& pipeline = pipelines_.at(due->pipeline);
    QueueEntry entry{.run = NewRun(pipeline, "schedule"), .cursor_us = due->at_us};
    entry.run.scheduled_us = due->at_us;
    const auto hash = HashOf(pipeline);
    const auto added = hash ? (entry.run.definition = *hash, store_.Enqueue(entry, &*lease_)) : Fail(hash.error());
    if (!added) {
      agenda_.Enter(pipeline, due->at_us - 1, NowMicros());  // it stays due
      return Fail(added.error());
    }
    schedules_[due->pipeline].cursor_us = due->at_us;
    if (!*added) continue;
    observer_.RunQueued(entry.run);
    queue_known_ = false;
    if (pipeline.catchup) {
      if (++queued_[due->pipeline] >= kQueuedMax && held_.insert(due->pipeline).second) agenda_.Remove(due->pipeline);
      continue;
    }
    for (const RunRecord& waiting : queue_) {
      const bool outdated = waiting.pipeline == due->pipeline && waiting.triggered_by == "schedule" &&
                            waiting.resumed_from.empty() && waiting.scheduled_us < due->at_us;
      if (outdated) SMELT_TRY(store_.Withdraw(waiting.id));
    }
  }
  return {};
}

Status Scheduler::EnqueueEvents() {
  if (std::exchange(events_known_, true)) return {};
  for (const auto& [name, pipeline] : pipelines_) {
    if (pipeline.events.empty() || schedules_[name].paused) continue;
    SMELT_ASSIGN(const auto seen, store_.Seen(name));
    QueueEntry entry{.run = NewRun(pipeline, "event")};
    bool happened = false;
    for (const Event& event : pipeline.events) {
      SMELT_ASSIGN(const std::string now, internal::LookAt(event, Places(), store_));
      const auto before = seen.find(event.Name());
      if (before != seen.end() && before->second == now) continue;
      entry.seen[event.Name()] = now;
      // What is there when the event is first looked for is where it starts from.
      happened = happened || (before != seen.end() && internal::Happened(event, before->second, now));
    }
    if (!happened) {
      for (const auto& [event, now] : entry.seen) SMELT_TRY(store_.SetSeen(name, event, now));
      continue;
    }
    SMELT_ASSIGN(entry.run.definition, HashOf(pipeline));
    SMELT_TRY(store_.Enqueue(entry, &*lease_));
    observer_.RunQueued(entry.run);
    queue_known_ = false;
  }
  return {};
}

/// Goes on with runs whose scheduler died or ended, each where it stood.
Status Scheduler::AdoptOrphans() {
  if (orphans_known_) return {};
  SMELT_ASSIGN(const std::vector<RunRecord> orphans, store_.Orphans());
  for (const RunRecord& orphan : orphans) {
    SMELT_ASSIGN(const bool adopted, store_.Adopt(orphan, NewRunId(), &*lease_));
    if (!adopted) continue;
    Log(LogLevel::kWarn, "scheduler.run.adopted", {{"run_id", orphan.id}, {"pipeline", orphan.pipeline}});
    queue_known_ = false;
  }
  orphans_known_ = true;
  return {};
}

bool Scheduler::MayStart(const RunRecord& run) const {
  if (crew_.Has(run.pipeline)) return false;
  const auto schedule = schedules_.find(run.pipeline);
  const bool by_itself = run.triggered_by == "schedule" || run.triggered_by == "event" || run.triggered_by == "http";
  if (by_itself && schedule != schedules_.end() && schedule->second.paused) return false;
  const auto busy = busy_until_us_.find(run.pipeline);
  return busy == busy_until_us_.end() || busy->second <= NowMicros();
}

Status Scheduler::StartQueued() {
  if (!queue_known_) {
    SMELT_ASSIGN(queue_, store_.Queued());
    queue_known_ = true;
    queued_.clear();
    for (const RunRecord& run : queue_) ++queued_[run.pipeline];
    std::erase_if(held_, [this](const std::string& name) {
      if (queued_[name] > kQueuedMax / 2) return false;
      if (const auto pipeline = pipelines_.find(name); pipeline != pipelines_.end() && !schedules_[name].paused) {
        agenda_.Enter(pipeline->second, schedules_[name].cursor_us, NowMicros());
      }
      return true;
    });
  }
  std::vector<RunRecord> waiting;
  for (RunRecord& run : queue_) {
    const bool starts = crew_.size() < static_cast<std::size_t>(options_.runs_max) && MayStart(run);
    if (starts) {
      SMELT_TRY(StartOne(run));
    } else {
      waiting.push_back(std::move(run));
    }
  }
  queue_ = std::move(waiting);
  return {};
}

/// Begins a run with the definition that was recorded for it.
Status Scheduler::StartOne(const RunRecord& run) {
  SMELT_ASSIGN(const auto definition, store_.FindDefinition(run.definition));
  Result<Pipeline> pipeline =
      definition ? ParsePipeline(definition->content, definition->file) : FindPipeline(options_.folder, run.pipeline);
  if (!pipeline) {
    observer_.RunEnded(run, Fail(pipeline.error()));
    return store_.runs().FinishRun(run.id, RunStatus::kFailed, pipeline.error().ToString());
  }
  RunOptions options;
  options.project = run.project;
  options.run_id = run.id;
  options.triggered_by = run.triggered_by;
  options.resume_from = run.resumed_from;
  options.scheduled_us = run.scheduled_us;
  options.definition = run.definition;
  options.vars = run.parameters;
  observer_.RunStarted(run);
  cancellations_known_ = false;
  return crew_.Start(run, [this, options, pipeline = std::move(*pipeline)](const RunCrew::Wishes& wishes) mutable {
    options.drain = wishes.drain;
    options.cancel = wishes.cancel;
    return run_(pipeline, options, wishes.stop);
  });
}

/// Stops the runs of its own that somebody wants to end.
Status Scheduler::CancelRuns() {
  if (cancellations_known_) return {};
  for (const std::string& run_id : crew_.RunIds()) {
    SMELT_ASSIGN(const auto by, store_.FindCancellation(run_id));
    if (by && crew_.Cancel(run_id)) Log(LogLevel::kInfo, "scheduler.run.cancelled", {{"run_id", run_id}, {"by", *by}});
  }
  cancellations_known_ = true;
  return {};
}

void Scheduler::FinishRuns() {
  for (const RunCrew::Ended& end : crew_.TakeEnded()) {
    queue_known_ = false;
    events_known_ = false;
    const bool may_begin_later = !end.report && (end.report.error().code() == ErrorCode::kStateLocked ||
                                                 end.report.error().code() == ErrorCode::kStateUnavailable);
    if (may_begin_later) {
      busy_until_us_[end.run.pipeline] = NowMicros() + kBusyPauseUs;
      continue;
    }
    busy_until_us_.erase(end.run.pipeline);
    observer_.RunEnded(end.run, end.report);
    if (end.report) continue;
    // It never began and never will.
    const Status closed = store_.runs().FinishRun(end.run.id, RunStatus::kFailed, end.report.error().ToString());
    if (!closed) Lost(closed.error());
  }
}

std::int64_t Scheduler::WaitUntil() const {
  std::int64_t until = lease_ || !draining_ ? renew_at_us_ : NowMicros() + kHourUs;
  if (retry_at_us_ > 0) until = std::min(until, retry_at_us_);
  if (!lease_ || draining_) return until;
  if (const auto due = agenda_.NextDue()) until = std::min(until, *due);
  for (const auto& [pipeline, at] : busy_until_us_) until = std::min(until, at);
  return until;
}

/// Looks at what the store signals: a run was queued or ended, a pipeline paused, a lease let go.
void Scheduler::Hear() {
  signals_->Take();
  if (options_.heard) options_.heard();
  queue_known_ = orphans_known_ = events_known_ = cancellations_known_ = false;
  busy_until_us_.clear();
  if (const auto schedules = store_.Schedules()) {
    for (const auto& [name, record] : *schedules) {
      if (schedules_[name].paused != record.paused) definitions_known_ = false;
    }
  }
  if (!lease_) renew_at_us_ = NowMicros();
}

void Scheduler::Note(const Wakeup& wakeup) {
  if (wakeup.clock_set) definitions_known_ = false;  // every cursor is looked at anew
  if (wakeup.signalled) Hear();
  for (const std::string& path : wakeup.changed) {
    if (path == options_.folder) {
      definitions_known_ = false;
    } else {
      events_known_ = false;
      Watch(path);
    }
  }
}

/// The clock was set: what was to be done at a time may be far away by now, or long past.
void Scheduler::ForgetTimes() {
  renew_at_us_ = NowMicros();
  busy_until_us_.clear();
}

/// One round of the leader: whatever is known to have changed is looked at.
void Scheduler::Work() {
  const auto step = [this](Status (Scheduler::*what)()) {
    if (!lease_ || retry_at_us_ > 0) return;
    if (const Status done = (this->*what)(); !done) Lost(done.error());
  };
  step(&Scheduler::KeepLease);
  if (draining_) return;
  step(&Scheduler::LoadDefinitions);
  step(&Scheduler::AdoptOrphans);
  step(&Scheduler::EnqueueDue);
  step(&Scheduler::EnqueueEvents);
  step(&Scheduler::StartQueued);
  if (lease_ && retry_at_us_ == 0 && !std::exchange(announced_, true)) observer_.Leading(pipelines_.size());
}

Status Scheduler::Run(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { watcher_.Poke(); });
  const std::stop_callback hurry(options_.at_once, [this] { watcher_.Poke(); });
  SMELT_ASSIGN(signals_, store_.runs().Listen());
  watcher_.Follow(signals_->descriptor());
  while (true) {
    FinishRuns();
    if (stop.stop_requested() && !std::exchange(draining_, true)) crew_.Drain();
    if (options_.at_once.stop_requested()) crew_.Stop();
    if (draining_ && crew_.size() == 0) break;
    retry_at_us_ = 0;
    if ((lease_ || !draining_) && Lead()) Work();
    // Runs of its own, also when another leads by now.
    if (retry_at_us_ == 0) {
      if (const Status done = CancelRuns(); !done) Lost(done.error());
    }
    SMELT_ASSIGN(const Wakeup wakeup, watcher_.Wait(WaitUntil()));
    if (wakeup.clock_set) ForgetTimes();
    Note(wakeup);
  }
  if (lease_) return store_.ReleaseLease(*lease_);
  return {};
}

}  // namespace

Status RunScheduler(state::ScheduleStore& store, const SchedulerOptions& options, const RunFunction& run,
                    SchedulerObserver& observer, std::stop_token stop) {
  SMELT_ASSIGN(Watcher watcher, Watcher::Make());
  return Scheduler(store, options, run, observer, std::move(watcher)).Run(stop);
}

}  // namespace smelt::pipeline
