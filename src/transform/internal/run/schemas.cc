#include "transform/internal/run/schemas.h"

#include <set>

namespace smelt::transform {

Status MakeSchemas(engine::Engine& engine, const Manifest& manifest, const std::vector<std::string>& ids) {
  std::set<std::string> wanted;
  for (const std::string& id : ids) {
    const Node& node = manifest.nodes.at(id);
    if (ResourceTypeText(node.type) != "test") wanted.insert(node.relation.schema);
  }
  if (wanted.empty()) return {};
  SMELT_ASSIGN(auto session, engine.Connect());
  for (const std::string& schema : wanted) {
    SMELT_TRY(session->Execute("create schema if not exists " + engine::QuoteIdentifier(schema)));
  }
  return {};
}

}  // namespace smelt::transform
