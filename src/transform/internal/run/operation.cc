#include "transform/operation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/config.h"
#include "base/id.h"
#include "transform/internal/artefacts/manifest_file.h"
#include "transform/internal/artefacts/run_results_file.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/project/operation_resolver.h"
#include "transform/internal/project/project.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

/// The macro of that name: the root project's, else the built-in one, else any package's.
const MacroEntry* FindMacro(const MacroSet& macros, const std::string& package, const std::string& name) {
  if (!package.empty()) return macros.FindIn(package, name);
  if (const MacroEntry* found = macros.Find(name, macros.root())) return found;
  for (const auto& [other, table] : macros.packages()) {
    if (const MacroEntry* found = macros.FindIn(other, name)) return found;
  }
  return nullptr;
}

Error NoMacro(const MacroSet& macros, const std::string& macro) {
  std::vector<std::string> names;
  for (const auto& [package, table] : macros.packages()) {
    for (const auto& [name, entry] : table) {
      names.push_back(package == macros.root() ? name : fmt::format("{}.{}", package, name));
    }
  }
  const std::string near = NearestWord(macro, {names.begin(), names.end()});
  return Error(ErrorCode::kJinjaUndefined, fmt::format("there is no macro '{}' in any package", macro))
      .Hint(near.empty() ? "define it in a macro folder, or install its package with `smelt deps`"
                         : fmt::format("did you mean '{}'?", near));
}

Status CallMacro(const ProjectState& project, const MacroEntry& macro, const Json& arguments, engine::Session& session,
                 const std::string& run_id) {
  SMELT_ASSIGN(const Node node, MakeOperation(project, macro.package, macro.name, "", macro.file));
  RenderFindings findings;
  RenderContext context(project, &node, RenderPhase::kRun, findings);
  context.set_run(&session, run_id);
  jinja::Arguments named;
  for (const auto& [name, value] : arguments.items()) named.named.emplace_back(name, jinja::Value::FromJson(value));
  SMELT_TRY(jinja::Interpreter(context).Call(macro.value, std::move(named)));
  return {};
}

}  // namespace

Result<NodeResult> RunOperation(engine::Engine& engine, const InvokeOptions& options, const std::string& macro,
                                const Json& arguments, std::stop_token stop) {
  const double begin = MonotonicSeconds();
  SMELT_ASSIGN(auto project, Project::Load(options));
  const MacroSet& macros = project->state().macros;
  const std::size_t dot = macro.find('.');
  const std::string package = dot == std::string::npos ? "" : macro.substr(0, dot);
  const MacroEntry* found = FindMacro(macros, package, dot == std::string::npos ? macro : macro.substr(dot + 1));
  if (found == nullptr) return Fail(NoMacro(macros, macro));
  SMELT_ASSIGN(auto session, engine.Connect());
  session->ObserveStop(stop);
  NodeResult result;
  result.unique_id = found->unique_id;
  result.step.name = macro;
  result.step.kind = "operation";
  result.started_micros = result.compiled_micros = NowMicros();
  Status status =
      CallMacro(project->state(), *found, arguments, *session, options.run_id.empty() ? NewRunId() : options.run_id);
  result.finished_micros = NowMicros();
  result.step.seconds = MonotonicSeconds() - begin;
  result.commits = static_cast<std::int64_t>(session->TakeCommits().size());
  result.failures = status ? 0 : 1;
  if (!status) {
    result.step.status = StepStatus::kFailed;
    result.error = std::move(status).error();
  }
  if (options.write_artefacts) {
    SMELT_TRY(WriteManifest(project->state(), {}));
    SMELT_TRY(WriteRunResults(project->state(), {result}, result.step.seconds));
  }
  if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the operation was interrupted");
  return result;
}

}  // namespace smelt::transform
