#include "transform/internal/project/manifest.h"

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
  }
  SMELT_ASSERT(false);
}

bool IsDataTest(ResourceType type) {
  return type == ResourceType::kGenericTest || type == ResourceType::kSingularTest;
}

bool IsRefable(ResourceType type) {
  return type == ResourceType::kModel || type == ResourceType::kSeed || type == ResourceType::kSnapshot;
}

std::string RelationName::Sql() const {
  return engine::QuoteIdentifier(schema) + "." + engine::QuoteIdentifier(identifier);
}

}  // namespace smelt::transform
