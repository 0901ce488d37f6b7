#include "pipeline/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "pipeline/internal/dispatcher.h"
#include "pipeline/internal/items.h"
#include "pipeline/internal/journal.h"
#include "pipeline/internal/names.h"
#include "pipeline/internal/resume.h"
#include "pipeline/internal/sla_watch.h"
#include "pipeline/internal/task_attempt.h"

namespace smelt::pipeline {
namespace {

using internal::AttemptEnd;
using internal::AttemptResult;
using internal::Dispatcher;
using internal::Journal;
using internal::TaskAttempt;
using state::RunStatus;
using state::TaskStatus;

TaskStatus StatusOf(StepStatus status) {
  switch (status) {
    case StepStatus::kDone: return TaskStatus::kDone;
    case StepStatus::kNothing: return TaskStatus::kNothing;
    case StepStatus::kWarned: return TaskStatus::kWarned;
    case StepStatus::kFailed: return TaskStatus::kFailed;
    case StepStatus::kSkipped: return TaskStatus::kSkipped;
  }
  return TaskStatus::kFailed;
}

/// The error of a task whose data failed a check, from the first failed step.
Error GateError(const std::string& task, const TaskOutcome& outcome) {
  std::string first;
  std::size_t failed = 0;
  for (const StepResult& step : outcome.steps) {
    if (step.status != StepStatus::kFailed) continue;
    if (failed++ == 0) first = step.message.empty() ? step.name : fmt::format("{}: {}", step.name, step.message);
  }
  std::string message = fmt::format("the checks of the task '{}' failed", task);
  if (failed > 0) message += fmt::format(": {}", first);
  if (failed > 1) message += fmt::format(" (and {} more)", failed - 1);
  return Error(ErrorCode::kPipelineGate, std::move(message))
      .Hint("repair the data or the expectation, then run again; work that is done is not repeated");
}

Error Interrupted() {
  return Error(ErrorCode::kCancelled, "the run was interrupted")
      .Hint("run again to go on; work that is done is not repeated");
}

Error Cancelled() {
  return Error(ErrorCode::kCancelled, "the run was cancelled").Hint("`smelt pipeline run --resume` goes on with it");
}

Error TimeoutError(const std::string& what, std::int64_t timeout_ms, const std::string& file) {
  return Error(ErrorCode::kPipelineTimeout, fmt::format("{} took longer than the {} s of its timeout", what,
                                                        static_cast<double>(timeout_ms) / 1000.0))
      .Hint(fmt::format("raise 'timeout' in {}, or run again to go on", file));
}

/// The sum of a count over the steps to which it applies; -1 when it applies to none.
std::int64_t Total(const std::vector<StepResult>& steps, std::int64_t StepResult::*count) {
  std::int64_t total = -1;
  for (const StepResult& step : steps) {
    if (step.*count >= 0) total = std::max<std::int64_t>(total, 0) + step.*count;
  }
  return total;
}

void FillTotals(TaskOutcome& outcome) {
  if (outcome.rows_in < 0) outcome.rows_in = Total(outcome.steps, &StepResult::rows_in);
  if (outcome.rows_out < 0) outcome.rows_out = Total(outcome.steps, &StepResult::rows_out);
  if (outcome.rows_quarantined < 0) outcome.rows_quarantined = Total(outcome.steps, &StepResult::rows_quarantined);
}

/// The tasks of one run at work. Everything but the attempts themselves happens on the thread that calls Run.
class Runner {
 public:
  Runner(const Pipeline& pipeline, const TaskRegistry& registry, const internal::RunPlan& plan, Journal& journal,
         PipelineObserver& observer, RunReport& report, const RunOptions& options, int concurrency)
      : pipeline_(pipeline),
        registry_(registry),
        plan_(plan),
        journal_(journal),
        observer_(observer),
        report_(report),
        options_(options),
        fingerprints_(plan.fingerprints),
        dispatcher_(pipeline, concurrency, MonotonicSeconds()),
        slas_(pipeline, report.started_us, options) {
    for (const TaskDefinition& task : pipeline.tasks) {
      definitions_.push_back(&task);
      used_names_.push_back(internal::UsedNames(task));
      TaskReport& entry = report_.tasks.emplace_back();
      entry.name = task.name;
      entry.type = task.type;
    }
    const auto names_pool = [](const TaskDefinition& task) { return !task.pool.empty(); };
    if (options.pools != nullptr && std::ranges::any_of(pipeline.tasks, names_pool)) {
      line_.emplace(*options.pools, report.run_id, [this] { Wake(slots_free_); });
    }
  }

  /// Records the tasks that the run does not repeat. Comes before Run.
  void ReuseTasks();

  void Run(std::stop_token stop, std::stop_token drain) {
    // The wish to drain wakes the loop as the end of a task does.
    const std::stop_callback wake(drain, [this] { Wake(drain_); });
    std::vector<std::size_t> ended;
    while (true) {
      std::vector<Dispatcher::Launch> launches;
      journal_.Together([&] { Settle(ended, stop, launches); });
      // What begins was recorded first: a death of the process can only lose what did not begin.
      for (const Dispatcher::Launch& launch : launches) Start(launch);
      if (line_ && line_->Settle()) Wake(slots_free_);
      if (dispatcher_.done()) break;
      ended = AwaitEvents(stop);
    }
    // A stop that came too late to stop anything changes nothing.
    const auto succeeded = [](const TaskReport& task) { return state::Succeeded(task.status); };
    if ((stopped_ || drained_) && std::ranges::all_of(report_.tasks, succeeded)) report_.error.reset();
  }

 private:
  /// Some tasks stand for an item of another, in front of which they were not.
  struct Fan {
    std::size_t first = 0;  ///< the number of the task for the first item
    std::size_t count = 0;
    std::size_t open = 0;  ///< how many of them are not settled
    double began = 0;
  };

  void Reuse(std::size_t task, const state::TaskRecord& record);
  void Wake(bool& flag);
  void Settle(const std::vector<std::size_t>& ended, const std::stop_token& stop,
              std::vector<Dispatcher::Launch>& launches);
  void Drain();
  void Launch(std::vector<Dispatcher::Launch>& launches);
  bool Admit(std::size_t task);
  void CheckSlas();
  bool Prepare(const Dispatcher::Launch& launch);
  Status WorkOut(std::size_t task, const Json& names);
  void Announce(const Dispatcher::Launch& launch);
  void Start(const Dispatcher::Launch& launch);
  void Finish(std::size_t task);
  void FanOut(std::size_t task);
  void AddItem(std::size_t task, std::size_t index, Json item);
  void FanIn(std::size_t task);
  void Settle(std::size_t task);
  void ReportSkipped();
  void StopAll(Error reason);
  std::vector<std::size_t> AwaitEvents(std::stop_token stop);
  AttemptEnd Judge(const TaskDefinition& task, bool expired, AttemptResult result, TaskReport& report) const;

  const Pipeline& pipeline_;
  const TaskRegistry& registry_;
  const internal::RunPlan& plan_;
  Journal& journal_;
  PipelineObserver& observer_;
  RunReport& report_;
  const RunOptions& options_;
  // By number of the task; behind those of the pipeline come those that stand for items.
  std::vector<const TaskDefinition*> definitions_;
  std::vector<std::vector<std::string>> used_names_;  ///< of the pipeline's tasks
  std::vector<std::string> fingerprints_;
  std::map<std::size_t, std::size_t> fan_of_;  ///< the task in whose fan a task is
  std::map<std::size_t, Fan> fans_;
  Dispatcher dispatcher_;
  internal::SlaWatch slas_;
  std::map<std::size_t, ConfigNode> settings_;    ///< of tasks that are about to begin, as they are at this moment
  std::map<std::size_t, TaskFunction> searches_;  ///< for the items of tasks
  std::map<std::size_t, Pools::Grant> grants_;
  std::vector<std::string> refused_;  ///< pools before which a task waits
  std::optional<Error> pool_error_;   ///< why the task that was admitted last cannot begin
  bool stopped_ = false;
  bool drained_ = false;

  std::mutex mutex_;
  bool drain_ = false;       ///< guarded by mutex_
  bool slots_free_ = false;  ///< of a pool; guarded by mutex_
  std::condition_variable_any event_;
  std::vector<std::size_t> ended_;  ///< attempts that are over and not yet looked at; guarded by mutex_

  std::optional<Pools::Line> line_;
  std::map<std::size_t, std::unique_ptr<TaskAttempt>> attempts_;  // last: waits for their threads first
};

void Runner::Wake(bool& flag) {
  const std::lock_guard guard(mutex_);
  flag = true;
  event_.notify_all();
}

void Runner::ReuseTasks() {
  for (std::size_t i = 0; i < pipeline_.tasks.size(); ++i) {
    if (plan_.reused[i]) Reuse(i, *plan_.reused[i]);
  }
}

void Runner::Reuse(std::size_t task, const state::TaskRecord& record) {
  TaskReport& report = report_.tasks[task];
  report.status = record.status;
  report.reused_from = record.reused_from.empty() ? plan_.resumed_from : record.reused_from;
  report.outcome = OutcomeFromJson(record.outcome);
  if (record.status == TaskStatus::kSkipped) report.skipped_because = record.error;
  dispatcher_.Reuse(task, record.status != TaskStatus::kSkipped);
  slas_.Settle(task);
  journal_.TaskFinished(report, fingerprints_[task]);
}

/// Draws the consequences of what happened: records what ended and what is skipped, and collects what begins.
void Runner::Settle(const std::vector<std::size_t>& ended, const std::stop_token& stop,
                    std::vector<Dispatcher::Launch>& launches) {
  // First the stop, so that tasks which it ended count as interrupted, not as failed.
  if (stop.stop_requested() && !stopped_) {
    StopAll(options_.cancel.stop_requested() ? Cancelled() : Interrupted());
  }
  for (const std::size_t task : ended) Finish(task);
  const double now = MonotonicSeconds();
  for (const std::size_t task : dispatcher_.TakeExpired(now)) attempts_.at(task)->Expire();
  if (dispatcher_.RunExpired(now) && !stopped_) {
    StopAll(TimeoutError("the run", pipeline_.timeout_ms, pipeline_.file));
  }
  Drain();
  ReportSkipped();
  Launch(launches);
  CheckSlas();
}

/// Collects what may begin now.
void Runner::Launch(std::vector<Dispatcher::Launch>& launches) {
  refused_.clear();
  const auto admits = [this](std::size_t task) { return Admit(task); };
  while (const auto launch = dispatcher_.Next(MonotonicSeconds(), admits)) {
    if (Prepare(*launch)) {
      Announce(*launch);
      launches.push_back(*launch);
    } else {
      grants_.erase(launch->task);
    }
    ReportSkipped();
  }
  if (line_) line_->KeepOnly(refused_);
}

/// Takes the slots that a task needs of its pool, if they can be had.
bool Runner::Admit(std::size_t task) {
  const TaskDefinition& definition = *definitions_[task];
  // What has a pool's slots is the work for items, not the search for them.
  const bool searches = definition.for_each && !fan_of_.contains(task);
  if (definition.pool.empty() || !line_ || searches) return true;
  auto taken = line_->Take(report_.tasks[task].name, definition.pool, definition.pool_slots, definition.priority);
  if (!taken) pool_error_ = taken.error();  // then it fails as soon as it is prepared
  if (taken && *taken) grants_.emplace(task, std::move(**taken));
  if (!taken || grants_.contains(task)) return true;
  refused_.push_back(definition.pool);
  return false;
}

void Runner::CheckSlas() {
  for (const SlaMiss& miss : slas_.TakeMissed(NowMicros())) {
    report_.sla_misses.push_back(miss);
    journal_.SlaMissed(miss);
  }
}

/// Looks at the condition of a task whose turn has come, and works out its settings. Returns whether it begins.
bool Runner::Prepare(const Dispatcher::Launch& launch) {
  const TaskDefinition& task = *definitions_[launch.task];
  const auto fan = fan_of_.find(launch.task);
  const auto& used = used_names_[fan == fan_of_.end() ? launch.task : fan->second];
  Json names = Json::object();
  if (!used.empty()) {
    names = internal::NamesOf(used, report_, plan_.vars, options_.known, options_.scheduled_us, options_.triggered_by);
    if (fan != fan_of_.end()) names["item"] = report_.tasks[launch.task].item;
  }
  const bool looks = task.when && launch.attempt == 1 && fan == fan_of_.end();
  const auto holds = looks ? task.when->Evaluate(names) : Result<Json>(true);
  if (holds && !IsTrue(*holds)) {
    dispatcher_.Skip(launch.task);
    return false;
  }
  const Status known = holds ? WorkOut(launch.task, names) : Fail(holds.error());
  if (known) return true;
  TaskReport& report = report_.tasks[launch.task];
  report.status = TaskStatus::kFailed;
  report.error = known.error();
  if (report.error->line() == 0) {
    report.error = Error(*report.error).At(task.place.file(), task.place.line(), task.place.column());
  }
  dispatcher_.Ended(launch.task, AttemptEnd::kFailed, MonotonicSeconds());
  Settle(launch.task);
  return false;
}

/// Works out what a task that is about to begin is to do.
Status Runner::WorkOut(std::size_t task, const Json& names) {
  if (pool_error_) return Fail(*std::exchange(pool_error_, std::nullopt));
  const TaskDefinition& definition = *definitions_[task];
  if (definition.for_each && !fan_of_.contains(task)) {
    SMELT_ASSIGN(searches_[task], internal::FindItems(*definition.for_each, names, options_.query));
    settings_.insert_or_assign(task, definition.with);
    return {};
  }
  SMELT_ASSIGN(ConfigNode settings, internal::RenderSettings(definition.with, names));
  settings_.insert_or_assign(task, std::move(settings));
  return {};
}

/// Lets nothing begin any more if that was asked for; what runs goes on.
void Runner::Drain() {
  {
    const std::lock_guard guard(mutex_);
    if (!drain_ || drained_ || stopped_) return;
  }
  drained_ = true;
  Error reason = Interrupted();
  dispatcher_.Stop(reason.message());
  report_.error = std::move(reason);
}

void Runner::Announce(const Dispatcher::Launch& launch) {
  TaskReport& report = report_.tasks[launch.task];
  report.attempts = launch.attempt;
  report.status = TaskStatus::kRunning;
  journal_.AttemptStarted(report, fingerprints_[launch.task]);
}

void Runner::Start(const Dispatcher::Launch& launch) {
  const TaskReport& task = report_.tasks[launch.task];
  const auto ended = [this, index = launch.task] {
    const std::lock_guard guard(mutex_);
    ended_.push_back(index);
    event_.notify_all();
  };
  TaskContext context{.run_id = report_.run_id,
                      .task = task.name,
                      .attempt = launch.attempt,
                      .with = std::move(settings_.extract(launch.task).mapped()),
                      .vars = plan_.vars,
                      .observer = observer_.StepsOf(task.name),
                      .stop = {},
                      .scheduled_us = options_.scheduled_us,
                      .item = task.item,
                      .origin = plan_.origin};
  const auto search = searches_.find(launch.task);
  const TaskFunction& work = search == searches_.end() ? registry_.Find(task.type)->run : search->second;
  attempts_[launch.task] = std::make_unique<TaskAttempt>(work, std::move(context), ended);
}

/// Waits until an attempt ends, something is due by time alone, or a stop is requested for the first time.
std::vector<std::size_t> Runner::AwaitEvents(std::stop_token stop) {
  using Clock = std::chrono::steady_clock;
  // A day is as good as forever here: the loop around simply waits again.
  constexpr double kWaitMax = 86'400;
  const double until_sla = slas_.SecondsLeft(NowMicros());
  // Another process may die without giving slots of a pool back.
  const double until_look = line_ && line_->waits_for_others() ? 1.0 : kWaitMax;
  const double until_due = dispatcher_.NextDue() - MonotonicSeconds();
  const double wait = std::clamp(std::min({until_due, until_sla, until_look}), 0.0, kWaitMax);
  const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(wait));
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return !ended_.empty() || slots_free_ || (drain_ && !drained_); };
  // After the stop has been seen, its token would end every wait at once.
  event_.wait_until(lock, stopped_ ? std::stop_token() : stop, until, ready);
  slots_free_ = false;
  return std::exchange(ended_, {});
}

void Runner::Finish(std::size_t task) {
  const std::unique_ptr<TaskAttempt> attempt = std::move(attempts_.extract(task).mapped());
  AttemptResult result = attempt->Take();
  grants_.erase(task);
  TaskReport& report = report_.tasks[task];
  const AttemptEnd end = Judge(*definitions_[task], attempt->expired(), std::move(result), report);
  if (end == AttemptEnd::kSucceeded && searches_.erase(task) > 0) return FanOut(task);
  const std::optional<std::int64_t> delay_ms = dispatcher_.Ended(task, end, MonotonicSeconds());
  if (delay_ms) {
    journal_.AttemptFailed(report, report.attempts + 1, *delay_ms);
  } else {
    Settle(task);
  }
}

/// Fills the report with the result of an attempt and says what it means for the task.
AttemptEnd Runner::Judge(const TaskDefinition& task, bool expired, AttemptResult result, TaskReport& report) const {
  report.seconds = result.seconds;
  report.outcome = std::move(result.outcome);
  report.error = std::move(result.error);
  FillTotals(report.outcome);
  if (!report.error) {
    if (report.outcome.status == StepStatus::kFailed && !task.gate) report.outcome.status = StepStatus::kWarned;
    report.status = StatusOf(report.outcome.status);
    if (report.status != TaskStatus::kFailed) return AttemptEnd::kSucceeded;
    report.error = GateError(report.name, report.outcome);
    return AttemptEnd::kFailed;
  }
  report.status = TaskStatus::kFailed;
  report.outcome.status = StepStatus::kFailed;
  const bool cancelled = report.error->code() == ErrorCode::kCancelled;
  if (stopped_ && cancelled) {
    report.status = TaskStatus::kInterrupted;
    return AttemptEnd::kFailed;
  }
  if (expired) {
    report.error = TimeoutError(fmt::format("the task '{}'", report.name), task.timeout_ms, pipeline_.file);
  }
  const bool may_pass =
      report.error->retryable() || (task.retries.all_errors && Describe(report.error->code()).exit_code == 3);
  return may_pass ? AttemptEnd::kFailedForNow : AttemptEnd::kFailed;
}

/// The items of a task are known: each gets a task of its own, but for those whose work is done.
void Runner::FanOut(std::size_t task) {
  Json items = internal::TakeItems(report_.tasks[task].outcome);
  if (stopped_ || drained_ || items.empty()) {
    TaskReport& report = report_.tasks[task];
    report.status = items.empty() ? TaskStatus::kNothing : TaskStatus::kInterrupted;
    if (!items.empty()) report.error = report_.error;
    dispatcher_.Ended(task, items.empty() ? AttemptEnd::kSucceeded : AttemptEnd::kFailed, MonotonicSeconds());
    return Settle(task);
  }
  report_.tasks[task].status = TaskStatus::kRunning;
  Fan& fan = fans_[task];
  fan = {.first = dispatcher_.Expand(task, items.size()),
         .count = items.size(),
         .open = items.size(),
         .began = MonotonicSeconds() - report_.tasks[task].seconds};
  for (std::size_t i = 0; i < fan.count; ++i) AddItem(task, i, std::move(items[i]));
  for (std::size_t part = fan.first; part < fan.first + fan.count; ++part) {
    const auto done = plan_.items.find(fingerprints_[part]);
    if (done == plan_.items.end()) continue;
    Reuse(part, done->second);
    --fan.open;
  }
  if (fan.open == 0) FanIn(task);
}

void Runner::AddItem(std::size_t task, std::size_t index, Json item) {
  definitions_.push_back(definitions_[task]);
  fingerprints_.push_back(internal::ItemFingerprint(plan_.fingerprints[task], item));
  fan_of_[report_.tasks.size()] = task;
  TaskReport part;
  part.name = internal::ItemName(report_.tasks[task].name, index);
  part.type = report_.tasks[task].type;
  part.item_of = report_.tasks[task].name;
  part.item = std::move(item);
  report_.tasks.push_back(std::move(part));
}

/// All items of a task are settled, and so is the task.
void Runner::FanIn(std::size_t task) {
  const Fan& fan = fans_.at(task);
  std::vector<const TaskReport*> parts;
  for (std::size_t part = fan.first; part < fan.first + fan.count; ++part) parts.push_back(&report_.tasks[part]);
  TaskReport& report = report_.tasks[task];
  internal::SumItems(parts, report);
  report.seconds = MonotonicSeconds() - fan.began;
  dispatcher_.Conclude(task, state::Succeeded(report.status));
  Settle(task);
}

void Runner::Settle(std::size_t task) {
  const TaskReport& report = report_.tasks[task];
  if (report.error && !report_.error) report_.error = report.error;
  slas_.Settle(task);
  journal_.TaskFinished(report, fingerprints_[task]);
  const auto fan = fan_of_.find(task);
  if (fan != fan_of_.end() && --fans_.at(fan->second).open == 0) FanIn(fan->second);
}

void Runner::ReportSkipped() {
  // What is skipped may be the last of its task's items, and that may rule out others.
  for (auto skipped = dispatcher_.TakeSkipped(); !skipped.empty(); skipped = dispatcher_.TakeSkipped()) {
    for (const Dispatcher::Skipped& skip : skipped) {
      TaskReport& report = report_.tasks[skip.task];
      // A task that was waiting for another attempt has failed: it keeps its error.
      if (report.attempts == 0) report.skipped_because = skip.reason;
      Settle(skip.task);
    }
  }
}

void Runner::StopAll(Error reason) {
  stopped_ = true;
  dispatcher_.Stop(reason.message());
  for (const auto& [task, attempt] : attempts_) attempt->Stop();
  report_.error = std::move(reason);
}

RunStatus StatusOf(const std::optional<Error>& error, const RunOptions& options) {
  if (!error) return RunStatus::kSucceeded;
  if (error->code() != ErrorCode::kCancelled) return RunStatus::kFailed;
  return options.cancel.stop_requested() ? RunStatus::kCancelled : RunStatus::kInterrupted;
}

state::RunRecord RecordOf(const RunReport& report, const internal::RunPlan& plan, const RunOptions& options) {
  const state::LockOwner owner = state::CurrentOwner(report.run_id);
  state::RunRecord record;
  record.id = report.run_id;
  record.pipeline = report.pipeline;
  record.project = options.project;
  record.started_us = report.started_us;
  record.triggered_by = options.triggered_by;
  record.parameters = plan.parameters;
  record.resumed_from = plan.resumed_from;
  record.host = owner.host;
  record.pid = owner.pid;
  record.scheduled_us = options.scheduled_us;
  record.definition = options.definition;
  record.parent = options.parent;
  return record;
}

}  // namespace

Result<RunReport> RunPipeline(const Pipeline& pipeline, const TaskRegistry& registry, state::RunStore& store,
                              const RunOptions& options, PipelineObserver& observer, std::stop_token stop) {
  SMELT_TRY(registry.Check(pipeline));
  SMELT_TRY(CheckPools(pipeline, options.pools));
  if (options.resume_from.empty() && !options.resume) SMELT_TRY(BindParams(pipeline.params, options.vars));
  RunReport report;
  report.run_id = options.run_id.empty() ? NewRunId() : options.run_id;
  report.pipeline = pipeline.name;
  report.started_us = NowMicros();
  SMELT_ASSIGN(const state::PipelineLock lock, store.LockPipeline(pipeline.name, report.run_id));
  SMELT_TRY(store.BuryDeadRuns(pipeline.name));
  SMELT_ASSIGN(internal::RunPlan plan, internal::PlanRun(pipeline, store, options));
  if (plan.origin.empty()) plan.origin = report.run_id;
  report.resumed_from = plan.resumed_from;

  Journal journal(store, observer);
  const double began = MonotonicSeconds();
  {
    const int concurrency = options.concurrency > 0 ? options.concurrency : pipeline.concurrency;
    Runner runner(pipeline, registry, plan, journal, observer, report, options, concurrency);
    SMELT_TRY(journal.RunStarted(RecordOf(report, plan, options), pipeline, [&runner] { runner.ReuseTasks(); }));
    // Who has lost the lock stops as well: another is at the same work.
    std::stop_source either;
    const std::stop_callback by_request(stop, [&either] { either.request_stop(); });
    const std::stop_callback by_cancel(options.cancel, [&either] { either.request_stop(); });
    const std::stop_callback by_loss(lock.lost(), [&either] { either.request_stop(); });
    runner.Run(either.get_token(), options.drain);
  }
  report.seconds = MonotonicSeconds() - began;
  // Whatever the tasks said then follows from this, and so does the success of those that ended before.
  if (Status held = lock.Check(); !held) report.error = std::move(held).error();
  report.status = StatusOf(report.error, options);
  journal.RunFinished(report);
  report.record_error = journal.store_error();
  observer.RunFinished(report);
  return report;
}

namespace {

/// The newest record of a task in the runs of a pipeline by that name, of those that were due then if an instant is
/// named.
Result<std::optional<state::TaskRecord>> NewestRecord(state::RunStore& store, const std::string& pipeline,
                                                      const std::string& task, std::int64_t scheduled_us) {
  constexpr std::int64_t kRunsMax = 200;
  SMELT_ASSIGN(const auto runs, store.ListRuns({.pipeline = pipeline, .limit = kRunsMax}));
  for (const state::RunRecord& run : runs) {
    if (scheduled_us > 0 && run.scheduled_us != scheduled_us) continue;
    SMELT_ASSIGN(std::vector<state::TaskRecord> records, store.Tasks(run.id));
    const auto last = std::ranges::find(records.rbegin(), records.rend(), task, &state::TaskRecord::name);
    if (last != records.rend()) return std::optional(std::move(*last));
  }
  return std::nullopt;
}

}  // namespace

Result<Json> OutcomesOf(const Pipeline& pipeline, state::RunStore& store, std::int64_t scheduled_us) {
  Json outcomes = Json::object();
  for (const TaskDefinition& task : pipeline.tasks) {
    SMELT_ASSIGN(auto record,
                 NewestRecord(store, fmt::format("{}.{}", pipeline.name, task.name), task.name, scheduled_us));
    if (!record) {
      SMELT_ASSIGN(record, NewestRecord(store, pipeline.name, task.name, scheduled_us));
    }
    if (!record) continue;
    outcomes[task.name] =
        internal::NamesOfTask(state::TaskStatusText(record->status), OutcomeFromJson(record->outcome));
  }
  return outcomes;
}

Json NamesOfRun(const Pipeline& pipeline, const state::RunRecord& run,
                const std::map<std::string, state::TaskRecord>& tasks) {
  Json vars = pipeline.vars;
  for (const Param& param : pipeline.params) vars[param.name] = param.fallback;
  vars.update(run.parameters);
  Json known = Json::object();
  for (const auto& [name, record] : tasks) {
    if (record.status == TaskStatus::kRunning) continue;
    known[name] = internal::NamesOfTask(state::TaskStatusText(record.status), OutcomeFromJson(record.outcome));
  }
  RunReport report;
  report.run_id = run.id;
  report.pipeline = run.pipeline;
  report.started_us = run.started_us;
  return internal::NamesOf({}, report, vars, known, run.scheduled_us, run.triggered_by);
}

}  // namespace smelt::pipeline
