#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/id.h"
#include "base/parallel.h"
#include "transform/inspect.h"
#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/artefacts/catalog_file.h"
#include "transform/internal/artefacts/manifest_file.h"
#include "transform/internal/artefacts/run_results_file.h"
#include "transform/internal/project/project.h"
#include "transform/internal/run/chosen_work.h"
#include "transform/internal/run/compiled_texts.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {
namespace {

/// Renders nodes on several sessions; the first error ends it.
class Compiler {
 public:
  Compiler(const RunContext& run, const std::vector<std::string>& ids, std::stop_token stop)
      : run_(run), ids_(ids), stop_(std::move(stop)), compiled_(ids.size()) {}

  Status Run() {
    const int cores = static_cast<int>(ProcessorCount());
    const int wanted = run_.options.threads > 0 ? run_.options.threads : cores;
    const int threads = std::clamp(static_cast<int>(ids_.size()), 1, wanted);
    std::vector<std::unique_ptr<engine::Session>> sessions;
    for (int i = 0; i < threads; ++i) {
      SMELT_ASSIGN(auto session, run_.engine.Connect());
      session->ObserveStop(stop_);
      sessions.push_back(std::move(session));
    }
    {
      std::vector<std::jthread> workers;
      for (auto& session : sessions) workers.emplace_back([this, &session] { Work(*session); });
    }
    if (stop_.stop_requested()) return Fail(ErrorCode::kCancelled, "the run was interrupted");
    if (error_) return Fail(*std::move(error_));
    return {};
  }

  std::vector<CompiledNode> Take() { return std::move(compiled_); }

 private:
  void Work(engine::Session& session) {
    while (!failed_ && !stop_.stop_requested()) {
      const std::size_t at = next_.fetch_add(1);
      if (at >= ids_.size()) return;
      auto compiled = CompileOne(session, *FindNode(run_.project.manifest(), ids_[at]));
      if (compiled) {
        compiled_[at] = *std::move(compiled);
        continue;
      }
      const std::lock_guard guard(lock_);
      if (!failed_.exchange(true)) error_ = std::move(compiled.error());
    }
  }

  Result<CompiledNode> CompileOne(engine::Session& session, const Node& node) const {
    NodeRun run{run_, session, node, {}, {}, 0};
    SMELT_ASSIGN(const bool is_incremental, IsIncremental(run));
    SMELT_TRY(CompileNode(run, is_incremental));
    return CompiledNode{node.unique_id, node.name, std::move(run.compiled), CompiledPath(run_, node, "compiled")};
  }

  const RunContext& run_;
  const std::vector<std::string>& ids_;
  std::stop_token stop_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex lock_;
  std::optional<Error> error_;
  std::vector<CompiledNode> compiled_;
};

std::vector<std::string> SeedsAmong(const Manifest& manifest, const std::vector<std::string>& ids) {
  std::vector<std::string> seeds;
  std::ranges::copy_if(ids, std::back_inserter(seeds), [&manifest](const std::string& id) {
    return manifest.nodes.at(id).type == ResourceType::kSeed;
  });
  return seeds;
}

/// What run_results.json says of nodes that were only rendered. As in dbt, it says nothing of ephemeral models.
std::vector<NodeResult> ResultsOf(const Manifest& manifest, const std::vector<CompiledNode>& compiled,
                                  const std::vector<std::string>& seeds) {
  std::vector<NodeResult> results;
  for (const std::string& id : seeds) {
    NodeResult& result = results.emplace_back();
    result.unique_id = id;
    result.step.kind = "compiled";
  }
  for (const CompiledNode& node : compiled) {
    if (FindNode(manifest, node.unique_id)->config.materialized == "ephemeral") continue;
    NodeResult& result = results.emplace_back();
    result.unique_id = node.unique_id;
    result.compiled = node.sql;
    result.step.kind = "compiled";
  }
  return results;
}

}  // namespace

Result<std::string> WriteCatalogOf(engine::Engine& engine, const InvokeOptions& options, bool is_empty) {
  SMELT_ASSIGN(auto project, Project::Load(options));
  std::vector<engine::TableInfo> tables;
  if (!is_empty) {
    SMELT_ASSIGN(tables, engine.Tables());
  }
  SMELT_TRY(WriteCatalog(project->state(), tables));
  return TargetFolder(options, project->state()) + "/catalog.json";
}

Result<std::vector<CompiledNode>> CompileNodes(engine::Engine& engine, const InvokeOptions& options,
                                               std::stop_token stop) {
  const double begin = MonotonicSeconds();
  SMELT_ASSIGN(auto project, Project::Load(options));
  SMELT_ASSIGN(auto selected, project->Select(options.select, options.exclude));
  project->SetSelected(selected);
  const std::vector<std::string> seeds = SeedsAmong(project->manifest(), selected);
  std::ranges::copy(EphemeralInputs(project->manifest(), selected), std::back_inserter(selected));
  // Seeds and unit tests have no SQL of their own.
  std::erase_if(selected, [&](const std::string& id) { return project->manifest().nodes.at(id).sql == nullptr; });
  SMELT_TRY(project->Defer(engine, selected));
  // As in dbt, hooks of the run are rendered, too, when everything is.
  if (options.select.empty() && options.selector.empty() && options.only.empty()) {
    for (const Node& hook : project->manifest().operations) selected.push_back(hook.unique_id);
  }
  const RunContext run{engine, *project, options, options.run_id.empty() ? NewRunId() : options.run_id};
  Compiler compiler(run, selected, std::move(stop));
  SMELT_TRY(compiler.Run());
  auto compiled = compiler.Take();
  if (options.write_artefacts) {
    SMELT_TRY(WriteManifest(project->state(), CompiledTextsOf(run, compiled)));
    const std::vector<NodeResult> results = ResultsOf(project->manifest(), compiled, seeds);
    SMELT_TRY(WriteRunResults(project->state(), results, MonotonicSeconds() - begin));
  }
  return compiled;
}

}  // namespace smelt::transform
