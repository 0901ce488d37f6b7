#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "delta/snapshot.h"
#include "engine/internal/duck.h"
#include "engine/internal/folded_names.h"
#include "engine/internal/release_log.h"
#include "engine/internal/remote_files.h"
#include "engine/internal/table_state.h"
#include "engine/session.h"
#include "storage/object_store.h"

namespace smelt::engine {

class KeptFiles;

/// Where a table lies: "<schema>/<table>" within the lake.
struct TableKey {
  std::string schema;
  std::string table;
  auto operator<=>(const TableKey&) const = default;
  std::string Folder() const { return schema + "/" + table; }
  std::string Text() const { return schema + "." + table; }
  RelationName Name() const { return {.schema = schema, .name = table}; }
};

/// What all connections of one engine share: the store, the newest known state of each table, and the views.
/// Thread-safe.
class Lake {
 public:
  Lake(std::unique_ptr<storage::ObjectStore> store, duckdb::DatabaseInstance& db);
  ~Lake();

  storage::ObjectStore& store() { return *store_; }
  duckdb::DatabaseInstance& database() { return db_; }
  RemoteFiles& remote_files() { return remote_files_; }
  FoldedNames& folded_names() { return folded_names_; }
  KeptFiles& kept_files() { return *kept_files_; }
  ReleaseLog& releases() { return releases_; }
  delta::Log LogOf(const std::string& folder) { return delta::Log(*store_, folder, *checkpoints_); }

  /// The newest committed state of a table; null when there is none. Errors: as delta::Log::Latest.
  Result<TableStatePtr> Latest(const TableKey& key);
  /// The state that readers of a release see: the released one, the newest where the release says nothing of the table,
  /// null when it hides it or has a view of that name. Errors: those of At; kDeltaCorrupt when the table was dropped or
  /// replaced behind the release's back.
  Result<TableStatePtr> Seen(const TableKey& key, const Release& release);
  /// What readers see from now on: as Seen, of the release that is current.
  Result<TableStatePtr> Seen(const TableKey& key);
  /// Errors: kSqlUnsupported when the newest release has a say about this name, and nothing else may change it.
  Status CheckNotReleased(const TableKey& key);
  static Error RefusedByRelease(const TableKey& key, const Release& release);
  /// The state at a version or time. Errors: kDeltaVersionMissing and those of Latest.
  Result<TableStatePtr> At(const TableKey& key, delta::Version version);
  Result<TableStatePtr> AtTime(const TableKey& key, std::int64_t timestamp_ms);
  /// Replaces the known state after a commit of this process, so that the next reader need not look.
  Status Remember(const TableKey& key, delta::SnapshotPtr snapshot);
  void Forget(const TableKey& key);

  /// Schemas are the layers (main, bronze, silver, gold, quarantine), those made with CREATE SCHEMA, and the folders
  /// of the lake that are not zones of their own (landing, archive, rejected, _…).
  Result<std::vector<std::string>> Schemas();
  Status MakeSchema(const std::string& schema);
  Status RemoveSchema(const std::string& schema);
  Result<bool> HasSchema(const std::string& schema);
  static bool IsReservedFolder(std::string_view name);
  /// Tables of a schema (folders that hold a _delta_log), ascending.
  Result<std::vector<std::string>> TableNames(const std::string& schema);
  /// Removes a table's files, the log first, so that the table is gone or whole whenever it is looked at.
  Status RemoveTable(const TableKey& key);

  /// Views: one file each under _smelt/views, holding the statement that made it.
  Result<std::optional<std::string>> ReadView(const TableKey& key);
  /// The text and the names that readers of a release see.
  Result<std::optional<std::string>> SeenView(const TableKey& key, const Release& release);
  Result<std::vector<std::string>> SeenViewNames(const std::string& schema, const Release& release);
  Status WriteView(const TableKey& key, const std::string& sql);
  Status RemoveView(const TableKey& key);
  Result<std::vector<std::string>> ViewNames(const std::string& schema);

  /// States that a nested statement scans by handle while it rewrites files.
  std::string Lend(TableStatePtr state);
  TableStatePtr Borrow(const std::string& handle);
  void TakeBack(const std::string& handle);

 private:
  struct Known {
    std::mutex lock;
    TableStatePtr state;
    std::vector<TableStatePtr> released;  ///< states of releases, the newest last
  };
  std::shared_ptr<Known> KnownOf(const TableKey& key);
  static std::string ViewKey(const TableKey& key);

  std::unique_ptr<storage::ObjectStore> store_;
  FoldedNames folded_names_;
  ReleaseLog releases_;
  duckdb::DatabaseInstance& db_;
  RemoteFiles remote_files_;
  std::unique_ptr<delta::CheckpointFormat> checkpoints_;
  std::unique_ptr<KeptFiles> kept_files_;
  std::mutex lock_;
  std::map<TableKey, std::shared_ptr<Known>> known_;
  std::map<std::string, TableStatePtr> lent_;
  std::int64_t next_handle_ = 0;
};

/// What a connection carries beyond DuckDB's own state: notes for coming commits, reports of past ones, row sources,
/// the error of a failed commit, and what statements took. Thread-safe.
class ConnectionState : public duckdb::ClientContextState {
 public:
  static constexpr const char* kName = "smelt";
  static ConnectionState& Of(duckdb::ClientContext& context);

  /// Makes the context's operators count the CPU time that they take, and nothing else.
  static void CountCpu(duckdb::ClientContext& context);
  /// Counts a data file that a scan opens.
  void CountRead(std::int64_t bytes);
  void QueryEnd(duckdb::ClientContext& context, duckdb::optional_ptr<duckdb::ErrorData> error) override;

  std::mutex lock;
  std::map<TableKey, CommitNotes> notes;
  std::vector<CommitReport> reports;
  /// The partitions that were written to of tables which compact themselves.
  std::map<TableKey, std::set<delta::PartitionValues>> to_compact;
  std::map<std::string, RowSource*> sources;
  /// What the session's next transactions see of some tables, instead of the newest; may be null.
  std::shared_ptr<const std::map<TableKey, TableStatePtr>> pinned;
  /// The release that they see of all others, instead of the current one; may be null.
  ReleasePtr pinned_release;
  std::optional<Error> commit_error;
  Usage usage;
};

}  // namespace smelt::engine
