#include "state/internal/database.h"
#include "state/run_store.h"

namespace smelt::state {

Result<bool> RunStore::TakeSlots(const PoolClaim& claim, std::int64_t capacity) {
  // One statement that only writes: what a transaction has read cannot be written again after its session broke.
  SMELT_ASSIGN(const std::int64_t added,
               database_->Run("INSERT INTO pool_slots (pool, run_id, task, slots) "
                              "SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS BIGINT) "
                              "WHERE (SELECT coalesce(sum(held.slots), 0) FROM pool_slots AS held "
                              "JOIN runs ON runs.id = held.run_id WHERE held.pool = ?1 AND runs.status = 'running') "
                              "+ CAST(?4 AS BIGINT) <= CAST(?5 AS BIGINT)",
                              {claim.pool, claim.run_id, claim.task, claim.slots, capacity}));
  return added > 0;
}

Status RunStore::GiveSlots(const PoolClaim& claim) {
  SMELT_TRY(database_->Run("DELETE FROM pool_slots WHERE run_id = ? AND task = ?", {claim.run_id, claim.task}));
  return {};
}

Result<bool> RunStore::ReclaimSlots(std::string_view pool) {
  SMELT_ASSIGN(const std::vector<RunRecord> holders,
               SelectRuns("status = 'running' AND id IN (SELECT run_id FROM pool_slots WHERE pool = ?1)", pool,
                          internal::kNoLimit));
  std::int64_t freed = 0;
  for (const RunRecord& run : holders) {
    if (run.status != RunStatus::kDied) continue;
    SMELT_ASSIGN(const std::int64_t removed, database_->Run("DELETE FROM pool_slots WHERE run_id = ?", {run.id}));
    freed += removed;
  }
  // Those of runs that are recorded as over counted for nothing any more.
  SMELT_TRY(
      database_->Run("DELETE FROM pool_slots WHERE pool = ? AND NOT EXISTS "
                     "(SELECT 1 FROM runs WHERE runs.id = pool_slots.run_id AND runs.status = 'running')",
                     {pool}));
  return freed > 0;
}

}  // namespace smelt::state
