#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "quality/contract.h"
#include "quality/contract_check.h"

namespace smelt::quality {

/// The contracts of a folder, *.yml, *.yaml and *.json, ascending; a missing folder has none.
/// Errors: those of LoadContract; kStoreIo, kStoreDenied.
Result<std::vector<DataContract>> LoadContracts(const std::string& folder);

/// Contracts that judge rows before they are committed: what breaks one never becomes visible. Contracts that are
/// proposed or drafts warn only, retired ones say nothing. Immutable, thread-safe.
class ContractGate {
 public:
  ContractGate(std::vector<DataContract> contracts, ContractStrictness strictness);

  /// Checks `schema.table` as the session's open transaction would leave it. Returns what the contracts warn of, in a
  /// line; empty when all is well or no contract is about the table.
  /// Errors: kQualityGateFailed, at the first broken promise; those of CheckStagedTable.
  Result<std::string> Judge(engine::Engine& engine, engine::Session& session, std::string_view schema,
                            std::string_view table) const;

 private:
  std::vector<DataContract> contracts_;
  ContractStrictness strictness_;
};

}  // namespace smelt::quality
