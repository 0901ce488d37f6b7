#include "quality/verdicts.h"

#include "quality/internal/results_table.h"

namespace smelt::quality {

Result<std::map<std::string, Verdict>> LastVerdicts(engine::Engine& engine) {
  constexpr std::int64_t kVerdictBits = 3;  // of a mark; see ValidationMark
  std::map<std::string, Verdict> verdicts;
  SMELT_ASSIGN(const auto results, engine.FindTable(kResultsSchema, kResultsTable));
  if (!results) return verdicts;
  const std::string prefix = MarkAppId("");
  for (const auto& [app_id, mark] : results->txns) {
    if (!app_id.starts_with(prefix)) continue;
    const std::int64_t verdict = mark & kVerdictBits;
    if (verdict > static_cast<std::int64_t>(Verdict::kFail)) continue;
    verdicts[app_id.substr(prefix.size())] = static_cast<Verdict>(verdict);
  }
  return verdicts;
}

}  // namespace smelt::quality
