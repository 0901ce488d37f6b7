#include "transform/internal/lineage/node_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace smelt::transform {
namespace {

ColumnRef RefTo(const engine::OriginColumn& column, const RelationIds& ids) {
  const auto found = ids.find(LowerAscii(column.schema + "." + column.table));
  std::string node = column.schema.empty() ? column.table : column.schema + "." + column.table;
  if (found != ids.end()) node = found->second;
  return {std::move(node), column.column, column.field};
}

/// The name that a snapshot's configuration gives to one of its own columns.
std::string MetaName(const Node& snapshot, const std::string& name) {
  const auto names = snapshot.config.all.find("snapshot_meta_column_names");
  if (names == snapshot.config.all.end() || !names->is_object()) return name;
  const auto own = names->find(name);
  return own != names->end() && own->is_string() ? own->get<std::string>() : name;
}

/// Whether the snapshot keeps rows for what was deleted.
bool MarksDeleted(const Node& snapshot) {
  const auto mode = snapshot.config.all.find("hard_deletes");
  return mode != snapshot.config.all.end() && mode->is_string() && mode->get<std::string>() == "new_record";
}

/// A column made of columns of the snapshot's query: of whatever those are made of.
LineageColumn MadeOf(std::string name, std::string type, const std::vector<std::string>& columns,
                     const NodeLineage& query) {
  LineageColumn made{std::move(name), std::move(type), {}, {}};
  for (const std::string& column : columns) {
    const LineageColumn* own = query.Find(column);
    if (own == nullptr) continue;
    for (ColumnInput input : own->inputs) {
      input.how = std::max(input.how, engine::Derivation::kComputed);
      const auto same = [&input](const ColumnInput& other) { return other.from == input.from; };
      if (std::ranges::none_of(made.inputs, same)) made.inputs.push_back(std::move(input));
    }
    for (const ColumnRef& ref : own->influences) {
      if (std::ranges::find(made.influences, ref) == made.influences.end()) made.influences.push_back(ref);
    }
  }
  return made;
}

}  // namespace

const LineageColumn* NodeLineage::Find(const std::string& column) const {
  for (const LineageColumn& own : columns) {
    if (EqualsIgnoringCase(own.name, column)) return &own;
  }
  return nullptr;
}

RelationName TracedRelation(const Node& node) {
  if (node.config.materialized == "ephemeral") return {"main", "__dbt__cte__" + node.relation.identifier};
  return node.relation;
}

std::string RelationKey(const RelationName& relation) {
  return LowerAscii(relation.Text());
}

Result<engine::QueryLineage> TraceSeed(const Project& project, const Node& seed, engine::EmptyLake& lake) {
  std::string types;
  for (const auto& [column, type] : seed.config.column_types) {
    types +=
        fmt::format("{}{}: {}", types.empty() ? "" : ", ", engine::QuoteLiteral(column), engine::QuoteLiteral(type));
  }
  if (!types.empty()) types = fmt::format(", types = {{{}}}", types);
  SMELT_ASSIGN(engine::QueryLineage traced,
               lake.Trace(fmt::format("select * from read_csv({}, header = true, delim = {}{})",
                                      engine::QuoteLiteral(project.SeedPath(seed)),
                                      engine::QuoteLiteral(seed.config.delimiter), types)));
  for (engine::TracedColumn& column : traced.columns) column.sources.clear();
  return traced;
}

void TakeOver(const engine::QueryLineage& traced, const RelationIds& ids, NodeLineage& lineage) {
  for (const engine::TracedColumn& column : traced.columns) {
    LineageColumn own{column.name, column.type, {}, {}};
    for (const engine::ColumnSource& source : column.sources) {
      own.inputs.push_back({RefTo(source.column, ids), source.derivation});
    }
    for (const engine::OriginColumn& influence : column.influences) own.influences.push_back(RefTo(influence, ids));
    lineage.columns.push_back(std::move(own));
  }
  for (const engine::OriginColumn& influence : traced.influences) lineage.influences.push_back(RefTo(influence, ids));
  lineage.untraced = traced.untraced;
}

void AddSnapshotColumns(const Node& snapshot, NodeLineage& lineage) {
  const NodeLineage query = lineage;
  const NodeConfig& config = snapshot.config;
  std::vector<std::string> changed;
  if (!config.updated_at.empty()) {
    changed = {config.updated_at};
  } else if (config.check_cols.size() == 1 && config.check_cols[0] == "all") {
    for (const LineageColumn& column : query.columns) changed.push_back(column.name);
  } else {
    changed = config.check_cols;
  }
  std::vector<std::string> identity = config.unique_key;
  identity.insert(identity.end(), changed.begin(), changed.end());
  const LineageColumn* updated = query.Find(config.updated_at);
  const std::string moment = updated != nullptr && !updated->type.empty() ? updated->type : "TIMESTAMP";
  lineage.columns.push_back(MadeOf(MetaName(snapshot, "dbt_scd_id"), "VARCHAR", identity, query));
  for (const char* name : {"dbt_updated_at", "dbt_valid_from", "dbt_valid_to"}) {
    lineage.columns.push_back(MadeOf(MetaName(snapshot, name), moment, changed, query));
  }
  if (MarksDeleted(snapshot)) lineage.columns.push_back({MetaName(snapshot, "dbt_is_deleted"), "VARCHAR", {}, {}});
}

}  // namespace smelt::transform
