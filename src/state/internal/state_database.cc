#include "state/internal/state_database.h"

#include <filesystem>

#include "base/file.h"
#include "base/retry.h"
#include "state/internal/postgres_database.h"
#include "state/internal/schema.h"
#include "state/internal/sqlite_database.h"

namespace smelt::state::internal {
namespace {

/// With a write-ahead log readers never wait for a run that is recording. The file remembers the mode; SQLite does not
/// wait by itself when two processes switch a new file at the same moment.
Status UseWriteAheadLog(SqliteDatabase& database, std::int64_t timeout_ms) {
  constexpr std::int64_t kPauseMs = 5;
  Status status = database.Execute("PRAGMA journal_mode = WAL");
  for (std::int64_t waited_ms = 0; !status && status.error().retryable() && waited_ms < timeout_ms;
       waited_ms += kPauseMs) {
    SleepFor(kPauseMs, {});
    status = database.Execute("PRAGMA journal_mode = WAL");
  }
  return status;
}

Result<std::unique_ptr<SqliteDatabase>> OpenFile(const std::string& path, std::int64_t busy_timeout_ms) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (!folder.empty()) SMELT_TRY(CreateFolders(folder));
  SMELT_ASSIGN(std::unique_ptr<SqliteDatabase> database, SqliteDatabase::Open(path, busy_timeout_ms));
  SMELT_ASSIGN(const std::int64_t version, SchemaVersion(*database, path));
  SMELT_TRY(UseWriteAheadLog(*database, busy_timeout_ms));
  // Keeps every record when the process dies; when the machine dies, the last few may be missing, which resuming
  // treats as work to repeat.
  SMELT_TRY(database->Execute("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON"));
  SMELT_TRY(MigrateSchema(*database, path, version));
  return database;
}

}  // namespace

Result<std::unique_ptr<Database>> OpenStateDatabase(const StoreAddress& address, std::int64_t busy_timeout_ms) {
  if (!address.is_file()) return PostgresDatabase::Open(address, busy_timeout_ms);
  return OpenFile(address.path, busy_timeout_ms);
}

}  // namespace smelt::state::internal
