#include "transform/internal/project/substitution.h"

#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/project/ephemeral.h"
#include "transform/internal/project/macro_override.h"
#include "transform/internal/project/relation.h"

namespace smelt::transform {

std::string SubstituteName(const ProjectState& project, const std::string& id) {
  if (const auto source = project.manifest.sources.find(id); source != project.manifest.sources.end()) {
    return fmt::format("__dbt__cte__{}__{}", source->second.source, source->second.table);
  }
  return "__dbt__cte__" + project.manifest.nodes.at(id).relation.identifier;
}

Result<std::string> CompileSubstituted(const ProjectState& project, const Node& model, const CompileContext& compile,
                                       const Substitutes& substitutes,
                                       const std::map<std::string, std::string>& queries, const Json& macros) {
  if (model.sql == nullptr) {
    return Fail(Error(ErrorCode::kDbtUnsupported, fmt::format("{} is no query", model.unique_id)).At(model.file));
  }
  RenderFindings findings;
  RenderContext context(project, &model, RenderPhase::kRun, findings);
  context.set_run(compile.session, compile.run_id);
  context.set_incremental(compile.is_incremental);
  context.set_substitutes(&substitutes);
  if (const auto self = substitutes.tables.find(model.unique_id); self != substitutes.tables.end()) {
    findings.substituted.push_back(model.unique_id);
    context.Set("this", jinja::Value(Relation::Ephemeral(self->second)));
  }
  OverrideMacros(macros, context);
  SMELT_ASSIGN(std::string sql, RenderIn(context, model.sql, model.body));
  std::vector<CommonTable> tables;
  for (const std::string& id : findings.substituted) {
    tables.push_back({substitutes.tables.at(id), queries.at(id), {}});
  }
  return AddCommonTables(tables, sql);
}

}  // namespace smelt::transform
