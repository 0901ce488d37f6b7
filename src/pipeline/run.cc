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
#include "pipeline/internal/journal.h"
#include "pipeline/internal/names.h"
#include "pipeline/internal/resume.h"
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
Error GateError(const TaskDefinition& task, const TaskOutcome& outcome) {
  std::string first;
  std::size_t failed = 0;
  for (const StepResult& step : outcome.steps) {
    if (step.status != StepStatus::kFailed) continue;
    if (failed++ == 0) first = step.message.empty() ? step.name : fmt::format("{}: {}", step.name, step.message);
  }
  std::string message = fmt::format("the checks of the task '{}' failed", task.name);
  if (failed > 0) message += fmt::format(": {}", first);
  if (failed > 1) message += fmt::format(" (and {} more)", failed - 1);
  return Error(ErrorCode::kPipelineGate, std::move(message))
      .Hint("repair the data or the expectation, then run again; work that is done is not repeated");
}

Error Interrupted() {
  return Error(ErrorCode::kCancelled, "the run was interrupted")
      .Hint("run again to go on; work that is done is not repeated");
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

/// Whether a task looks at how the run stands, in its condition or in texts of its settings.
bool HasNames(const TaskDefinition& task) {
  return task.when || task.with.is_map();
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
        dispatcher_(pipeline, concurrency, MonotonicSeconds()) {
    for (const TaskDefinition& task : pipeline.tasks) {
      TaskReport& entry = report_.tasks.emplace_back();
      entry.name = task.name;
      entry.type = task.type;
    }
  }

  /// Records the tasks that the run does not repeat. Comes before Run.
  void ReuseTasks();

  void Run(std::stop_token stop, std::stop_token drain) {
    // The wish to drain wakes the loop as the end of a task does.
    const std::stop_callback wake(drain, [this] {
      const std::lock_guard guard(mutex_);
      drain_ = true;
      event_.notify_all();
    });
    std::vector<std::size_t> ended;
    while (true) {
      std::vector<Dispatcher::Launch> launches;
      journal_.Together([&] { Settle(ended, stop, launches); });
      // What begins was recorded first: a death of the process can only lose what did not begin.
      for (const Dispatcher::Launch& launch : launches) Start(launch);
      if (dispatcher_.done()) break;
      ended = AwaitEvents(stop);
    }
    // A stop that came too late to stop anything changes nothing.
    const auto succeeded = [](const TaskReport& task) { return state::Succeeded(task.status); };
    if ((stopped_ || drained_) && std::ranges::all_of(report_.tasks, succeeded)) report_.error.reset();
  }

 private:
  void Settle(const std::vector<std::size_t>& ended, const std::stop_token& stop,
              std::vector<Dispatcher::Launch>& launches);
  void Drain();
  bool Prepare(const Dispatcher::Launch& launch);
  void Announce(const Dispatcher::Launch& launch);
  void Start(const Dispatcher::Launch& launch);
  void Finish(std::size_t task);
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
  Dispatcher dispatcher_;
  std::map<std::size_t, ConfigNode> settings_;  ///< of tasks that are about to begin, as they are at this moment
  bool stopped_ = false;
  bool drained_ = false;

  std::mutex mutex_;
  bool drain_ = false;  ///< guarded by mutex_
  std::condition_variable_any event_;
  std::vector<std::size_t> ended_;  ///< attempts that are over and not yet looked at; guarded by mutex_

  std::map<std::size_t, std::unique_ptr<TaskAttempt>> attempts_;  // last: waits for their threads first
};

void Runner::ReuseTasks() {
  for (std::size_t i = 0; i < pipeline_.tasks.size(); ++i) {
    const auto& reused = plan_.reused[i];
    if (!reused) continue;
    TaskReport& report = report_.tasks[i];
    report.status = reused->status;
    report.reused_from = reused->reused_from;
    report.outcome = OutcomeFromJson(reused->outcome);
    if (reused->status == TaskStatus::kSkipped) report.skipped_because = reused->error;
    dispatcher_.Reuse(i, reused->status != TaskStatus::kSkipped);
    journal_.TaskFinished(report, plan_.fingerprints[i]);
  }
}

/// Draws the consequences of what happened: records what ended and what is skipped, and collects what begins.
void Runner::Settle(const std::vector<std::size_t>& ended, const std::stop_token& stop,
                    std::vector<Dispatcher::Launch>& launches) {
  // First the stop, so that tasks which it ended count as interrupted, not as failed.
  if (stop.stop_requested() && !stopped_) StopAll(Interrupted());
  for (const std::size_t task : ended) Finish(task);
  const double now = MonotonicSeconds();
  for (const std::size_t task : dispatcher_.TakeExpired(now)) attempts_.at(task)->Expire();
  if (dispatcher_.RunExpired(now) && !stopped_) {
    StopAll(TimeoutError("the run", pipeline_.timeout_ms, pipeline_.file));
  }
  Drain();
  ReportSkipped();
  while (const auto launch = dispatcher_.Next(MonotonicSeconds())) {
    if (Prepare(*launch)) {
      Announce(*launch);
      launches.push_back(*launch);
    }
    ReportSkipped();
  }
}

/// Looks at the condition of a task whose turn has come, and works out its settings. Returns whether it begins.
bool Runner::Prepare(const Dispatcher::Launch& launch) {
  const TaskDefinition& task = pipeline_.tasks[launch.task];
  const Json names =
      HasNames(task) ? internal::NamesOf(pipeline_, report_, plan_.vars, options_.scheduled_us, options_.triggered_by)
                     : Json::object();
  const auto holds = task.when && launch.attempt == 1 ? task.when->Evaluate(names) : Result<Json>(true);
  const auto settings = holds ? internal::RenderSettings(task.with, names) : Fail(holds.error());
  if (settings && IsTrue(*holds)) {
    settings_.insert_or_assign(launch.task, *settings);
    return true;
  }
  if (settings) {
    dispatcher_.Skip(launch.task);
    return false;
  }
  TaskReport& report = report_.tasks[launch.task];
  report.status = TaskStatus::kFailed;
  report.error = Error(settings.error()).At(task.place.file(), task.place.line(), task.place.column());
  dispatcher_.Ended(launch.task, AttemptEnd::kFailed, MonotonicSeconds());
  Settle(launch.task);
  return false;
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
  journal_.AttemptStarted(pipeline_.tasks[launch.task], plan_.fingerprints[launch.task], launch.attempt);
}

void Runner::Start(const Dispatcher::Launch& launch) {
  const TaskDefinition& task = pipeline_.tasks[launch.task];
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
                      .scheduled_us = options_.scheduled_us};
  attempts_[launch.task] = std::make_unique<TaskAttempt>(registry_.Find(task.type)->run, std::move(context), ended);
}

/// Waits until an attempt ends, something is due by time alone, or a stop is requested for the first time.
std::vector<std::size_t> Runner::AwaitEvents(std::stop_token stop) {
  using Clock = std::chrono::steady_clock;
  // A day is as good as forever here: the loop around simply waits again.
  constexpr double kWaitMax = 86'400;
  const double wait = std::clamp(dispatcher_.NextDue() - MonotonicSeconds(), 0.0, kWaitMax);
  const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(wait));
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return !ended_.empty() || (drain_ && !drained_); };
  // After the stop has been seen, its token would end every wait at once.
  event_.wait_until(lock, stopped_ ? std::stop_token() : stop, until, ready);
  return std::exchange(ended_, {});
}

void Runner::Finish(std::size_t task) {
  const std::unique_ptr<TaskAttempt> attempt = std::move(attempts_.extract(task).mapped());
  AttemptResult result = attempt->Take();
  TaskReport& report = report_.tasks[task];
  const AttemptEnd end = Judge(pipeline_.tasks[task], attempt->expired(), std::move(result), report);
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
    report.error = GateError(task, report.outcome);
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
    report.error = TimeoutError(fmt::format("the task '{}'", task.name), task.timeout_ms, pipeline_.file);
  }
  const bool may_pass =
      report.error->retryable() || (task.retries.all_errors && Describe(report.error->code()).exit_code == 3);
  return may_pass ? AttemptEnd::kFailedForNow : AttemptEnd::kFailed;
}

void Runner::Settle(std::size_t task) {
  const TaskReport& report = report_.tasks[task];
  if (report.error && !report_.error) report_.error = report.error;
  journal_.TaskFinished(report, plan_.fingerprints[task]);
}

void Runner::ReportSkipped() {
  for (const Dispatcher::Skipped& skip : dispatcher_.TakeSkipped()) {
    TaskReport& report = report_.tasks[skip.task];
    // A task that was waiting for another attempt has failed: it keeps its error.
    if (report.attempts == 0) report.skipped_because = skip.reason;
    Settle(skip.task);
  }
}

void Runner::StopAll(Error reason) {
  stopped_ = true;
  dispatcher_.Stop(reason.message());
  for (const auto& [task, attempt] : attempts_) attempt->Stop();
  report_.error = std::move(reason);
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
  return record;
}

}  // namespace

Result<RunReport> RunPipeline(const Pipeline& pipeline, const TaskRegistry& registry, state::RunStore& store,
                              const RunOptions& options, PipelineObserver& observer, std::stop_token stop) {
  SMELT_TRY(registry.Check(pipeline));
  if (options.resume_from.empty() && !options.resume) SMELT_TRY(BindParams(pipeline.params, options.vars));
  RunReport report;
  report.run_id = options.run_id.empty() ? NewRunId() : options.run_id;
  report.pipeline = pipeline.name;
  report.started_us = NowMicros();
  SMELT_ASSIGN(const state::PipelineLock lock, store.LockPipeline(pipeline.name, report.run_id));
  SMELT_TRY(store.BuryDeadRuns(pipeline.name));
  SMELT_ASSIGN(const internal::RunPlan plan, internal::PlanRun(pipeline, store, options));
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
    const std::stop_callback by_loss(lock.lost(), [&either] { either.request_stop(); });
    runner.Run(either.get_token(), options.drain);
  }
  report.seconds = MonotonicSeconds() - began;
  // Whatever the tasks said then follows from this, and so does the success of those that ended before.
  if (Status held = lock.Check(); !held) report.error = std::move(held).error();
  if (report.error) {
    report.status = report.error->code() == ErrorCode::kCancelled ? RunStatus::kInterrupted : RunStatus::kFailed;
  }
  journal.RunFinished(report);
  report.record_error = journal.store_error();
  observer.RunFinished(report);
  return report;
}

}  // namespace smelt::pipeline
