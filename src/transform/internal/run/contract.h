#pragma once

#include <map>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {

/// Whether the node promises the columns of its table: contract: {enforced: true}.
bool HasContract(const Node& node);

/// Checks that a query has the columns that the node's contract names, with their types, whatever their order. Does
/// nothing without a contract. Errors: kDbtConfigInvalid with a table of what does not fit, or for
/// columns without a name or type; kSql….
Status CheckContract(NodeRun& run, const std::string& sql);

/// What a contract says of the table between the parentheses of CREATE TABLE: columns in the order of the contract with
/// their types, NOT NULL (of primary keys, too) and CHECK. Keys are not part of a lake's tables: see KeyChecks.
std::string ContractDefinition(const Node& node);

/// The columns in the order of the contract, as SQL.
std::string ContractColumns(const Node& node);

/// Questions about the constraints of the node's contract that its table cannot keep by itself, primary_key, unique and
/// foreign_key: a list of {"question", "complaint", "why"}. A question answers with an example of what breaks its
/// constraint. Errors: kJinja…, kDbt… of a foreign key's ref().
Result<Json> KeyChecks(const NodeRun& run);

/// Gives the macros that make tables what the node's contract says of them: the texts smelt_contract,
/// smelt_contract_columns and smelt_key_checks. Does nothing without a contract. Errors: as KeyChecks.
Status AddContract(const NodeRun& run, std::map<std::string, std::string>& values);

}  // namespace smelt::transform
