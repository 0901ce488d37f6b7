#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "ingest/source.h"

namespace smelt::ingest {

struct ReleaseOptions {
  std::string project_dir;
  std::string sources_folder = "sources";  ///< relative to project_dir
  SharpenSources sharpen{};                ///< what else rows are held against
  std::string table;                       ///< "orders" or "bronze.orders"
  std::string where;                       ///< a condition of SQL on the rows of quarantine.<table>; empty: all
  std::string data_dir;                    ///< a folder or bucket with the files, instead of the source's own
  /// The fields of rows whose file is gone stand in the order of the contract. Otherwise such rows stay.
  bool contract_order = false;
  std::string run_id;  ///< recorded in the commits; empty: a new one
};

struct ReleaseReport {
  std::string table;                    ///< "bronze.orders"
  std::int64_t examined = 0;            ///< rows that the condition selects
  std::int64_t released = 0;            ///< rows that now fit the contract
  std::int64_t kept = 0;                ///< rows that still do not, or were not kept whole
  std::int64_t waiting = 0;             ///< of the released: rows of a merged table that wait for what they refer to
  std::int64_t finished = 0;            ///< rows that an earlier release had loaded, but not taken out of quarantine
  std::vector<std::string> files_gone;  ///< files whose rows stay because nothing tells their columns
  std::vector<std::string> complaints;  ///< why rows were kept, the first few: "orders.csv:12: price: …"
};

/// Reads rows of quarantine.<table> again, by the contract as it is now: what fits goes to the table, as ingest would
/// have put it there, and leaves quarantine. Rows are marked before they are loaded, and loaded in a commit with that
/// mark, so that a release which was interrupted is finished by the next one and no row is there twice. Rows of a table
/// that is merged are merged by its key: what is newer in the table stays, and what refers to nothing yet is held. The
/// files of a source with an archive are looked for there, too, in a folder as in a bucket. One release at a time: the
/// caller keeps others out. Errors: kIngestSourceUnknown, kSqlCatalog (nothing is in quarantine), kSqlBinding (the
/// condition), kConfig…, kCsv…, kDelta…, kStore…, kCancelled.
Result<ReleaseReport> ReleaseQuarantined(engine::Engine& engine, const ReleaseOptions& options,
                                         std::stop_token stop = {});

}  // namespace smelt::ingest
