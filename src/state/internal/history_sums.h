#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "state/internal/database.h"
#include "state/run_history.h"

namespace smelt::state::internal {

/// Sums over the tasks whose row number is greater than `after` and at most `until`.
Result<HistoryTotals> SumHistory(Database& database, std::int64_t after, std::int64_t until);

/// Sums over the tasks that began at `since_us` or later.
Result<std::vector<UsageTotal>> SumUsageSince(Database& database, std::int64_t since_us);

/// Adds sums of later tasks.
void AddTotals(HistoryTotals& sums, const HistoryTotals& newer);

/// The form in which sums are kept in the database; nothing for what is none.
Json TotalsToJson(const HistoryTotals& totals);
std::optional<HistoryTotals> TotalsFromJson(const std::string& text);

}  // namespace smelt::state::internal
