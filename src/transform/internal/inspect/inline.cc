#include "base/id.h"
#include "transform/inspect.h"
#include "transform/internal/jinja/template.h"
#include "transform/internal/project/project.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/render_context.h"
#include "transform/internal/project/render_node.h"

namespace smelt::transform {
namespace {

constexpr const char* kInlineName = "inline_query";

/// The query as a node of the root project that nothing else knows of.
Result<Node> MakeInlineNode(const ProjectState& project, const std::string& query) {
  Node node;
  node.package = project.file().name;
  node.name = kInlineName;
  node.unique_id = "sql_operation." + node.package + "." + kInlineName;
  node.relation = {project.options.target.schema, kInlineName};
  node.file = "--inline";
  node.raw_sql = query;
  SMELT_ASSIGN(node.sql, jinja::ParseTemplate(query, node.file));
  RenderFindings findings;
  const RenderContext context(project, &node, RenderPhase::kDependencies, findings);
  SMELT_TRY(RenderIn(context, node.sql, nullptr));
  node.depends_on = std::move(findings.refs);
  for (const SourceTable* source : findings.sources) {
    node.sources.push_back(source->unique_id);
    node.source_inputs.push_back(source->relation);
  }
  return node;
}

}  // namespace

Result<CompiledNode> CompileInline(engine::Engine& engine, const InvokeOptions& options, const std::string& query,
                                   std::stop_token stop) {
  SMELT_ASSIGN(auto project, Project::Load(options));
  SMELT_ASSIGN(Node node, MakeInlineNode(project->state(), query));
  SMELT_TRY(project->Defer(engine, {}, node.depends_on));
  SMELT_ASSIGN(auto session, engine.Connect());
  session->ObserveStop(std::move(stop));
  const CompileContext compile{session.get(), false, options.run_id.empty() ? NewRunId() : options.run_id};
  SMELT_ASSIGN(std::string sql, project->Compile(node, compile));
  return CompiledNode{"", "", std::move(sql), ""};
}

}  // namespace smelt::transform
