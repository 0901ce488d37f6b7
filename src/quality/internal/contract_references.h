#pragma once

#include <string>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "quality/contract.h"

namespace smelt::quality {

/// Reads the `relationships` of an object and, where `property` names one, of that property, whose `from` is itself.
/// Both notations of the standard are understood: "orders.id" and "schema/orders/properties/id", the latter behind
/// the file of another contract, too. Errors, with file and line: kConfigKeyMissing, kConfigValueInvalid.
Result<std::vector<ContractReference>> ReadReferences(const ConfigNode& node, const std::string& property);

/// Puts names where ids stand. Names that the contract does not know stay as they are.
void ResolveReferences(std::vector<ContractObject>& objects);

/// A query for the number of rows of `child` without a match in `parent`, both what stands after FROM; rows with a null
/// among the columns need none. The columns are pairs of quoted names.
std::string UnmatchedSql(const std::string& child, const std::string& parent,
                         const std::vector<std::pair<std::string, std::string>>& columns);

}  // namespace smelt::quality
