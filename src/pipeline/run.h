#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/progress.h"
#include "pipeline/definition.h"
#include "pipeline/pools.h"
#include "pipeline/report.h"
#include "pipeline/task.h"
#include "state/run_store.h"

namespace smelt::pipeline {

/// Watches a run of a pipeline. Implementations are thread-safe: tasks and their steps run side by side.
class PipelineObserver : public RunObserver {
 public:
  /// Before the first task. `resumed_from` is empty for a fresh run.
  virtual void RunStarted(std::string_view run_id, const Pipeline& pipeline, std::string_view resumed_from) = 0;
  virtual void TaskStarted(std::string_view task, std::string_view type, int attempt) = 0;
  /// An attempt failed; the task's next one begins after `delay_ms`.
  virtual void TaskRetrying(std::string_view task, int next_attempt, std::int64_t delay_ms, const Error& error) = 0;
  /// Once for every task of the pipeline, those skipped or reused included.
  virtual void TaskFinished(const TaskReport& report) = 0;
  virtual void RunFinished(const RunReport& report) = 0;
  /// A task, or with an empty name the run, has not ended by the time of its SLA. It goes on.
  virtual void SlaMissed(std::string_view task, std::int64_t due_us) {
    static_cast<void>(task);
    static_cast<void>(due_us);
  }
  /// Where the steps of a running task report: by default, here. Must live as long as the observer.
  virtual RunObserver& StepsOf(std::string_view task) {
    static_cast<void>(task);
    return *this;
  }
};

/// Asks the lake: the rows as a JSON list, of values where there is one column, else of objects. Thread-safe.
using QueryFunction = std::function<Result<Json>(const std::string& sql, std::stop_token stop)>;

struct RunOptions {
  std::string project{};
  std::string run_id{};  ///< empty: a new one
  std::string triggered_by = "manual";
  std::string parent{};  ///< "run/task" whose part it is, or empty
  /// Go on with the last run of the pipeline if it did not succeed: tasks that it finished, whose definition and
  /// variables are the same and that need no repeated task, are not run again.
  bool resume = false;
  std::string resume_from{};               ///< the same with a run of one's choice; its parameters are taken over
  std::vector<std::string> repeat_from{};  ///< when resuming: these tasks and all downstream of them run again
  std::int64_t scheduled_us = 0;           ///< the instant at which the run was due, for tasks and records; 0: none
  std::string definition{};                ///< the hash under which the store keeps the definition
  std::stop_token drain{};      ///< when requested, no task begins any more; those that run are awaited, not stopped
  std::stop_token cancel{};     ///< when requested, running tasks are stopped, and nobody is to go on with the run
  int concurrency = 0;          ///< 0: as the pipeline says
  Pools* pools = nullptr;       ///< outlives the run; without them no task may name one
  QueryFunction query{};        ///< for tasks that are done for each row of a query
  Json known = Json::object();  ///< what expressions find under `tasks` of tasks that are not of this pipeline
  Json vars = Json::object();   ///< on top of the pipeline's own and, when resuming, those of the last run
};

/// Runs a pipeline: tasks in the order of their needs, side by side where they are independent, failures tried again
/// as their definition says. A task that fails for good stops what is downstream of it and nothing else. Everything is
/// recorded in `store` as it happens, so that the death of the process at any moment leaves a truthful record.
///
/// When `stop` is requested, running tasks are stopped and awaited, and the report has status kInterrupted and the
/// error kCancelled; so with `options.drain`, whose running tasks come to their own end, and with `options.cancel`,
/// but the status is kCancelled then. A run that began always gives
/// a report, whatever became of it; an Error means that nothing was run. Errors: kStateLocked (the pipeline is running
/// already), those of TaskRegistry::Check, CheckPools and of RunStore.
Result<RunReport> RunPipeline(const Pipeline& pipeline, const TaskRegistry& registry, state::RunStore& store,
                              const RunOptions& options, PipelineObserver& observer, std::stop_token stop);

/// What is known of the tasks of a pipeline that were run one by one (SelectTask), or in its runs: under their names,
/// as expressions see them. With an instant only runs that were due then count; the newest of each task does.
/// Errors: those of RunStore.
Result<Json> OutcomesOf(const Pipeline& pipeline, state::RunStore& store, std::int64_t scheduled_us);

/// What expressions see in a run as it is recorded, with the last record of each of its tasks by name.
Json NamesOfRun(const Pipeline& pipeline, const state::RunRecord& run,
                const std::map<std::string, state::TaskRecord>& tasks);

}  // namespace smelt::pipeline
