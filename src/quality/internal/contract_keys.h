#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/json.h"

namespace smelt::quality {

/// What stands under a key of a contract.
enum class ContractKeyKind { kText, kFlag, kNumber, kInteger, kScalar, kTexts, kNumbers, kAny, kBlock, kBlocks };

/// A key of a block of a contract.
struct ContractKey {
  std::string_view name;
  ContractKeyKind kind = ContractKeyKind::kText;
  std::string_view summary = {};
  bool required = false;
  std::string_view block = {};                   ///< of kBlock and kBlocks
  std::span<const std::string_view> words = {};  ///< of kText: nothing else may stand there
};

/// A map of a contract: what it is called here, and its keys.
struct ContractBlock {
  std::string_view name;
  std::vector<ContractKey> keys;
  bool open = false;  ///< other keys may stand there, too
};

/// All blocks; the first is the contract itself.
const std::vector<ContractBlock>& ContractBlocks();

/// Checks a map and all below it. Errors: kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid.
Status CheckContractBlock(const ConfigNode& node, std::string_view block);

}  // namespace smelt::quality
