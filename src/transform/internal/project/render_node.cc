#include "transform/internal/project/render_node.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/parallel.h"
#include "transform/internal/project/ephemeral.h"
#include "transform/internal/project/generic_test.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

Result<std::string> RenderSql(RenderContext& context, const Node& node, jinja::SourceMap* places = nullptr) {
  if (node.type != ResourceType::kGenericTest) {
    return RenderIn(context, node.sql, node.body, places);
  }
  SMELT_TRY(BindTestArguments(node, context));
  jinja::SourceMap all;
  SMELT_ASSIGN(std::string sql, RenderIn(context, node.sql, nullptr, places == nullptr ? nullptr : &all));
  // The template starts with the line breaks that bring it to its line in the properties file.
  const std::size_t begin = std::min(sql.find_first_not_of(" \n"), sql.size());
  if (places != nullptr) places->Append(all, begin, sql.size(), 0);
  return sql.substr(begin);
}

Result<std::string> RenderHookIn(const RenderContext& context, const std::string& text) {
  SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate(text, context.node()->file));
  return RenderIn(context, parsed, nullptr);
}

/// What the foreign keys of a node refer to, as far as it is written as ref() or source().
std::vector<std::string> ForeignTables(const Node& node) {
  std::vector<std::string> calls;
  const auto add = [&calls](const Json& constraints) {
    for (const Json& constraint : constraints) {
      const Json to = constraint.is_object() ? constraint.value("to", Json()) : Json();
      if (!to.is_string()) continue;
      const auto& text = to.get_ref<const std::string&>();
      if (text.starts_with("ref(") || text.starts_with("source(")) calls.push_back(text);
    }
  };
  add(node.constraints);
  for (const Column& column : node.columns) add(column.constraints);
  return calls;
}

/// The macros that a node's text names.
std::vector<const MacroEntry*> MacrosOf(const ProjectState& project, const Node& node) {
  if (node.sql == nullptr) return {};
  std::vector<const MacroEntry*> macros = project.macros.Named(node.sql->words, node.package);
  if (node.type != ResourceType::kGenericTest) return macros;
  // The test itself, and what makes its `model`.
  std::erase_if(macros, [&node](const MacroEntry* macro) { return macro->name != "test_" + node.test_name; });
  if (const MacroEntry* subquery = project.macros.Find("get_where_subquery", node.package)) macros.push_back(subquery);
  return macros;
}

Status Mention(const ProjectState& project, const Node& node, bool is_incremental, RenderFindings& findings) {
  RenderContext context(project, &node, RenderPhase::kDependencies, findings);
  context.set_incremental(is_incremental);
  if (node.sql != nullptr) SMELT_TRY(RenderSql(context, node));
  for (const auto* hooks : {&node.config.pre_hook, &node.config.post_hook}) {
    for (const Hook& hook : *hooks) SMELT_TRY(RenderHookIn(context, hook.sql));
  }
  for (const std::string& call : ForeignTables(node)) SMELT_TRY(RenderHookIn(context, "{{ " + call + " }}"));
  return {};
}

/// Adds the ephemeral models among `refs`, each after those that it uses itself.
Status AddEphemeral(const ProjectState& project, const std::vector<std::string>& refs, const CompileContext& compile,
                    std::vector<CommonTable>& tables) {
  for (const std::string& id : refs) {
    const Node& node = project.manifest.nodes.at(id);
    std::string name = "__dbt__cte__" + node.relation.identifier;
    if (node.config.materialized != "ephemeral" ||
        std::ranges::find(tables, name, &CommonTable::name) != tables.end()) {
      continue;
    }
    RenderFindings findings;
    RenderContext context(project, &node, RenderPhase::kRun, findings);
    context.set_run(compile.session, compile.run_id);
    jinja::SourceMap places;
    SMELT_ASSIGN(std::string sql, RenderSql(context, node, &places));
    SMELT_TRY(AddEphemeral(project, findings.refs, compile, tables));
    tables.push_back({std::move(name), std::move(sql), std::move(places)});
  }
  return {};
}

}  // namespace

Status FindDependenciesOf(const ProjectState& project, Node& node) {
  RenderFindings findings;
  // What only a later part of the run knows must not fail here.
  findings.asked_database = node.type == ResourceType::kOperation;
  SMELT_TRY(Mention(project, node, false, findings));
  if (node.config.materialized == "incremental") SMELT_TRY(Mention(project, node, true, findings));
  node.refs = std::move(findings.ref_calls);
  node.depends_on = std::move(findings.refs);
  for (const SourceTable* source : findings.sources) {
    node.source_inputs.push_back(source->relation);
    node.sources.push_back(source->unique_id);
  }
  node.environment = std::move(findings.environment);
  for (const MacroEntry* macro : MacrosOf(project, node)) node.macros.push_back(macro->unique_id);
  return {};
}

Status FindDependencies(ProjectState& project) {
  std::vector<Node*> nodes;
  for (auto& [id, node] : project.manifest.nodes) nodes.push_back(&node);
  return ForEachParallel(nodes.size(), ProcessorCount(),
                         [&](std::size_t i) { return FindDependenciesOf(project, *nodes[i]); });
}

namespace {

/// A node's own SQL, and the ephemeral models that it uses.
struct RenderedNode {
  std::string sql;
  std::vector<CommonTable> tables;
};

Result<RenderedNode> RenderParts(const ProjectState& project, const Node& node, const CompileContext& compile) {
  if (node.is_python) {
    return Fail(Error(ErrorCode::kDbtUnsupported, "models in Python are not supported")
                    .Hint("write the model in SQL, or disable it")
                    .At(node.file));
  }
  RenderedNode rendered;
  if (node.sql == nullptr) return rendered;
  RenderFindings findings;
  RenderContext context(project, &node, RenderPhase::kRun, findings);
  context.set_run(compile.session, compile.run_id);
  context.set_incremental(compile.is_incremental);
  context.set_batch(compile.batch);
  if (compile.places != nullptr) compile.places->clear();
  SMELT_ASSIGN(rendered.sql, RenderSql(context, node, compile.places));
  SMELT_TRY(AddEphemeral(project, findings.refs, compile, rendered.tables));
  return rendered;
}

}  // namespace

Result<std::string> RenderNode(const ProjectState& project, const Node& node, const CompileContext& compile) {
  SMELT_ASSIGN(RenderedNode rendered, RenderParts(project, node, compile));
  return std::move(rendered.sql);
}

Result<std::string> CompileNode(const ProjectState& project, const Node& node, const CompileContext& compile) {
  SMELT_ASSIGN(RenderedNode rendered, RenderParts(project, node, compile));
  return AddCommonTables(rendered.tables, rendered.sql, compile.places);
}

Result<std::string> CompileIn(RenderContext& context, const CompileContext& compile) {
  SMELT_ASSIGN(std::string sql, RenderSql(context, *context.node()));
  std::vector<CommonTable> tables;
  SMELT_TRY(AddEphemeral(context.project(), context.findings().refs, compile, tables));
  return AddCommonTables(tables, sql);
}

}  // namespace smelt::transform
