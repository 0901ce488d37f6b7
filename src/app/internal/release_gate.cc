#include "app/internal/release_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "app/internal/schedules.h"
#include "base/clock.h"
#include "pipeline/definition.h"
#include "quality/suite.h"
#include "quality/verdicts.h"
#include "state/run_store.h"

namespace smelt::app {
namespace {

/// The names of what the project has; nothing when it cannot be read, and then all counts.
std::optional<std::set<std::string>> PipelinesOf(const std::optional<ProjectConfig>& project) {
  if (!project) return std::nullopt;
  const auto pipelines = pipeline::LoadPipelines(project->pipelines);
  if (!pipelines) return std::nullopt;
  std::set<std::string> names;
  for (const pipeline::Pipeline& pipeline : *pipelines) names.insert(pipeline.name);
  return names;
}

std::optional<std::set<std::string>> SuitesOf(const std::optional<ProjectConfig>& project) {
  if (!project) return std::nullopt;
  const auto suites = quality::LoadSuites(project->suites);
  if (!suites) return std::nullopt;
  std::set<std::string> names;
  for (const quality::Suite& suite : *suites) names.insert(suite.name);
  return names;
}

Status JudgeRuns(const state::StoreAddress& address, const std::optional<ProjectConfig>& project,
                 GateFindings& findings) {
  std::error_code ignored;
  const auto wanted = PipelinesOf(project);
  std::vector<LastRuns> pipelines;
  if (!address.is_file() || std::filesystem::exists(address.path, ignored)) {
    SMELT_ASSIGN(const auto runs, state::RunStore::Open(address));
    SMELT_ASSIGN(pipelines, ReadLastRuns(*runs, std::nullopt, NowMicros()));
  }
  Json& facts = findings.facts["runs"] = Json::array();
  for (const LastRuns& one : pipelines) {
    if (!one.last || (wanted && !wanted->contains(one.pipeline))) continue;
    const state::RunRecord& run = *one.last;
    const std::string_view status = state::RunStatusText(run.status);
    facts.push_back({{"pipeline", one.pipeline}, {"run_id", run.id}, {"status", status}});
    if (run.status == state::RunStatus::kSucceeded) continue;
    findings.problems.push_back(run.status == state::RunStatus::kRunning
                                    ? fmt::format("the pipeline {} is at work (run {})", one.pipeline, run.id)
                                    : fmt::format("the last run of the pipeline {} {} (run {})", one.pipeline,
                                                  run.status == state::RunStatus::kFailed
                                                      ? std::string(status)
                                                      : fmt::format("ended as '{}'", status),
                                                  run.id));
  }
  if (facts.empty()) {
    findings.problems.push_back(
        fmt::format("no pipeline has run there: nothing says that it is fit (looked at {})", address.Describe()));
  }
  return {};
}

}  // namespace

Result<GateFindings> JudgeLake(engine::Engine& engine, const state::StoreAddress& address,
                               const std::optional<ProjectConfig>& project) {
  GateFindings findings;
  SMELT_TRY(JudgeRuns(address, project, findings));
  SMELT_ASSIGN(const auto verdicts, quality::LastVerdicts(engine));
  const auto wanted = SuitesOf(project);
  Json& facts = findings.facts["suites"] = Json::object();
  for (const auto& [suite, verdict] : verdicts) {
    if (wanted && !wanted->contains(suite)) continue;
    facts[suite] = quality::VerdictText(verdict);
    if (verdict == quality::Verdict::kFail) {
      findings.problems.push_back(fmt::format("the suite {} failed, and is a hard gate", suite));
    }
  }
  return findings;
}

}  // namespace smelt::app
