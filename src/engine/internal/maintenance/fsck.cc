#include "delta/file_check.h"
#include "engine/internal/maintenance/maintenance.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

CommandColumns FsckColumns(const CommandCall&) {
  return {{"problem", LogicalType::VARCHAR},
          {"path", LogicalType::VARCHAR},
          {"bytes", LogicalType::BIGINT},
          {"modified", LogicalType::TIMESTAMP_TZ},
          {"repaired", LogicalType::BOOLEAN}};
}

Result<CommandRows> RunFsck(const CommandCall& call) {
  const TableKey key = call.Table();
  const bool repair = call.Flag("repair", false);
  if (repair) SMELT_TRY(call.CheckMayChange("fsck", key));
  SMELT_ASSIGN(const TableStatePtr state, call.State(key));
  auto check = delta::CheckFiles(call.lake().LogOf(key.Folder()), *state->snapshot);
  if (!check) return Fail(std::move(check.error()).Context(key.Text()));
  if (repair) SMELT_TRY(call.Commit(key, delta::RepairProposal(state->snapshot, *check)));
  CommandRows rows;
  for (const auto& file : check->missing) {
    rows.push_back({Value("missing"), Value(file->path), Value::BIGINT(file->size_bytes),
                    Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(file->modification_time_ms * 1000)),
                    Value::BOOLEAN(repair)});
  }
  for (const storage::ObjectInfo& file : check->orphans) {
    rows.push_back({Value("orphan"), Value(file.key.substr(key.Folder().size() + 1)), Value::BIGINT(file.bytes),
                    Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(file.modified_ms * 1000)), Value::BOOLEAN(false)});
  }
  return rows;
}

}  // namespace

Command FsckCommand() {
  return {"fsck", {LogicalType::VARCHAR}, {{"repair", LogicalType::BOOLEAN}}, FsckColumns, RunFsck};
}

}  // namespace smelt::engine
