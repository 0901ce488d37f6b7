#include "ingest/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/parallel.h"
#include "ingest/internal/load_plan.h"
#include "ingest/internal/table_load.h"

namespace smelt::ingest {
namespace {

constexpr std::string_view kStepKind = "ingest";

/// One table of a run: its load and what became of it.
struct Task {
  Task(const LoadContext& context, const SourceTable& table, std::vector<FoundFile> files)
      : load(context, table, std::move(files)) {}
  TableLoad load;
  Status status;
  bool committed = false;
  double seconds = 0;
};

/// Tells the engine how many threads of ours run its statements, for the lifetime of this object. Its own workers then
/// leave these cores alone: they would take the tables' work from our threads, which spin while they wait for it.
class EngineThreads {
 public:
  explicit EngineThreads(std::unique_ptr<engine::Session> session) : session_(std::move(session)) {}
  ~EngineThreads() { static_cast<void>(session_->Execute("reset global external_threads")); }

  Status Set(std::size_t count) {
    return session_->Execute(
        fmt::format("set global external_threads = least({}, current_setting('threads')::bigint)", count));
  }

 private:
  std::unique_ptr<engine::Session> session_;
};

/// Calls `work` for every task on `threads` threads, the largest first.
void ForEachTask(const std::vector<Task*>& tasks, std::size_t threads, const std::function<void(Task&)>& work) {
  std::vector<Task*> order = tasks;
  std::ranges::stable_sort(order, std::greater(), [](const Task* task) { return task->load.bytes(); });
  std::atomic<std::size_t> next = 0;
  const auto run = [&] {
    for (std::size_t i = next++; i < order.size(); i = next++) {
      const double begin = MonotonicSeconds();
      work(*order[i]);
      order[i]->seconds += MonotonicSeconds() - begin;
    }
  };
  std::vector<std::jthread> pool;
  for (std::size_t i = 1; i < threads; ++i) pool.emplace_back(run);
  run();
}

Status CheckOptions(const IngestOptions& options) {
  if (options.threads >= 0 && options.quarantine_memory_bytes_max > 0 && options.conflict_attempts_max > 0) return {};
  return Fail(ErrorCode::kUsage, "threads must not be negative; memory and attempts must be positive");
}

/// The run from options to report.
class Run {
 public:
  Run(engine::Engine& engine, const IngestOptions& options, RunObserver& observer, const std::stop_token& stop)
      : engine_(engine), options_(options), observer_(observer), stop_(stop) {
    stamp_.run_id = options.run_id.empty() ? NewRunId() : options.run_id;
    stamp_.ingestion_micros = NowMicros();
  }

  Result<IngestReport> Execute() {
    SMELT_TRY(CheckOptions(options_));
    SMELT_ASSIGN(plan_, PlanLoad(engine_, options_, stop_));
    report_.files_unclaimed = plan_.files_unclaimed;
    report_.files_waiting = plan_.files_waiting;
    for (PlannedTable& planned : plan_.tables) {
      tasks_.push_back(std::make_unique<Task>(ContextOf(*planned.source), *planned.table, std::move(planned.files)));
    }
    if (tasks_.empty()) return std::move(report_);

    const std::size_t wanted = options_.threads > 0 ? static_cast<std::size_t>(options_.threads) : ProcessorCount();
    const std::size_t threads = std::clamp<std::size_t>(wanted, 1, tasks_.size());
    SMELT_ASSIGN(auto session, engine_.Connect());
    EngineThreads engine_threads(std::move(session));
    bool fit = true;
    for (std::vector<Task*>& level : Levels()) {
      if (!fit) break;
      SMELT_TRY(engine_threads.Set(std::min(threads, level.size())));
      fit = LoadLevel(level, threads);
    }
    return Finish();
  }

 private:
  /// The context of a source's loads, made on first use.
  const LoadContext& ContextOf(const Source& source) {
    auto& context = contexts_[&source];
    if (!context) {
      context = std::make_unique<LoadContext>(
          LoadContext{engine_, observer_, stamp_, *plan_.folders.at(&source), source.zones, options_.again,
                      options_.quarantine_memory_bytes_max, options_.conflict_attempts_max, stop_});
      context->stamp.source = source.name;
    }
    return *context;
  }

  /// Tables whose references are loaded before, then those that refer to them, and so on.
  std::vector<std::vector<Task*>> Levels() {
    std::map<std::string, std::size_t> level_of;
    std::vector<std::vector<Task*>> levels;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {  // in the order of the sources: what is referred to comes first
      const SourceTable& table = *plan_.tables[i].table;
      std::size_t level = 0;
      for (const Reference& reference : table.references) {
        const auto found = level_of.find(reference.table);
        if (found != level_of.end()) level = std::max(level, found->second + 1);
      }
      level_of[table.QualifiedName()] = level;
      if (levels.size() <= level) levels.resize(level + 1);
      levels[level].push_back(tasks_[i].get());
    }
    return levels;
  }

  /// Whether all tables of the level were fit to commit.
  bool LoadLevel(std::vector<Task*>& level, std::size_t threads) {
    ForEachTask(level, threads, [&](Task& task) {
      observer_.StepStarted(task.load.name(), kStepKind);
      task.status = task.load.Stage();
    });
    const bool fit = std::ranges::all_of(level, [](const Task* task) { return task->status.has_value(); });
    ForEachTask(level, threads, [&](Task& task) {
      if (!fit) {
        task.load.Abandon();
      } else {
        task.status = task.load.Commit();
        task.committed = task.status.has_value();
      }
    });
    return std::ranges::all_of(level, [](const Task* task) { return task->status.has_value(); });
  }

  Result<IngestReport> Finish() {
    const Error* first_error = nullptr;
    std::string failed;
    for (const auto& task : tasks_) {
      if (task->status) continue;
      if (first_error == nullptr) first_error = &task->status.error();
      failed += (failed.empty() ? "" : ", ") + task->load.name();
    }
    for (const auto& task : tasks_) {
      StepResult step = Describe(*task, failed);
      observer_.StepFinished(step);
      report_.steps.push_back(std::move(step));
    }
    if (!report_.files_unclaimed.empty()) {
      Log(LogLevel::kWarn, "ingest.files_unclaimed", {{"run", stamp_.run_id}, {"files", report_.files_unclaimed}});
    }
    Log(first_error == nullptr ? LogLevel::kInfo : LogLevel::kError, "ingest.finished",
        {{"run", stamp_.run_id},
         {"files_loaded", report_.files_loaded},
         {"files_known", report_.files_known},
         {"rows_in", report_.rows_in},
         {"rows_out", report_.rows_out},
         {"rows_quarantined", report_.rows_quarantined}});
    if (first_error != nullptr) return Fail(*first_error);
    return std::move(report_);
  }

  StepResult Describe(const Task& task, const std::string& failed) {
    StepResult step;
    step.name = task.load.name();
    step.kind = kStepKind;
    step.seconds = task.seconds;
    step.usage = task.load.usage();
    step.details = task.load.Details();
    if (!task.status) {
      step.status = StepStatus::kFailed;
      step.message = task.status.error().ToString();
      return step;
    }
    if (!task.committed) {
      step.status = StepStatus::kSkipped;
      step.message = "not loaded, because of " + failed;
      return step;
    }
    const LoadTotals& totals = task.load.totals();
    report_.files_known += totals.files_known;
    report_.files_refused += totals.files_refused;
    if (!totals.did_something()) {
      step.status = StepStatus::kNothing;
      return step;
    }
    const RowCounts& counts = totals.rows;
    step.status = totals.files_refused > 0 ? StepStatus::kWarned : StepStatus::kDone;
    step.message = task.load.RefusalText();
    step.rows_in = counts.in;
    step.rows_out = counts.out;
    step.rows_quarantined = counts.quarantined;
    report_.files_loaded += totals.files_loaded;
    report_.rows_in += counts.in;
    report_.rows_out += counts.out;
    report_.rows_quarantined += counts.quarantined;
    if (!task.load.is_merge()) return step;
    const MergeCounts& merged = totals.merge;
    step.rows_out = merged.merged;
    step.rows_quarantined += merged.given_up;
    report_.rows_quarantined += merged.given_up;
    report_.rows_out += merged.merged - counts.out;
    report_.rows_duplicate += merged.duplicates;
    report_.rows_held += merged.held;
    report_.rows_released += merged.released;
    return step;
  }

  engine::Engine& engine_;
  const IngestOptions& options_;
  RunObserver& observer_;
  std::stop_token stop_;
  LoadStamp stamp_;
  LoadPlan plan_;
  std::map<const Source*, std::unique_ptr<LoadContext>> contexts_;
  std::vector<std::unique_ptr<Task>> tasks_;  ///< refer to plan_ and contexts_
  IngestReport report_;
};

}  // namespace

Result<IngestReport> RunIngest(engine::Engine& engine, const IngestOptions& options, RunObserver& observer,
                               std::stop_token stop) {
  return Run(engine, options, observer, stop).Execute();
}

}  // namespace smelt::ingest
