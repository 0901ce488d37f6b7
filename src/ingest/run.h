#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/progress.h"
#include "engine/session.h"
#include "ingest/source.h"

namespace smelt::ingest {

struct IngestOptions {
  std::string project_dir;
  std::string sources_folder = "sources";               ///< relative to project_dir
  std::vector<std::string> sources;                     ///< names; empty: all of the project
  std::vector<std::string> tables;                      ///< "orders" or "bronze.orders"; empty: all of the sources
  SharpenSources sharpen{};                             ///< what else rows are held against
  std::string data_dir;                                 ///< read instead of the sources' location, and left as it is
  bool again = false;                                   ///< load known files, too, of tables that are merged
  std::string run_id;                                   ///< recorded in every commit; empty: a new one
  int threads = 0;                                      ///< tables loaded side by side; 0: one per core
  std::int64_t quarantine_memory_bytes_max = 32 << 20;  ///< rejected rows of one table beyond this wait in a file
  int conflict_attempts_max = 5;  ///< how often a table is loaded anew because another writer was first
};

struct IngestReport {
  std::vector<StepResult> steps;  ///< one per table, in the order of the definitions
  std::int64_t files_loaded = 0;
  std::int64_t files_known = 0;              ///< skipped: their content is in the lake already
  std::vector<std::string> files_unclaimed;  ///< data files that no table's globs match
  std::vector<std::string> files_waiting;    ///< of sources with zones: still being written, left for the next run
  std::int64_t files_refused = 0;            ///< likewise: moved to the zone of rejected files
  /// Data rows in the loaded files. rows_in + rows_released = rows_out + rows_quarantined + rows_duplicate + rows_held.
  std::int64_t rows_in = 0;
  std::int64_t rows_out = 0;
  std::int64_t rows_quarantined = 0;
  std::int64_t rows_duplicate = 0;  ///< not merged, because another row of the same key is as new
  std::int64_t rows_held = 0;       ///< which wait for what they refer to
  std::int64_t rows_released = 0;   ///< which had waited
};

/// Loads the files that are new, by content, into their tables, and the rows that do not fit the contract into
/// quarantine.<table>. All tables are read and checked before the first commit: when any file is refused, the lake
/// stays as it was; of a source with a zone for them, such files go there and the others are loaded. Files whose rows
/// are in the lake go to the archive; a crash before that is put right by the next run. Tables that refer to others
/// come after those, so that they are committed already then. Each file's rows and the mark of its content are one
/// commit, so that repeating a run, or running two at once, neither loses nor doubles a row. Errors: kConfig…
/// (definitions), kIngestSourceUnknown, kIngestFileMissing, kIngestFileChanged, kCsv… (a file is refused; with file and
/// line), kDeltaSchemaMismatch (the table in the lake has other columns), kStore…, kDelta…, kCancelled.
Result<IngestReport> RunIngest(engine::Engine& engine, const IngestOptions& options, RunObserver& observer,
                               std::stop_token stop = {});

}  // namespace smelt::ingest
