#include "transform/internal/project/manifest.h"

#include <algorithm>

#include "engine/session.h"

namespace smelt::transform {

std::string_view ResourceTypeText(ResourceType type) {
  switch (type) {
    case ResourceType::kModel: return "model";
    case ResourceType::kSeed: return "seed";
    case ResourceType::kSnapshot: return "snapshot";
    case ResourceType::kGenericTest:
    case ResourceType::kSingularTest: return "test";
    case ResourceType::kUnitTest: return "unit_test";
    case ResourceType::kAnalysis: return "analysis";
    case ResourceType::kOperation: return "operation";
  }
  SMELT_ASSERT(false);
}

bool IsDataTest(ResourceType type) {
  return type == ResourceType::kGenericTest || type == ResourceType::kSingularTest;
}

bool IsRefable(ResourceType type) {
  return type == ResourceType::kModel || type == ResourceType::kSeed || type == ResourceType::kSnapshot;
}

const Node* FindNode(const Manifest& manifest, const std::string& unique_id) {
  if (const auto found = manifest.nodes.find(unique_id); found != manifest.nodes.end()) return &found->second;
  const auto operation = std::ranges::find(manifest.operations, unique_id, &Node::unique_id);
  return operation == manifest.operations.end() ? nullptr : &*operation;
}

std::string RelationName::Sql() const {
  return engine::QuoteIdentifier(schema) + "." + engine::QuoteIdentifier(identifier);
}

}  // namespace smelt::transform
