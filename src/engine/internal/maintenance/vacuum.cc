#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/parallel.h"
#include "delta/data_files.h"
#include "delta/deletion_vector.h"
#include "delta/vacuum_plan.h"
#include "engine/internal/maintenance/maintenance.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

constexpr std::size_t kDeletesMax = 16;
constexpr double kMsPerHour = 3'600'000.0;
/// A record in the log is tried this often when other writers change the table's definition meanwhile.
constexpr int kRecordAttemptsMax = 5;

CommandColumns VacuumColumns(const CommandCall& call) {
  if (call.Flag("dry_run", false)) {
    return {{"path", LogicalType::VARCHAR}, {"bytes", LogicalType::BIGINT}, {"modified", LogicalType::TIMESTAMP_TZ}};
  }
  return {
      {"version", LogicalType::BIGINT}, {"files_deleted", LogicalType::BIGINT}, {"bytes_deleted", LogicalType::BIGINT}};
}

Result<delta::VacuumOptions> OptionsOf(const CommandCall& call) {
  delta::VacuumOptions options;
  options.lite = call.Flag("lite", false);
  options.retention_check = call.Flag("retention_check", true);
  if (const auto hours = call.Option("retain_hours")) {
    const auto value = hours->GetValue<double>();
    constexpr double kHoursMax = 24.0 * 365 * 1000;
    if (!(value >= 0 && value <= kHoursMax)) {
      return Fail(ErrorCode::kSqlBinding, fmt::format("retain_hours must be between 0 and {:g}", kHoursMax));
    }
    options.retention_ms = std::llround(value * kMsPerHour);
  }
  return options;
}

CommandRows ListPlan(const TableKey& key, const delta::VacuumPlan& plan) {
  CommandRows rows;
  for (const storage::ObjectInfo& file : plan.files) {
    rows.push_back({Value(file.key.substr(key.Folder().size() + 1)), Value::BIGINT(file.bytes),
                    Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(file.modified_ms * 1000))});
  }
  return rows;
}

/// Leaves out what the current release of the lake still reads: its version of the table may be another than the
/// newest.
Status KeepReleased(const CommandCall& call, const TableKey& key, delta::VacuumPlan& plan) {
  SMELT_ASSIGN(const ReleasePtr release, call.lake().releases().Newest());
  if (!release->tables.contains(key.Name())) return {};
  SMELT_ASSIGN(const TableStatePtr state, call.lake().Seen(key, *release));
  const delta::Log log = call.lake().LogOf(key.Folder());
  std::set<std::string> kept;
  for (const auto& file : state->snapshot->files()) {
    SMELT_ASSIGN(const auto data, delta::KeyOfFile(log, file->path));
    if (data) kept.insert(*data);
    if (!file->deletion_vector) continue;
    SMELT_ASSIGN(const auto path, delta::PathOfVector(*file->deletion_vector));
    if (!path) continue;
    SMELT_ASSIGN(const auto vector, delta::KeyOfFile(log, *path));
    if (vector) kept.insert(*vector);
  }
  std::erase_if(plan.files, [&kept](const storage::ObjectInfo& file) { return kept.contains(file.key); });
  return {};
}

Result<delta::VacuumPlan> PlanFor(const CommandCall& call, const TableKey& key, const delta::Snapshot& snapshot,
                                  const delta::VacuumOptions& options) {
  auto plan = delta::PlanVacuum(call.lake().LogOf(key.Folder()), snapshot, options, NowMillis());
  if (!plan) return Fail(std::move(plan.error()).Context(key.Text()));
  SMELT_TRY(KeepReleased(call, key, *plan));
  return plan;
}

/// Commits a record made for the newest state, whatever that is by now.
template <typename Make>
Result<delta::Committed> CommitRecord(const CommandCall& call, const TableKey& key, Make make) {
  for (int attempt = 1;; ++attempt) {
    SMELT_ASSIGN(const TableStatePtr state, call.State(key));
    delta::Proposal proposal = make(state->snapshot);
    // The version of a release has to stay readable, and may be older than any other that is wanted.
    SMELT_ASSIGN(const ReleasePtr release, call.lake().releases().Current());
    proposal.keeps_log = release->tables.contains(key.Name());
    auto committed = call.Commit(key, std::move(proposal));
    const bool is_worth_another =
        !committed && committed.error().code() == ErrorCode::kDeltaConflict && attempt < kRecordAttemptsMax;
    if (!is_worth_another) return committed;
  }
}

/// Deletes the files, then the folders that are empty now.
Status Delete(const CommandCall& call, const delta::VacuumPlan& plan, std::atomic<std::int64_t>& deleted) {
  SMELT_TRY(ForEachParallel(plan.files.size(), kDeletesMax, [&](std::size_t i) -> Status {
    SMELT_TRY(call.CheckNotInterrupted());
    SMELT_TRY(call.lake().store().Delete(plan.files[i].key));
    ++deleted;
    return {};
  }));
  for (const std::string& folder : plan.folders) SMELT_TRY(call.lake().store().DeleteFolder(folder));
  return {};
}

Result<CommandRows> RunVacuum(const CommandCall& call) {
  const TableKey key = call.Table();
  const bool dry_run = call.Flag("dry_run", false);
  if (!dry_run) SMELT_TRY(call.CheckMayCommit("vacuum"));
  SMELT_ASSIGN(const delta::VacuumOptions options, OptionsOf(call));
  SMELT_ASSIGN(const TableStatePtr state, call.State(key));
  auto plan = PlanFor(call, key, *state->snapshot, options);
  if (!plan) return Fail(std::move(plan.error()));
  if (dry_run) return ListPlan(key, *plan);
  auto started = CommitRecord(
      call, key, [&](delta::SnapshotPtr base) { return delta::VacuumStartProposal(std::move(base), *plan, options); });
  if (!started) return Fail(std::move(started.error()));
  if (started->version != state->snapshot->version().Next()) {
    // Whoever committed since the plan was made may need a file again, as a restore does.
    plan = PlanFor(call, key, *started->snapshot, options);
    if (!plan) return Fail(std::move(plan.error()));
  }
  std::atomic<std::int64_t> deleted = 0;
  const Status status = Delete(call, *plan, deleted);
  auto ended = CommitRecord(call, key, [&](delta::SnapshotPtr base) {
    return delta::VacuumEndProposal(std::move(base), deleted, std::ssize(plan->folders), status.has_value());
  });
  if (!status) return Fail(Error(status.error()).Context(key.Text()));
  if (!ended) {
    // The work is done, and the next vacuum does not depend on the record.
    Log(LogLevel::kWarn, "vacuum.record.failed", {{"table", key.Text()}, {"error", ended.error().ToString()}});
  }
  return CommandRows{{ended ? Value::BIGINT(ended->version.value) : Value(LogicalType::BIGINT), Value::BIGINT(deleted),
                      Value::BIGINT(plan->bytes())}};
}

}  // namespace

Command VacuumCommand() {
  return {"vacuum",
          {LogicalType::VARCHAR},
          {{"retain_hours", LogicalType::DOUBLE},
           {"retention_check", LogicalType::BOOLEAN},
           {"lite", LogicalType::BOOLEAN},
           {"dry_run", LogicalType::BOOLEAN}},
          VacuumColumns,
          RunVacuum};
}

}  // namespace smelt::engine
