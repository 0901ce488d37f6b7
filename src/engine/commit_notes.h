#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace smelt::engine {

/// A mark in the table's own log that says how far an application has come (Delta's txn action).
struct TxnMark {
  std::string app_id;
  std::int64_t version = 0;
};

/// What a caller wants recorded in the next commit of one table, beside its rows.
struct CommitNotes {
  std::vector<TxnMark> txns;
  Json info = Json::object();  ///< stored as commitInfo.smelt
  /// Refuse to commit when the table has one of these application ids already at this or a later version: the work
  /// was done by someone else meanwhile (kDeltaConflict).
  bool marks_must_be_new = false;
};

/// One commit that a statement or transaction made.
struct CommitReport {
  std::string table;  ///< "schema.table"
  std::int64_t version = 0;
  std::string operation;
  std::int64_t rows_added = 0;  ///< rows in added files (copies included)
  std::int64_t files_added = 0;
  std::int64_t files_removed = 0;
  std::int64_t bytes_added = 0;  ///< in files that were not there before
};

}  // namespace smelt::engine
