#pragma once

#include <map>
#include <string>

#include "base/error.h"
#include "engine/lineage.h"
#include "transform/internal/project/project.h"
#include "transform/lineage.h"

namespace smelt::transform {

/// The unique ids of nodes and sources by the tables that stand for them, as "schema.table" in lower case.
using RelationIds = std::map<std::string, std::string>;

/// Where a node's rows are while its columns are traced: its relation; of an ephemeral model, the name that its readers
/// know it by.
RelationName TracedRelation(const Node& node);
std::string RelationKey(const RelationName& relation);

/// What a seed's columns are, by its file. Errors: those of reading the file.
Result<engine::QueryLineage> TraceSeed(const Project& project, const Node& seed, engine::EmptyLake& lake);

/// Fills `lineage` with what a query's columns come from, in terms of nodes and sources.
void TakeOver(const engine::QueryLineage& traced, const RelationIds& ids, NodeLineage& lineage);

/// Adds the columns that a snapshot has beside those of its query.
void AddSnapshotColumns(const Node& snapshot, NodeLineage& lineage);

}  // namespace smelt::transform
