#include "transform/internal/run/compiled_texts.h"

#include <filesystem>

namespace smelt::transform {
namespace {

void Add(const RunContext& run, const std::string& id, const std::string& sql, CompiledTexts& texts) {
  namespace fs = std::filesystem;
  const Node* found = FindNode(run.project.manifest(), id);
  if (found == nullptr) return;
  const Node& node = *found;
  if (sql.empty() || node.type == ResourceType::kSeed) return;
  const fs::path path = CompiledPath(run, node, "compiled");
  const fs::path relative = path.lexically_relative(fs::path(run.options.project_dir).lexically_normal());
  const bool is_inside = !relative.empty() && *relative.begin() != "..";
  texts[id] = {is_inside ? relative.string() : path.string(), sql};
}

}  // namespace

CompiledTexts CompiledTextsOf(const RunContext& run, const std::vector<NodeResult>& results) {
  CompiledTexts texts;
  for (const NodeResult& result : results) Add(run, result.unique_id, result.compiled, texts);
  return texts;
}

CompiledTexts CompiledTextsOf(const RunContext& run, const std::vector<CompiledNode>& nodes) {
  CompiledTexts texts;
  for (const CompiledNode& node : nodes) Add(run, node.unique_id, node.sql, texts);
  return texts;
}

}  // namespace smelt::transform
