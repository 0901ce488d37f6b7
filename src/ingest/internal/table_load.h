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
#include "ingest/internal/rejects.h"
#include "ingest/source.h"

namespace smelt::ingest {

/// What all loads of one run share. Thread-safe: read-only but for the observer and the engine, which are.
struct LoadContext {
  engine::Engine& engine;
  RunObserver& observer;
  LoadStamp stamp;
  std::int64_t quarantine_memory_bytes_max = 0;
  int conflict_attempts_max = 1;
  std::stop_token stop;
};

/// The load of one table's new files, in two halves: Stage reads and writes everything inside an open transaction,
/// Commit makes it visible. Between them the run decides whether all tables are fit to commit. Confined to one thread
/// at a time.
///
/// Order of commits, and why: rejected rows go to quarantine first, with a mark of each file's content, then the
/// fitting rows to bronze with the same marks. A file counts as loaded when bronze has its mark.
/// - A crash before the first commit leaves nothing; the next run starts over.
/// - A crash between them leaves the files' rejects in quarantine. The next run finds their marks there and not in
///   bronze, and replaces those rejects by its own in one commit: the contract may have changed meanwhile.
/// - Of two runs with the same file, the one that commits second to a table gets a conflict, as marks must be new. It
///   starts over with what is new then; whoever has committed to quarantine goes on to bronze at once, so one of them
///   always gets through.
class TableLoad {
 public:
  TableLoad(const LoadContext& context, const SourceTable& table, std::vector<FoundFile> files);
  ~TableLoad();

  /// Finds the new files, reads them, and writes their rows into an open transaction.
  /// Errors: kCsv…, kIngestFileChanged, kConfig… (contract), kDeltaSchemaMismatch, kStore…, kDelta…, kCancelled.
  Status Stage();

  /// Commits what was staged; when another writer was first, stages and commits again. Nothing to do after a Stage
  /// that found no new file. Errors: like Stage, kDeltaConflict (after the last attempt), kDeltaCommitUnknown.
  Status Commit();

  /// Gives up what was staged.
  void Abandon();

  const std::string& name() const { return name_; }
  std::int64_t bytes() const;  ///< of all files found
  bool has_work() const { return !inputs_.empty(); }
  const RowCounts& counts() const { return counts_; }
  std::int64_t files_loaded() const { return static_cast<std::int64_t>(inputs_.size()); }
  std::int64_t files_known() const { return files_known_; }
  /// Counts, files and versions, for machines.
  Json Details() const;
  /// What the engine took for it so far.
  const Usage& usage() const { return usage_; }

 private:
  using Marks = std::map<std::string, std::int64_t>;  ///< content hash → version of its mark

  Status SelectNewFiles();
  Status CheckColumns(const engine::TableInfo& existing) const;
  Result<Marks> QuarantineMarks() const;
  Status WriteRows();
  Status CommitOnce();
  Status CommitQuarantine();
  Status WriteQuarantine(engine::Session& session);
  engine::CommitNotes Notes(const Marks& earlier) const;

  const LoadContext& context_;
  const SourceTable& table_;
  const std::string name_;
  const std::vector<FoundFile> files_;

  std::vector<ColumnContract> contract_;
  std::vector<InputFile> inputs_;  ///< the new files
  std::int64_t files_known_ = 0;
  Marks quarantined_before_;  ///< new files whose rejects an unfinished run has left in quarantine
  std::unique_ptr<RejectStore> rejects_;
  RowCounts counts_;
  Usage usage_;
  std::unique_ptr<engine::Session> session_;  ///< holds the open transaction
  std::vector<engine::CommitReport> commits_;
};

/// The application id of a file's mark.
std::string FileMark(std::string_view content_hash);

}  // namespace smelt::ingest
