#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "app/internal/command.h"
#include "app/internal/pipelines/scheduler_log.h"
#include "app/internal/serving/grace.h"
#include "base/error.h"
#include "pipeline/definition.h"

namespace smelt::app {

/// What a scheduler is told on the command line.
struct SchedulerRequest {
  std::string data_dir{};     ///< replaces the sources' location; empty: as they say
  int runs_max = 8;           ///< pipelines that run side by side
  std::string lease = "10s";  ///< how long one that says nothing is waited for
};

/// Schedules the pipelines of a project and runs them on an open lake.
class SchedulerWork {
 public:
  /// Reads what there is to schedule. The arguments outlive it. Errors: kUsage for a lease that will not do; those of
  /// the store, of definitions and of settings, with file and line.
  static Result<std::unique_ptr<SchedulerWork>> Prepare(CommandContext& context, const ProjectConfig& project,
                                                        engine::Engine& engine, const SchedulerRequest& request);
  ~SchedulerWork();

  /// What is wrong with a definition, before it runs. Thread-safe.
  std::function<Status(const pipeline::Pipeline&)> check() const;
  /// Works until it is to end: see pipeline::RunScheduler. When the grace is over, tasks that still run are stopped.
  Status Run(SchedulerLog& log, const Ending& ending);

 private:
  class Impl;
  explicit SchedulerWork(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::app
