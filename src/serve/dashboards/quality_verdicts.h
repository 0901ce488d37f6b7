#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "serve/query_service.h"

namespace smelt::serve {

/// What the newest results of the suites on a table say together.
enum class Verdict : std::uint8_t { kUnknown, kPassed, kWarned, kFailed };
/// "unknown", "passed", "warned", "failed".
std::string_view VerdictText(Verdict verdict);

struct TableVerdict {
  Verdict verdict = Verdict::kUnknown;
  std::string validated_at{};
  std::int64_t version = -1;  ///< of the table, as it was checked
  std::int64_t checks = 0;
  std::int64_t failed = 0;
};
/// By "schema.table".
using Verdicts = std::map<std::string, TableVerdict>;

/// The verdicts on all tables, by quality.results; none when nothing was ever checked. Answers are kept as those of any
/// question are.
Result<Verdicts> ReadVerdicts(engine::Engine& engine, QueryService& queries, const std::stop_token& stop);

/// {"verdict": the worst, "tables": [...]} of some tables.
Json QualityJson(const Verdicts& verdicts, const std::vector<std::string>& tables);

}  // namespace smelt::serve
