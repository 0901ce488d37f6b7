#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "engine/session.h"
#include "quality/contract.h"

namespace smelt::quality {

enum class ContractStrictness {
  kStrict,  ///< the table has exactly the columns of the contract, with its physical types
  kLoose,   ///< the table may have further columns, and other types of the same family
};

/// What is thought of one promise of a contract.
enum class ContractVerdict {
  kHolds,
  kBroken,
  kWarning,   ///< broken, but its severity is warning or info
  kUnjudged,  ///< nothing that data could tell: a text for people, a promise of availability
};

/// "holds", "broken", "warning", "unjudged".
std::string_view ContractVerdictText(ContractVerdict verdict);

/// Whether a column is one of those that loading adds to every row (ingestion_timestamp, ingest_date, source_file,
/// data_quality_flag): a contract need not know them.
bool IsAddedByLoading(std::string_view column);

/// Whether a rule of that severity warns only: "warning", "info" and the like.
bool IsMild(std::string_view severity);

struct ContractCheck {
  std::string object;    ///< as the contract calls it; empty for the contract as a whole
  std::string property;  ///< empty for the object as a whole
  std::string check;     ///< "exists", "type", "required", "unique", "primaryKey", "minimum", …, the name of a rule
  ContractVerdict verdict = ContractVerdict::kHolds;
  std::string message;  ///< what was found, and what was promised: "null values: 12, promised none"
  std::int64_t line = 0;
};

struct ContractReport {
  std::string contract, version, file;
  std::vector<ContractCheck> checks;

  std::int64_t count(ContractVerdict verdict) const;
  bool holds() const { return count(ContractVerdict::kBroken) == 0; }
  Json ToJson() const;
};

/// "schema.table" as an object's physicalName, or the schema of the first server, has it; without either the name
/// alone.
std::string TableOf(const DataContract& contract, const ContractObject& object);

/// Holds the tables of a lake against a contract: columns, types, keys, references, bounds, rules, and the promises of
/// service that data and log can tell (latency, frequency, retention). The figures of a table are computed in one
/// query; only rules in SQL run by themselves. A table is found by its physicalName, in the schema of the first server
/// when that names none. Errors: kCancelled, kDelta…, kStore…. What cannot be computed is a broken promise, not an
/// error.
Result<ContractReport> CheckContract(engine::Engine& engine, engine::Session& session, const DataContract& contract,
                                     ContractStrictness strictness, std::stop_token stop = {});

/// The same for `schema.table` alone, as the session's open transaction would leave it, without the promises of
/// service. No checks when the contract says nothing of the table.
Result<ContractReport> CheckStagedTable(engine::Engine& engine, engine::Session& session, const DataContract& contract,
                                        std::string_view schema, std::string_view table, ContractStrictness strictness);

}  // namespace smelt::quality
