#pragma once

#include <set>
#include <string>

#include "base/error.h"
#include "delta/snapshot.h"

namespace smelt::delta {

/// What lies between two versions of a table when nothing but rows was added.
struct AddedFiles {
  /// Why it is more than that, for people: "version 7 removed rows". Empty when rows were added, or none; the rest is
  /// of no meaning otherwise.
  std::string obstacle;
  /// The files with the added rows, all live and whole in the later version, as the log names them.
  std::set<std::string> paths;
  /// Rows that were there before are in other files by now, hence in another order.
  bool rearranged = false;
};

/// Compares a version with a later one of the same log, and reads the commits between them. Maintenance that moves rows
/// of before is no obstacle; one that moves added rows is. So is all that cannot be known: commits that are no longer
/// in the log, or more than 1,000 of them. Errors: kDeltaCorrupt, kStore….
Result<AddedFiles> FindAddedFiles(const Log& log, const Snapshot& before, const Snapshot& after);

}  // namespace smelt::delta
