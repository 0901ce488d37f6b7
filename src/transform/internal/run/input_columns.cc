#include "transform/internal/run/input_columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/project/ephemeral.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/render_context.h"
#include "transform/internal/project/render_node.h"
#include "transform/internal/project/substitution.h"

namespace smelt::transform {

std::string NoRowsOf(const NamedTypes& columns) {
  std::string list;
  for (const engine::ResultColumn& column : columns) {
    list += fmt::format("{}cast(null as {}) as {}", list.empty() ? "" : ", ", column.type,
                        engine::QuoteIdentifier(column.name));
  }
  return fmt::format("select {} where false", list);
}

Result<NamedTypes> ColumnsOfQuery(engine::Session& session, const std::string& sql) {
  SMELT_ASSIGN(engine::ResultTable table, session.Query(fmt::format("select * from (\n{}\n) limit 0", sql)));
  return std::move(table.columns);
}

Result<std::optional<NamedTypes>> InputColumns::Of(const std::string& id) {
  if (const auto known = known_.find(id); known != known_.end()) return known->second;
  SMELT_ASSIGN(auto found, Find(id));
  return known_[id] = std::move(found);
}

Result<std::optional<NamedTypes>> InputColumns::Find(const std::string& id) {
  const Manifest& manifest = run_.project.manifest();
  if (const auto source = manifest.sources.find(id); source != manifest.sources.end()) {
    SMELT_ASSIGN(auto existing, OfRelation(source->second.relation));
    return existing ? existing : OfSource(source->second);
  }
  const Node& node = manifest.nodes.at(id);
  if (node.config.materialized != "ephemeral") {
    SMELT_ASSIGN(auto existing, OfRelation(node.relation));
    if (existing) return existing;
  }
  return OfNode(node);
}

Result<std::optional<NamedTypes>> InputColumns::OfRelation(const RelationName& relation) {
  auto columns = ColumnsOfQuery(session_, "select * from " + relation.Sql());
  if (columns) return std::optional(*std::move(columns));
  const ErrorCode code = columns.error().code();
  if (code == ErrorCode::kSqlCatalog || code == ErrorCode::kSqlBinding) return std::optional<NamedTypes>();
  return Fail(std::move(columns).error());
}

Result<std::optional<NamedTypes>> InputColumns::OfNode(const Node& node) {
  if (node.type == ResourceType::kSeed) {
    return ColumnsOfQuery(session_, fmt::format("select * from read_csv({}, header = true)",
                                                engine::QuoteLiteral(run_.project.SeedPath(node))));
  }
  Substitutes substitutes;
  std::map<std::string, std::string> queries;
  std::vector<std::string> inputs = node.depends_on;
  inputs.insert(inputs.end(), node.sources.begin(), node.sources.end());
  for (const std::string& input : inputs) {
    SMELT_ASSIGN(auto columns, Of(input));
    if (!columns) return std::optional<NamedTypes>();
    substitutes.tables[input] = SubstituteName(run_.project.state(), input);
    queries[input] = NoRowsOf(*columns);
  }
  const CompileContext compile{&session_, false, run_.run_id};
  SMELT_ASSIGN(std::string sql, CompileSubstituted(run_.project.state(), node, compile, substitutes, queries, {}));
  return ColumnsOfQuery(session_, sql);
}

std::optional<NamedTypes> InputColumns::OfSource(const SourceTable& source) const {
  NamedTypes columns;
  for (const Column& column : source.columns) {
    if (column.data_type.empty()) return std::nullopt;
    columns.push_back({column.name, column.data_type, engine::TypeKind::kOther});
  }
  return columns.empty() ? std::nullopt : std::optional(std::move(columns));
}

}  // namespace smelt::transform
