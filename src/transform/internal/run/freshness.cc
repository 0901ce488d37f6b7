#include "transform/freshness.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/id.h"
#include "base/parallel.h"
#include "transform/internal/artefacts/manifest_file.h"
#include "transform/internal/artefacts/sources_file.h"
#include "transform/internal/project/project.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/run/project_hooks.h"
#include "transform/internal/run/source_age.h"

namespace smelt::transform {
namespace {

/// Whether the configuration asks for a check: some threshold is set.
bool AsksForFreshness(const SourceTable& source) {
  const auto is_set = [&](const char* key) {
    const Json threshold = source.freshness.is_object() ? source.freshness.value(key, Json()) : Json();
    return threshold.is_object() && threshold.contains("count") && !threshold["count"].is_null() &&
           threshold.contains("period") && !threshold["period"].is_null();
  };
  return is_set("warn_after") || is_set("error_after");
}

/// Measures sources on several sessions.
class FreshnessRun {
 public:
  FreshnessRun(const RunContext& run, const std::vector<std::string>& ids, RunObserver& observer)
      : run_(run), ids_(ids), observer_(observer) {}

  Status Run(int threads, const std::stop_token& stop) {
    std::vector<std::unique_ptr<engine::Session>> sessions;
    for (int i = 0; i < threads; ++i) {
      SMELT_ASSIGN(auto session, run_.engine.Connect());
      session->ObserveStop(stop);
      sessions.push_back(std::move(session));
    }
    {
      std::vector<std::jthread> workers;
      for (std::size_t i = 0; i < sessions.size(); ++i) {
        workers.emplace_back(
            [this, &stop, &session = *sessions[i], i] { Work(session, static_cast<int>(i) + 1, stop); });
      }
    }
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the check was interrupted");
    return {};
  }

  std::vector<SourceFreshness> Take() { return std::move(results_); }

 private:
  void Work(engine::Session& session, int thread, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const std::size_t at = next_.fetch_add(1);
      if (at >= ids_.size()) return;
      SourceFreshness result = Measure(session, run_.project.manifest().sources.at(ids_[at]));
      result.thread = thread;
      const std::lock_guard guard(lock_);
      results_.push_back(std::move(result));
    }
  }

  SourceFreshness Measure(engine::Session& session, const SourceTable& source) {
    SourceFreshness result;
    result.unique_id = source.unique_id;
    result.step.name = source.source + "." + source.table;
    result.step.kind = "source";
    observer_.StepStarted(result.step.name, result.step.kind);
    const double begin = MonotonicSeconds();
    result.started_micros = NowMicros();
    if (Status status = MeasureAge(run_, session, source, result); !status) {
      result.verdict = "runtime error";
      result.step.status = StepStatus::kFailed;
      result.step.message = status.error().ToString();
      result.error = std::move(status).error();
    }
    result.finished_micros = NowMicros();
    result.step.seconds = MonotonicSeconds() - begin;
    observer_.StepFinished(result.step);
    return result;
  }

  const RunContext& run_;
  const std::vector<std::string>& ids_;
  RunObserver& observer_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex lock_;
  std::vector<SourceFreshness> results_;
};

}  // namespace

bool FreshnessResults::Passed() const {
  const auto has_failed = [](const auto& result) { return result.step.status == StepStatus::kFailed; };
  return std::ranges::none_of(sources, has_failed) && std::ranges::none_of(hooks, has_failed);
}

Result<FreshnessResults> CheckFreshness(engine::Engine& engine, const InvokeOptions& options, RunObserver& observer,
                                        const std::string& output, std::stop_token stop) {
  const double begin = MonotonicSeconds();
  SMELT_ASSIGN(auto project, Project::Load(options));
  SMELT_ASSIGN(auto ids, project->SelectSources(options.select, options.exclude));
  std::erase_if(ids, [&](const std::string& id) { return !AsksForFreshness(project->manifest().sources.at(id)); });
  const RunContext run{engine, *project, options, options.run_id.empty() ? NewRunId() : options.run_id};
  FreshnessResults results;
  if (!ids.empty()) {
    SMELT_TRY(RunProjectHooks(run, kOnRunStart, observer, stop, results.hooks));
    FreshnessRun checks(run, ids, observer);
    const int cores = static_cast<int>(ProcessorCount());
    const int wanted = options.threads > 0 ? options.threads : cores;
    SMELT_TRY(checks.Run(std::clamp(static_cast<int>(ids.size()), 1, wanted), stop));
    results.sources = checks.Take();
    SMELT_TRY(RunProjectHooks(run, kOnRunEnd, observer, stop, results.hooks));
  }
  results.seconds = MonotonicSeconds() - begin;
  if (options.write_artefacts) {
    SMELT_TRY(WriteManifest(project->state(), {}));
    SMELT_TRY(WriteSourcesFile(project->state(), results, output));
  }
  return results;
}

}  // namespace smelt::transform
