#include <fmt/format.h>

#include "base/clock.h"
#include "base/json.h"
#include "delta/restore_plan.h"
#include "engine/internal/maintenance/maintenance.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

CommandColumns RestoreColumns(const CommandCall& call) {
  if (call.Flag("dry_run", false)) {
    return {{"change", LogicalType::VARCHAR}, {"path", LogicalType::VARCHAR}, {"bytes", LogicalType::BIGINT}};
  }
  return {{"version", LogicalType::BIGINT},        {"restored_version", LogicalType::BIGINT},
          {"files", LogicalType::BIGINT},          {"bytes", LogicalType::BIGINT},
          {"files_restored", LogicalType::BIGINT}, {"files_removed", LogicalType::BIGINT}};
}

CommandRows ListPlan(const delta::Proposal& plan) {
  CommandRows rows;
  for (const delta::Add& add : plan.adds) {
    rows.push_back({Value("restore"), Value(add.path), Value::BIGINT(add.size_bytes)});
  }
  for (const delta::Remove& remove : plan.removes) {
    rows.push_back({Value("remove"), Value(remove.path), Value::BIGINT(remove.size_bytes.value_or(0))});
  }
  return rows;
}

Result<CommandRows> RunRestore(const CommandCall& call) {
  const TableKey key = call.Table();
  const bool dry_run = call.Flag("dry_run", false);
  if (!dry_run) SMELT_TRY(call.CheckMayChange("restore", key));
  SMELT_ASSIGN(const TableStatePtr state, call.State(key));
  SMELT_ASSIGN(const std::optional<delta::Version> asked, call.AskedVersion(key));
  if (!asked) {
    return Fail(Error(ErrorCode::kSqlBinding, "restore needs the version or the time to go back to")
                    .Hint("restore('schema.table', version => 3), or \"timestamp\" => '2024-05-01 12:00'"));
  }
  SMELT_ASSIGN(const TableStatePtr target, call.lake().At(key, *asked));
  auto plan = delta::PlanRestore(call.lake().LogOf(key.Folder()), state->snapshot, *target->snapshot);
  if (!plan) return Fail(std::move(plan.error()).Context(key.Text()));
  if (dry_run) return ListPlan(*plan);
  if (const auto time_ms = call.TimestampMs()) {
    plan->operation_parameters = {{"version", nullptr}, {"timestamp", FormatUtcMicros(*time_ms * 1000)}};
  }
  const Json metrics = plan->operation_metrics;
  SMELT_ASSIGN(const delta::Committed committed, call.Commit(key, *std::move(plan)));
  const auto metric = [&](const char* name) { return Value::BIGINT(metrics[name].get<std::int64_t>()); };
  return CommandRows{{Value::BIGINT(committed.version.value), Value::BIGINT(asked->value),
                      metric("numOfFilesAfterRestore"), metric("tableSizeAfterRestore"), metric("numRestoredFiles"),
                      metric("numRemovedFiles")}};
}

}  // namespace

Command RestoreCommand() {
  return {
      "restore",
      {LogicalType::VARCHAR},
      {{"version", LogicalType::BIGINT}, {"timestamp", LogicalType::TIMESTAMP_TZ}, {"dry_run", LogicalType::BOOLEAN}},
      RestoreColumns,
      RunRestore};
}

}  // namespace smelt::engine
