#include "transform/internal/run/project_hooks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/render_context.h"
#include "transform/internal/project/render_node.h"
#include "transform/internal/run/result_values.h"

namespace smelt::transform {
namespace {

/// What the hooks at the end of a run know more than others.
struct HookValues {
  jinja::Value results, schemas, database_schemas;
};

/// Runs hooks on a session of their own, each statement by itself.
class HookRunner {
 public:
  HookRunner(const RunContext& run, engine::Session& session, RunObserver& observer)
      : run_(run), session_(session), observer_(observer) {}

  /// Renders the hook into the result's SQL. Errors: kJinja…, kDbt….
  Status Compile(const Node& node, const HookValues& values, NodeResult& result) const {
    RenderFindings findings;
    RenderContext context(run_.project.state(), &node, RenderPhase::kRun, findings);
    context.set_run(&session_, run_.run_id);
    if (node.tags.front() == kOnRunEnd) {
      context.Set("results", values.results);
      context.Set("schemas", values.schemas);
      context.Set("database_schemas", values.database_schemas);
    }
    SMELT_ASSIGN(result.compiled, CompileIn(context, {&session_, false, run_.run_id}));
    result.compiled_micros = NowMicros();
    return WriteCompiled(run_, node, "compiled", result.compiled);
  }

  /// Runs the rendered hook.
  void Execute(const Node& node, const std::string& name, NodeResult& result) const {
    observer_.StepStarted(name, result.step.kind);
    const double begin = MonotonicSeconds();
    (void)session_.TakeCommits();
    const auto statements = session_.Split(result.compiled);
    const bool is_empty = statements && statements->empty();
    Status status = is_empty ? Status() : session_.Execute(result.compiled);
    result.commits = static_cast<std::int64_t>(session_.TakeCommits().size());
    result.step.seconds = MonotonicSeconds() - begin;
    result.failures = status ? 0 : 1;
    if (!status) Fail(node, status.error(), result);
    result.finished_micros = NowMicros();
  }

  static void Fail(const Node& node, const Error& error, NodeResult& result) {
    const bool has_place = !error.file().empty() && error.file() != "SQL";
    result.error = has_place ? error : Error(error.code(), error.message()).Hint(error.hint()).At(node.file, node.line);
    result.failures = 1;
    result.step.status = StepStatus::kFailed;
    result.step.message = result.error->ToString();
  }

 private:
  const RunContext& run_;
  engine::Session& session_;
  RunObserver& observer_;
};

}  // namespace

Status RunProjectHooks(const RunContext& run, std::string_view when, RunObserver& observer, const std::stop_token& stop,
                       std::vector<NodeResult>& results) {
  std::vector<const Node*> hooks;
  for (const Node& operation : run.project.manifest().operations) {
    if (operation.tags.front() == when) hooks.push_back(&operation);
  }
  if (hooks.empty()) return {};
  SMELT_ASSIGN(auto session, run.engine.Connect());
  session->ObserveStop(stop);
  const HookValues values = {ResultValues(run, results), SchemaValues(run, results, false),
                             SchemaValues(run, results, true)};
  const HookRunner runner(run, *session, observer);
  bool has_failed = false;
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const Node& node = *hooks[i];
    const std::string name = fmt::format("{}.{}.{}", node.package, when, i);
    NodeResult result;
    result.unique_id = node.unique_id;
    result.step.name = name;
    result.step.kind = ResourceTypeText(node.type);
    result.failures = 1;
    if (has_failed) {
      result.step.status = StepStatus::kSkipped;
      result.step.message = "because a hook before it failed";
    } else {
      result.started_micros = result.finished_micros = NowMicros();
      Status compiled = runner.Compile(node, values, result);
      if (!compiled && when == kOnRunStart) return compiled;
      if (compiled) runner.Execute(node, name, result);
      if (!compiled) HookRunner::Fail(node, compiled.error(), result);
    }
    has_failed = has_failed || result.step.status == StepStatus::kFailed;
    observer.StepFinished(result.step);
    results.push_back(std::move(result));
  }
  return {};
}

}  // namespace smelt::transform
