#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/progress.h"
#include "engine/session.h"
#include "ingest/internal/contract.h"
#include "ingest/internal/csv/csv_rows.h"
#include "ingest/internal/discovery.h"
#include "ingest/internal/drop_folder.h"
#include "ingest/internal/merge_table.h"
#include "ingest/internal/rejects.h"
#include "ingest/source.h"

namespace smelt::ingest {

/// What all loads of one run share. Thread-safe: read-only but for the observer and the engine, which are.
struct LoadContext {
  engine::Engine& engine;
  RunObserver& observer;
  LoadStamp stamp;
  DropFolder& folder;  ///< thread-safe
  Zones zones = {};
  bool again = false;  ///< load known files, too, of tables that are merged
  std::int64_t quarantine_memory_bytes_max = 0;
  int conflict_attempts_max = 1;
  std::stop_token stop;
};

/// What a load has committed, over all its batches.
struct LoadTotals {
  RowCounts rows;
  MergeCounts merge;  ///< of a table that is merged
  std::int64_t files_loaded = 0, files_known = 0, files_refused = 0;
  std::int64_t bytes = 0;  ///< of the files loaded
  std::string refusal;     ///< the first file that was refused, and why
  bool did_something() const { return files_loaded > 0 || files_refused > 0 || merge.released > 0; }
};

/// The load of one table's new files, in two halves: Stage reads and writes everything inside an open transaction,
/// Commit makes it visible. Between them the run decides whether all tables are fit to commit. Confined to one thread
/// at a time.
///
/// Of a source where a file that cannot be read stops nobody, a table that is merged takes its files in batches, each
/// of which is committed and moved to the zones before the next one is read: memory does not grow with what has
/// arrived. Commit goes through all of them.
///
/// Order of commits, and why: rejected rows go to quarantine first, with a mark of each file's content, then the
/// fitting rows to bronze with the same marks. A file counts as loaded when bronze has its mark.
/// - A crash before the first commit leaves nothing; the next run starts over.
/// - A crash between them leaves the files' rejects in quarantine. The next run finds their marks there and not in
///   bronze, and replaces those rejects by its own in one commit: the contract may have changed meanwhile.
/// - Of two runs with the same file, the one that commits second to a table gets a conflict, as marks must be new. It
///   starts over with what is new then; whoever has committed to quarantine goes on to bronze at once, so one of them
///   always gets through.
/// A table that is merged is staged in temporary tables, and its rows that wait for others are committed between
/// quarantine and table: see merge_table.h.
class TableLoad {
 public:
  TableLoad(const LoadContext& context, const SourceTable& table, std::vector<FoundFile> files);
  ~TableLoad();

  /// Finds the new files, reads them, and writes their rows into an open transaction.
  /// Errors: kCsv…, kIngestFileChanged, kConfig… (contract), kDeltaSchemaMismatch, kStore…, kDelta…, kCancelled.
  Status Stage();

  /// Commits what was staged; when another writer was first, stages and commits again. Nothing to do after a Stage
  /// that found no new file. Then stages and commits the batches that are left. Errors: like Stage, kDeltaConflict
  /// (after the last attempt), kDeltaCommitUnknown.
  Status Commit();

  /// Gives up what was staged.
  void Abandon();

  const std::string& name() const { return name_; }
  std::int64_t bytes() const;  ///< of all files found
  bool is_merge() const { return table_.load == LoadMode::kMerge; }
  const LoadTotals& totals() const { return totals_; }
  /// Which file was refused and why, in a line; empty if none was.
  std::string RefusalText() const;
  /// Counts, files and versions, for machines.
  Json Details() const;
  /// What the engine took for it so far.
  const Usage& usage() const { return usage_; }

 private:
  using Marks = std::map<std::string, std::int64_t>;  ///< content hash → version of its mark

  void TakeBatch();
  bool has_work() const { return !inputs_.empty() || releasable_ || !refused_.empty(); }
  Status CommitBatch();
  void AddToTotals();
  Status StageOnce();
  bool Refuse(const Error& error);
  Status AddRefusals();
  Status ClearZone() const;
  Status SelectNewFiles();
  Result<FileStamp> Bring(FoundFile& file) const;
  Status CheckColumns(const engine::TableInfo& existing) const;
  Result<Marks> MarksIn(std::string_view schema) const;
  Status StageMerge();
  Status WriteRows();
  Status CommitOnce();
  Status CommitMerge();
  Status CommitQuarantine();
  Status WriteQuarantine(engine::Session& session, bool there);
  engine::CommitNotes Notes(const Marks& earlier) const;
  Json NotesOfRun() const;

  const LoadContext& context_;
  const SourceTable& table_;
  const std::string name_;
  const std::vector<FoundFile> files_;
  std::vector<FoundFile> batch_;  ///< those that are loaded now
  std::size_t next_file_ = 0;     ///< of the files, the first that is in no batch yet
  LoadTotals totals_;             ///< of the batches that are committed

  // What follows is of the batch.
  std::vector<ColumnContract> contract_;
  std::vector<InputFile> inputs_;  ///< the new files
  std::vector<InputFile> known_;   ///< those that are in the table already
  struct Refusal {
    InputFile input;
    Error error;
  };
  std::vector<Refusal> refused_;  ///< new files that cannot be read, where there is a zone for them
  Marks quarantined_before_;      ///< new files whose rejects an unfinished run has left in quarantine
  Marks held_before_;             ///< likewise of rows that wait
  Marks loaded_before_;           ///< files that the table knows, and that are loaded again
  bool releasable_ = false;       ///< rows that wait have what they refer to
  MergeCounts merge_counts_;
  std::unique_ptr<RejectStore> rejects_;
  RowCounts counts_;
  Usage usage_;
  std::unique_ptr<engine::Session> session_;  ///< holds the open transaction, or the temporary tables of a merge
  std::vector<engine::CommitReport> commits_;
};

/// The application id of a file's mark.
std::string FileMark(std::string_view content_hash);

}  // namespace smelt::ingest
