#include "app/internal/pipelines/scheduler_work.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "app/internal/alert_pump.h"
#include "app/internal/duration_option.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/pipelines/definition_check.h"
#include "app/internal/pipelines/lake_tasks.h"
#include "app/internal/run_exports.h"
#include "app/internal/tasks.h"
#include "base/log.h"
#include "pipeline/scheduler.h"
#include "state/schedule_store.h"

namespace smelt::app {
namespace {

/// The log folder of "schema.table" in a local lake; commits to a bucket cannot be seen from here.
std::function<std::optional<std::string>(const std::string&)> LogFolders(const std::string& lake) {
  if (lake.find("://") != std::string::npos) return {};
  return [lake](const std::string& table) -> std::optional<std::string> {
    const std::size_t dot = table.find('.');
    return (std::filesystem::path(lake) / table.substr(0, dot) / table.substr(dot + 1) / "_delta_log").string();
  };
}

Result<std::int64_t> LeaseMs(const std::string& text) {
  SMELT_ASSIGN(const std::int64_t milliseconds, ReadDuration(text, "--lease"));
  constexpr std::int64_t kShortestMs = 500;
  if (milliseconds >= kShortestMs) return milliseconds;
  return Fail(Error(ErrorCode::kUsage, fmt::format("--lease {} is shorter than {} ms", text, kShortestMs)));
}

/// A run that nobody sees; alerts tell of an SLA while it is at work.
class WatchedRun : public UnseenRun {
 public:
  explicit WatchedRun(AlertPump& alerts) : alerts_(alerts) {}
  void SlaMissed(std::string_view task, std::int64_t due_us) override {
    static_cast<void>(task);
    static_cast<void>(due_us);
    alerts_.Wake();
  }

 private:
  AlertPump& alerts_;
};

}  // namespace

class SchedulerWork::Impl {
 public:
  Impl(const CommandContext& context, const ProjectConfig& project, engine::Engine& engine,
       const SchedulerRequest& request, std::unique_ptr<state::RunStore> runs)
      : project_(project),
        engine_(engine),
        data_dir_(request.data_dir),
        runs_(std::move(runs)),
        store_(*runs_),
        pools_(project.pools, *runs_),
        options_{.log_of = LogFolders(context.lake)} {
    RegisterTasks(registry_, {engine, project, request.data_dir, "", context.threads, false, &store_,
                              RunLogFolder(context.lake), &pools_});
  }

  Status Begin(const CommandContext& context, const SchedulerRequest& request, std::int64_t lease_ms) {
    SMELT_TRY(CheckDefinitions(place_));
    options_.lease_ms = lease_ms;
    options_.check = check();
    options_.project = project_.name;
    options_.project_dir = project_.dir;
    options_.folder = project_.pipelines;
    options_.runs_max = request.runs_max;
    options_.heard = [this] { pools_.Hear(); };
    StartLog(context.lake);
    SMELT_TRY(RunExports::CheckSettings(project_));
    alerts_.emplace(context, project_, engine_);
    return {};
  }

  std::function<Status(const pipeline::Pipeline&)> check() const {
    return [this](const pipeline::Pipeline& definition) { return CheckDefinition(definition, place_); };
  }

  Status Run(SchedulerLog& log, const Ending& ending) {
    options_.at_once = ending.over;
    const auto run = [this](const pipeline::Pipeline& definition, pipeline::RunOptions options,
                            const std::stop_token& at_once) { return RunOne(definition, std::move(options), at_once); };
    return pipeline::RunScheduler(store_, options_, run, log, ending.stop);
  }

 private:
  Result<pipeline::RunReport> RunOne(const pipeline::Pipeline& definition, pipeline::RunOptions options,
                                     const std::stop_token& at_once) {
    WatchedRun observer(*alerts_);
    options.pools = &pools_;
    options.query = LakeQuery(engine_);
    LineageSources sources{.engine = engine_, .project = project_, .data_dir = data_dir_};
    sources.vars = options.vars;
    sources.scheduled_us = options.scheduled_us;
    // Settings that were right when the scheduler began and are wrong now stop no run.
    const auto exports = RunExports::Make(std::move(sources), observer);
    if (!exports) Log(LogLevel::kError, "export.refused", {{"error", exports.error().ToString()}});
    auto report = pipeline::RunPipeline(definition, registry_, *runs_, options,
                                        exports ? (*exports)->observer() : observer, at_once);
    if (exports) (*exports)->Finish({});
    alerts_->Wake();
    return report;
  }

  const ProjectConfig& project_;
  engine::Engine& engine_;
  const std::string data_dir_;
  std::unique_ptr<state::RunStore> runs_;
  state::ScheduleStore store_;
  pipeline::Pools pools_;
  pipeline::TaskRegistry registry_;
  pipeline::SchedulerOptions options_;
  const DefinitionPlace place_{project_, registry_, pools_, static_cast<bool>(options_.log_of)};
  std::optional<AlertPump> alerts_;
};

SchedulerWork::SchedulerWork(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SchedulerWork::~SchedulerWork() = default;

Result<std::unique_ptr<SchedulerWork>> SchedulerWork::Prepare(CommandContext& context, const ProjectConfig& project,
                                                              engine::Engine& engine, const SchedulerRequest& request) {
  SMELT_ASSIGN(const std::int64_t lease_ms, LeaseMs(request.lease));
  SMELT_ASSIGN(const state::StoreAddress address, StateAddress(context));
  SMELT_ASSIGN(auto runs, state::RunStore::Open(address));
  auto impl = std::make_unique<Impl>(context, project, engine, request, std::move(runs));
  SMELT_TRY(impl->Begin(context, request, lease_ms));
  return std::unique_ptr<SchedulerWork>(new SchedulerWork(std::move(impl)));
}

std::function<Status(const pipeline::Pipeline&)> SchedulerWork::check() const {
  return impl_->check();
}

Status SchedulerWork::Run(SchedulerLog& log, const Ending& ending) {
  return impl_->Run(log, ending);
}

}  // namespace smelt::app
