#include <fmt/format.h>

#include "base/parallel.h"
#include "delta/clone_plan.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/maintenance/maintenance.h"
#include "engine/internal/parquet_writer.h"

namespace smelt::engine {
namespace {

using duckdb::FileFlags;
using duckdb::LogicalType;
using duckdb::Value;

constexpr std::size_t kCopiesMax = 4;
constexpr std::size_t kCopyBufferBytes = 4 << 20;

CommandColumns CloneColumns(const CommandCall&) {
  return {{"version", LogicalType::BIGINT},
          {"source_version", LogicalType::BIGINT},
          {"files", LogicalType::BIGINT},
          {"bytes", LogicalType::BIGINT},
          {"files_copied", LogicalType::BIGINT}};
}

/// The table that is to be replaced; null when there is none. A view is in the way in any case.
Result<TableStatePtr> Present(const CommandCall& call, const TableKey& key) {
  SMELT_ASSIGN(const bool has_schema, call.lake().HasSchema(key.schema));
  if (!has_schema) {
    return Fail(Error(ErrorCode::kSqlCatalog, fmt::format("there is no schema {}", key.schema))
                    .Hint(fmt::format("create schema {}", QuoteIdentifier(key.schema))));
  }
  SMELT_ASSIGN(const TableStatePtr state, call.lake().Latest(key));
  SMELT_ASSIGN(const auto view, call.lake().ReadView(key));
  const bool replaces = call.Flag("replace", false);
  if (!view && (!state || replaces)) return state;
  return Fail(Error(ErrorCode::kSqlCatalog, fmt::format("{} exists already", key.Text()))
                  .Hint(view ? "clone to another name, or drop the view first"
                             : "clone to another name, or add replace => true"));
}

/// Copies one file, in pieces, from and to wherever the engine can read and write.
Status CopyFile(const CommandCall& call, const std::string& from, const std::string& to) {
  try {
    MakeFolder(to.substr(0, to.rfind('/')));
    duckdb::FileSystem& files = call.lake().database().GetFileSystem();
    auto source = files.OpenFile(from, FileFlags::FILE_FLAGS_READ);
    auto target = files.OpenFile(to, FileFlags::FILE_FLAGS_WRITE | FileFlags::FILE_FLAGS_FILE_CREATE_NEW);
    std::vector<char> buffer(kCopyBufferBytes);
    while (true) {
      SMELT_TRY(call.CheckNotInterrupted());
      const std::int64_t count = source->Read(buffer.data(), buffer.size());
      if (count <= 0) break;
      target->Write(buffer.data(), static_cast<duckdb::idx_t>(count));
    }
    target->Sync();
    target->Close();
    return {};
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

Status CopyAll(const CommandCall& call, const std::vector<delta::FileCopy>& copies) {
  return ForEachParallel(copies.size(), kCopiesMax, [&](std::size_t i) -> Status {
    return CopyFile(call, copies[i].from, call.lake().store().Address(copies[i].to));
  });
}

/// Takes back what CopyAll has made, as far as that is possible.
void DeleteCopies(const CommandCall& call, const TableKey& target, const std::vector<delta::FileCopy>& copies,
                  bool replaced) {
  for (const delta::FileCopy& copy : copies) (void)call.lake().store().Delete(copy.to);
  if (!replaced) (void)call.lake().store().DeleteFolder(target.Folder());
}

Result<CommandRows> RunClone(const CommandCall& call) {
  const TableKey source = call.Table(0);
  const TableKey target = call.Table(1);
  SMELT_TRY(call.CheckMayChange("clone", target));
  if (source.Text() == target.Text()) {
    return Fail(ErrorCode::kUsage, fmt::format("{} is its own clone already", source.Text()));
  }
  SMELT_ASSIGN(const TableStatePtr present, Present(call, target));
  SMELT_ASSIGN(TableStatePtr state, call.lake().Seen(source));
  if (!state) return Fail(ErrorCode::kDeltaNotATable, fmt::format("there is no table {}", source.Text()));
  SMELT_ASSIGN(const std::optional<delta::Version> asked, call.AskedVersion(source));
  if (asked) {
    SMELT_ASSIGN(state, call.lake().At(source, *asked));
  }
  SMELT_ASSIGN(delta::ClonePlan plan,
               delta::PlanClone(call.lake().LogOf(source.Folder()), *state->snapshot,
                                call.lake().LogOf(target.Folder()), call.Flag("shallow", false)));
  if (present) delta::ReplaceByClone(present->snapshot, plan.proposal);
  if (const Status copied = CopyAll(call, plan.copies); !copied) {
    DeleteCopies(call, target, plan.copies, present != nullptr);
    return Fail(Error(copied.error()).Context(target.Text()));
  }
  auto committed = call.Commit(target, std::move(plan.proposal));
  if (!committed) {
    // Files of a commit whose fate is unknown may be in use.
    if (committed.error().code() != ErrorCode::kDeltaCommitUnknown)
      DeleteCopies(call, target, plan.copies, present != nullptr);
    return Fail(std::move(committed.error()));
  }
  return CommandRows{{Value::BIGINT(committed->version.value), Value::BIGINT(state->snapshot->version().value),
                      Value::BIGINT(std::ssize(state->files)), Value::BIGINT(state->bytes()),
                      Value::BIGINT(std::ssize(plan.copies))}};
}

}  // namespace

Command CloneCommand() {
  return {"clone",
          {LogicalType::VARCHAR, LogicalType::VARCHAR},
          {{"shallow", LogicalType::BOOLEAN},
           {"replace", LogicalType::BOOLEAN},
           {"version", LogicalType::BIGINT},
           {"timestamp", LogicalType::TIMESTAMP_TZ}},
          CloneColumns,
          RunClone};
}

}  // namespace smelt::engine
