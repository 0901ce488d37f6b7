#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pipeline/definition.h"
#include "pipeline/report.h"
#include "pipeline/run.h"
#include "state/schedule_store.h"

namespace smelt::pipeline {

struct SchedulerOptions {
  std::string project{};           ///< its name, for the records
  std::string project_dir{};       ///< relative paths of file events start here
  std::string folder{};            ///< of the pipeline files; it is watched
  int runs_max = 8;                ///< runs side by side; one pipeline has one at a time
  std::int64_t lease_ms = 10'000;  ///< a scheduler that has said nothing for so long is taken for dead
  /// Whether a definition that can be read is right in all that it refers to; may be empty.
  std::function<Status(const Pipeline&)> check{};
  /// The folder of the log of "schema.table"; nothing where commits cannot be seen. May be empty.
  std::function<std::optional<std::string>(const std::string&)> log_of{};
  /// Called when something happened in the store. May be empty.
  std::function<void()> heard{};
  /// When requested, the runs at work are stopped: after the request to stop, for those who cannot wait. May be empty.
  std::stop_token at_once{};
};

/// Runs a pipeline to its end: RunPipeline with what the application adds. Called on a thread of its own, several at a
/// time. `options.drain` is requested when the scheduler ends, `stop` when it cannot wait, and `options.cancel` when
/// somebody wants the run to end.
using RunFunction =
    std::function<Result<RunReport>(const Pipeline& pipeline, const RunOptions& options, std::stop_token stop)>;

/// Watches a scheduler. Called from its thread, but RunEnded from that of the run.
class SchedulerObserver {
 public:
  virtual ~SchedulerObserver() = default;
  /// It holds the lease now, or waits while `holder` does.
  virtual void Leading(std::size_t pipelines) = 0;
  virtual void StandingBy(std::string_view holder) = 0;
  /// A definition cannot be used; the last one that could stays in force.
  virtual void DefinitionRefused(const Error& error) = 0;
  virtual void RunQueued(const state::RunRecord& run) = 0;
  virtual void RunStarted(const state::RunRecord& run) = 0;
  virtual void RunEnded(const state::RunRecord& run, const Result<RunReport>& report) = 0;
  /// Something failed that is tried again: the store, a folder that cannot be watched.
  virtual void Trouble(const Error& error) = 0;
};

/// Begins runs when their schedules, events and requests say so, until `stop` is requested: then nothing begins any
/// more, running tasks come to their end, and what is left of their runs waits in the store for the next scheduler. A
/// run that is to end by the word of the store (ScheduleStore::Cancel) is stopped, and not gone on with.
///
/// A run is recorded before it begins, in one transaction with what brought it about, so that an instant has one run
/// whatever dies when. Of several schedulers on one store one leads, by a lease; when it dies, another goes on with its
/// runs where they stood, each with the definition that it began with. It sleeps until something is due or happens.
/// Errors: those of the store when it cannot even be opened, and of the system when it cannot wait.
Status RunScheduler(state::ScheduleStore& store, const SchedulerOptions& options, const RunFunction& run,
                    SchedulerObserver& observer, std::stop_token stop);

}  // namespace smelt::pipeline
