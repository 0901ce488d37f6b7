#include "state/run_history.h"

#include <algorithm>
#include <utility>

#include "state/internal/history_sums.h"
#include "state/internal/state_database.h"

namespace smelt::state {
namespace {

using internal::Database;
using internal::Dialect;
using internal::Row;

/// Sums up to some row, which were worked out before.
struct KeptTotals {
  std::int64_t until = 0;
  HistoryTotals totals;
};

Result<KeptTotals> ReadKept(Database& database) {
  KeptTotals kept;
  SMELT_TRY(database.Select("SELECT until, body FROM history_totals", {}, [&](const Row& row) -> Status {
    // Sums that another version wrote in another form are worked out anew.
    if (auto totals = internal::TotalsFromJson(row.Text(1))) kept = {row.Int(0), std::move(*totals)};
    return {};
  }));
  return kept;
}

/// The last row up to which nothing changes any more: the tasks have ended, and no transaction can still bring a row
/// before it.
Result<std::int64_t> SettledUntil(Database& database, std::int64_t after) {
  // Transactions of PostgreSQL may become visible in another order than that in which their rows were numbered.
  const std::int64_t unsure = database.dialect() == Dialect::kSqlite ? 0 : 100;
  std::int64_t until = 0;
  SMELT_TRY(database.Select("SELECT max(rowid) FROM tasks", {}, [&](const Row& row) -> Status {
    until = row.Int(0) - unsure;
    return {};
  }));
  SMELT_TRY(database.Select("SELECT min(rowid) FROM tasks WHERE rowid > ?1 AND status = 'running'", {after},
                            [&](const Row& row) -> Status {
                              if (row.Int(0) > 0) until = std::min(until, row.Int(0) - 1);
                              return {};
                            }));
  return until;
}

}  // namespace

RunHistory::RunHistory(std::unique_ptr<Database> database) : database_(std::move(database)) {}
RunHistory::~RunHistory() = default;

Result<std::unique_ptr<RunHistory>> RunHistory::Open(const StoreAddress& address, std::int64_t busy_timeout_ms) {
  SMELT_ASSIGN(std::unique_ptr<Database> database, internal::OpenStateDatabase(address, busy_timeout_ms));
  return std::unique_ptr<RunHistory>(new RunHistory(std::move(database)));
}

Result<std::vector<RunTotal>> RunHistory::Runs() {
  std::vector<RunTotal> totals;
  SMELT_TRY(database_->Select("SELECT pipeline, status, count(*) FROM runs GROUP BY pipeline, status ORDER BY 1, 2", {},
                              [&](const Row& row) -> Status {
                                totals.push_back({row.Text(0), row.Text(1), row.Int(2)});
                                return {};
                              }));
  return totals;
}

Result<HistoryTotals> RunHistory::Totals() {
  // Fewer rows than that are summed anew each time, rather than that the sums are written each time.
  constexpr std::int64_t kFoldedMin = 200;
  SMELT_ASSIGN(KeptTotals kept, ReadKept(*database_));
  SMELT_ASSIGN(const std::int64_t settled, SettledUntil(*database_, kept.until));
  if (settled - kept.until >= kFoldedMin) {
    SMELT_ASSIGN(const HistoryTotals more, internal::SumHistory(*database_, kept.until, settled));
    internal::AddTotals(kept.totals, more);
    kept.until = settled;
    const std::string body = JsonText(internal::TotalsToJson(kept.totals));
    // Of two that do this at once, the one that came further prevails.
    SMELT_TRY(
        database_->Run("INSERT INTO history_totals (id, until, body) VALUES (1, ?1, ?2) ON CONFLICT (id) DO UPDATE "
                       "SET until = excluded.until, body = excluded.body WHERE history_totals.until <= "
                       "excluded.until",
                       {settled, body}));
  }
  SMELT_ASSIGN(const HistoryTotals rest, internal::SumHistory(*database_, kept.until, INT64_MAX));
  internal::AddTotals(kept.totals, rest);
  return std::move(kept.totals);
}

Result<std::vector<UsageTotal>> RunHistory::UsageSince(std::int64_t since_us) {
  return internal::SumUsageSince(*database_, since_us);
}

}  // namespace smelt::state
