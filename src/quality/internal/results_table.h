#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/session.h"
#include "quality/result.h"
#include "quality/suite.h"

/// quality.results: one row per expectation of every validation, and in its log a mark per suite that tells the next
/// run which table at which version was found how.
namespace smelt::quality {

inline constexpr std::string_view kResultsSchema = "quality";
inline constexpr std::string_view kResultsTable = "results";

/// 60 bits of a content hash, above 2 bits that are free.
std::int64_t Fingerprint(const std::string& identity);

/// Identity of what a suite demands: name, gate and expectations, parameters replaced.
std::string DefinitionHash(const Suite& resolved);

/// The mark of a validation: 60 bits that identify the suite's definition, the table and the versions of what was read
/// (the results themselves when something has none), then 2 bits of verdict.
std::int64_t ValidationMark(const SuiteResult& result);

/// The verdict of the last stored validation, if that was of this definition, this table and these versions.
std::optional<Verdict> VerdictOfMark(std::int64_t mark, std::string_view definition_hash, std::string_view table,
                                     const Json& input_versions);

/// "smelt.suite/<name>".
std::string MarkAppId(std::string_view suite);

}  // namespace smelt::quality
