#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "ingest/internal/csv/csv_rows.h"
#include "ingest/internal/rejects.h"
#include "ingest/source.h"

namespace smelt::ingest {

inline constexpr std::string_view kHeld = "held";

/// What became of the rows of a merge: those read that fit the contract, and those released, are the sum of the others.
struct MergeCounts {
  std::int64_t merged = 0;      ///< keys that are new in the table, or newer than it had them
  std::int64_t duplicates = 0;  ///< rows that another one of the same key is as new as, in the files or in the table
  std::int64_t held = 0;        ///< rows that wait in held.<table> for what they refer to
  std::int64_t released = 0;    ///< rows that had waited there, and do no longer
  std::int64_t given_up = 0;    ///< of these, rows that went to quarantine because they had waited too long
};

/// Merges rows into a table by its key, in steps: Take and Judge write nothing to the lake, the others commit.
///
/// Rows that refer to what is not there yet are held in held.<table>, with the file and line they came from, and are
/// merged by the first load that finds it; those that wait for longer than the table allows go to quarantine. They are
/// committed there before the table has the marks of their files, and leave only when the table has them: a crash
/// between two commits leaves rows in both, which the next load puts right, as merging a row twice changes nothing.
/// Confined to one thread at a time.
class MergeTable {
 public:
  /// All must outlive it. The session must not be in a transaction.
  MergeTable(engine::Session& session, const SourceTable& table, const LoadStamp& stamp)
      : session_(session), table_(table), stamp_(stamp) {}

  /// Creates the table if it is missing. Errors: kSql…, kDelta…, kStore….
  Status CreateIfMissing();
  /// Whether a row of held.<table> has what it refers to by now, or has waited too long for it.
  Result<bool> HasReleasable();
  /// Reads all rows to a temporary table. Errors: those of the source, kSql….
  Status Take(engine::RowSource& rows, const std::vector<InputFile>& files);
  /// Gives the rows that were taken the lines of the files they came in: `lines` has them by those that were read.
  Status Renumber(const std::map<std::int64_t, std::int64_t>& lines);
  /// Finds out which rows, those held among them, have what they refer to. Errors: kSql…, kDelta…, kStore….
  Status Judge();
  bool has_held() const { return counts_.held > 0; }
  bool has_given_up() const { return counts_.given_up > 0; }
  /// Commits the rows that are to wait, instead of those that an unfinished load of `replaced` files has left there,
  /// and of the same rows that are there already.
  Status CommitHeld(engine::CommitNotes notes, const std::vector<std::string>& replaced);
  /// Commits the rows that have waited too long to quarantine, once, even when an unfinished load has done so before.
  Status CommitGivenUp(engine::CommitNotes notes);
  /// Merges and commits; the counts go into the notes. Errors: kDeltaConflict (somebody was first: judge again),
  /// kDelta…, kStore….
  Status CommitMerged(engine::CommitNotes notes);
  /// Takes those out of held.<table> that were merged or given up.
  Status DropReleased();

  /// Of merged and duplicates: after CommitMerged.
  const MergeCounts& counts() const { return counts_; }

 private:
  std::string Target() const;
  std::string HeldTable() const;
  std::string ColumnNames() const;
  /// The text of what a row lacks, as an expression; null if it lacks nothing.
  Result<std::string> Missing(std::string_view row) const;
  Status TakeBackGivenUp();
  /// Whether a row of held.<table> has waited too long, as an expression.
  std::string IsTooOld(std::string_view row) const;
  Result<std::int64_t> CountOf(const std::string& query);

  engine::Session& session_;
  const SourceTable& table_;
  const LoadStamp& stamp_;
  MergeCounts counts_;
};

}  // namespace smelt::ingest
