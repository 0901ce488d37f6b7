#include "transform/internal/run/clone.h"

#include <fmt/format.h>

#include "transform/internal/artefacts/artefact_file.h"
namespace smelt::transform {
namespace {

/// A relation as the commands of the engine take it: a text with the name in it.
std::string NameLiteral(const RelationName& relation) {
  return engine::QuoteLiteral(relation.Sql());
}

Status Drop(engine::Session& session, const RelationName& relation, bool is_view) {
  return session.Execute(fmt::format("drop {} {}", is_view ? "view" : "table", relation.Sql()));
}

}  // namespace

Result<Cloned> CloneNode(NodeRun& run) {
  const RelationName& target = run.node.relation;
  if (!run.node.deferred) return Cloned{"the other state has no relation for it"};
  const RelationName& source = *run.node.deferred;
  if (source == target) return Cloned{"it is the relation of the other state"};
  SMELT_ASSIGN(const auto existing, run.run.engine.FindTable(target.schema, target.identifier));
  if (existing && !run.run.options.full_refresh) return Cloned{"it is there already"};
  SMELT_ASSIGN(const auto info, run.run.engine.FindTable(source.schema, source.identifier));
  (void)run.session.TakeCommits();
  if (info && !info->is_view) {
    if (existing) SMELT_TRY(Drop(run.session, target, existing->is_view));
    SMELT_TRY(run.session.Execute(
        fmt::format("call clone({}, {}, shallow => true)", NameLiteral(source), NameLiteral(target))));
  } else {
    if (existing && !existing->is_view) SMELT_TRY(Drop(run.session, target, false));
    run.compiled = "select * from " + ArtefactRelation(source);
    SMELT_TRY(run.session.Execute(fmt::format("create or replace view {} as\n{}", target.Sql(), run.compiled)));
  }
  return Cloned{{}, static_cast<std::int64_t>(run.session.TakeCommits().size())};
}

}  // namespace smelt::transform
