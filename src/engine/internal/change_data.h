#pragma once

#include <string>
#include <vector>

#include "engine/internal/lake_transaction.h"

/// What a transaction records for the change data feed: "Add CDC File" of the protocol.
namespace smelt::engine {

/// The rows that a transaction changed in one table, as rows of its files. Rows that it wrote itself and took away
/// again are in none of the lists.
struct RowChanges {
  std::vector<LiveFile> deleted, preimages;    ///< in files of the base
  std::vector<LiveFile> inserted, postimages;  ///< in new files
  /// Whether the files of the commit do not tell the changes by themselves: only whole files came or went otherwise.
  bool must_be_recorded = false;
};

/// Where a row was updated and then updated or deleted again in such a way that its first state cannot be told from the
/// others, all updates count as deletions and insertions.
RowChanges ChangesOf(const TableWork& work);

/// Writes the changed rows into files under `_change_data`, one per partition, whose names contain `mark`.
/// Errors: kStoreIo, kStoreFull, kCancelled ….
Result<std::vector<delta::Cdc>> WriteChangeData(Lake& lake, const TableState& state, const RowChanges& changes,
                                                const std::string& mark);

}  // namespace smelt::engine
