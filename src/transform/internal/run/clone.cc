#include "transform/internal/run/clone.h"

#include <fmt/format.h>

#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/project/relation.h"

namespace smelt::transform {
namespace {

/// A relation as the commands of the engine take it: a text with the name in it.
std::string NameLiteral(const RelationName& relation) {
  return engine::QuoteLiteral(relation.Sql());
}

/// Puts a table with the files of `source` where nothing, a table or a view is.
Status CloneTable(engine::Session& session, const RelationName& source, const RelationName& target, bool over_view) {
  const std::string clone =
      fmt::format("call clone({}, {}, shallow => true, replace => true)", NameLiteral(source), NameLiteral(target));
  if (!over_view) return session.Execute(clone);
  SMELT_ASSIGN(const auto view, session.Query(fmt::format(
                                    "select sql from duckdb_views() where database_name = {} and schema_name = {} and "
                                    "view_name = {}",
                                    engine::QuoteLiteral(kDatabase), engine::QuoteLiteral(target.schema),
                                    engine::QuoteLiteral(target.identifier))));
  SMELT_TRY(session.Execute("drop view " + target.Sql()));
  Status cloned = session.Execute(clone);
  if (!cloned && view.Text()) (void)session.Execute(*view.Text());
  return cloned;
}

/// Puts a view where nothing, a view or a table is.
Status MakeView(engine::Session& session, const RelationName& target, const std::string& query, bool over_table) {
  return session.Transaction([&]() -> Status {
    if (over_table) SMELT_TRY(session.Execute("drop table " + target.Sql()));
    return session.Execute(fmt::format("create or replace view {} as\n{}", target.Sql(), query));
  });
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
    SMELT_TRY(CloneTable(run.session, source, target, existing && existing->is_view));
  } else {
    run.compiled = "select * from " + ArtefactRelation(source);
    SMELT_TRY(MakeView(run.session, target, run.compiled, existing && !existing->is_view));
  }
  return Cloned{{}, static_cast<std::int64_t>(run.session.TakeCommits().size())};
}

}  // namespace smelt::transform
