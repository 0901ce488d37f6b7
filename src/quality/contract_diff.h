#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "quality/contract.h"

namespace smelt::quality {

enum class ChangeKind {
  kBreaking,    ///< what a reader relied on may no longer be so
  kCompatible,  ///< readers of the old contract are served by the new one
  kNote,        ///< words for people: descriptions, tags, team
};

/// "breaking", "compatible", "note".
std::string_view ChangeKindText(ChangeKind kind);

struct ContractChange {
  ChangeKind kind = ChangeKind::kNote;
  std::string path;       ///< "orders.order_id"; "" for the contract as a whole
  std::string change;     ///< "required was true and is false"
  std::int64_t line = 0;  ///< in the new contract; in the old one for what is gone
};

struct ContractDiff {
  std::string old_file, new_file, old_version, new_version;
  std::vector<ContractChange> changes;  ///< breaking ones first

  std::int64_t count(ChangeKind kind) const;
  /// Whether the first number of the version was raised, which announces breaking changes.
  bool announced() const;
  Json ToJson() const;
};

/// Compares two contracts from the view of those who read the data: a column that goes or changes its type, a promise
/// that is taken back or made weaker is breaking; a new column or a stronger promise is compatible. Objects and
/// properties are known by their names.
ContractDiff DiffContracts(const DataContract& before, const DataContract& after);

}  // namespace smelt::quality
