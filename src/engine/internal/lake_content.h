#pragma once

#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/internal/lake.h"
#include "engine/release.h"

namespace smelt::engine {

/// Which tables and views of a lake are meant.
class ContentSelection {
 public:
  /// As PromotionOrder has them. Errors: kUsage for a name without schema.
  static Result<ContentSelection> Make(const std::vector<std::string>& schemas, const std::vector<std::string>& tables);

  bool Contains(const RelationName& name) const;
  bool ContainsSchema(const std::string& schema) const;
  /// Those that were named one by one, and so must be there.
  const std::set<RelationName>& named() const { return named_; }
  const std::set<std::string>& schemas() const { return schemas_; }

 private:
  std::set<std::string> schemas_;
  std::set<RelationName> named_;
};

/// What readers of a lake see of the selected tables and views at one instant.
struct LakeContent {
  ReleasePtr release;
  std::map<RelationName, TableStatePtr> tables;
  std::map<RelationName, std::string> views;
};

/// Looks until nothing has changed between two looks: then all that was seen was so at one instant, whatever the clocks
/// of the writers say. Errors: kUsage (a table or schema that is not there), kDeltaConflict (the lake does not stand
/// still), kStore…, kDelta…, kCancelled.
Result<LakeContent> LookAtLake(Lake& lake, const ContentSelection& selection, const std::stop_token& stop);

}  // namespace smelt::engine
