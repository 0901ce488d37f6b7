#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "delta/snapshot.h"

/// "Version Checksum File": what a table's state amounts to at one version, in a file beside the commit.
namespace smelt::delta {

/// The text of the checksum file of a snapshot whose commit carries `txn_id`.
std::string VersionChecksumText(const Snapshot& snapshot, const std::string& txn_id);

/// Writes the checksum file of the commit that made the snapshot. It is a hint: a failure is logged, no error.
void WriteVersionChecksum(const Log& log, const Snapshot& snapshot, const std::string& txn_id);

/// Compares a snapshot with the checksum file of its version. A file that is missing, damaged, or of another commit
/// than the one with `txn_id` (empty: the commit does not say) tells nothing. Errors: kDeltaCorrupt, when the state is
/// not the one that the writer of the commit had.
Status CheckVersionChecksum(const Log& log, const Snapshot& snapshot, std::string_view txn_id);

}  // namespace smelt::delta
