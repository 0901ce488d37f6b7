#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/session.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {

using NamedTypes = std::vector<engine::ResultColumn>;

/// Finds the columns of what models read, also where it is not built: of a relation that exists, what the lake says; of
/// a model that does not, what its SQL would make of its own inputs; of a seed, what its file holds; of a source, what
/// properties say. Confined to one thread.
class InputColumns {
 public:
  InputColumns(const RunContext& run, engine::Session& session) : run_(run), session_(session) {}

  /// The columns of the node or source of that id; nothing for a source that does not exist and whose columns are not
  /// described with their types. Errors: those of rendering and binding a model that is not built.
  Result<std::optional<NamedTypes>> Of(const std::string& id);

 private:
  Result<std::optional<NamedTypes>> Find(const std::string& id);
  Result<std::optional<NamedTypes>> OfRelation(const RelationName& relation);
  Result<std::optional<NamedTypes>> OfNode(const Node& node);
  std::optional<NamedTypes> OfSource(const SourceTable& source) const;

  const RunContext& run_;
  engine::Session& session_;
  std::map<std::string, std::optional<NamedTypes>> known_;
};

/// A query without rows that has these columns.
std::string NoRowsOf(const NamedTypes& columns);

/// The columns of a query, without running it. Errors: kSql….
Result<NamedTypes> ColumnsOfQuery(engine::Session& session, const std::string& sql);

}  // namespace smelt::transform
