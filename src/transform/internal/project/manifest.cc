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
  }
  SMELT_ASSERT(false);
}

std::string RelationName::Sql() const {
  return engine::QuoteIdentifier(schema) + "." + engine::QuoteIdentifier(identifier);
}

}  // namespace smelt::transform
