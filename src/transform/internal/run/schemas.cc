#include "transform/internal/run/schemas.h"

#include <set>

namespace smelt::transform {

namespace {

/// Whether the failing rows of a test become a table or view.
bool StoresFailures(const Node& node, const InvokeOptions& options) {
  const auto configured = node.config.all.find("store_failures");
  const bool is_told = configured != node.config.all.end() && configured->is_boolean();
  return is_told ? configured->get<bool>() : options.store_failures;
}

bool Writes(const Node& node, const InvokeOptions& options) {
  return IsRefable(node.type) || (IsDataTest(node.type) && StoresFailures(node, options));
}

}  // namespace

Status MakeSchemas(engine::Engine& engine, const Manifest& manifest, const InvokeOptions& options,
                   const std::vector<std::string>& ids) {
  std::set<std::string> wanted;
  for (const std::string& id : ids) {
    const Node& node = manifest.nodes.at(id);
    if (Writes(node, options)) wanted.insert(node.relation.schema);
  }
  if (wanted.empty()) return {};
  SMELT_ASSIGN(auto session, engine.Connect());
  for (const std::string& schema : wanted) {
    SMELT_TRY(session->Execute("create schema if not exists " + engine::QuoteIdentifier(schema)));
  }
  return {};
}

}  // namespace smelt::transform
