#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "delta/row_tracking.h"
#include "delta/transaction.h"

namespace smelt::delta {

/// The highest row id given out so far, -1 for none. Errors: kDeltaCorrupt.
Result<std::int64_t> RowIdHighWaterMark(const DomainMetadata* domain);

/// When a proposal turns row tracking on, adds the table's files again, so that they get ids, too.
void AddFilesWithoutRowIds(Proposal& proposal, const Protocol& protocol, const Metadata& metadata);

/// Errors: kDeltaInvalidTable (a file to be given ids does not say how many rows it has).
Status CheckRowsAreCounted(const Proposal& proposal);

/// Gives the files of a proposal row ids, anew for each attempt to commit it. Immutable.
class RowIdAssigner {
 public:
  /// Notes which files lack what.
  explicit RowIdAssigner(const Proposal& proposal);

  /// Fills in what these files lack, for a commit as `version` after ids up to `high_water_mark` were given out. The
  /// new mark, if it moved.
  std::optional<DomainMetadata> Assign(Proposal& proposal, std::int64_t high_water_mark, Version version) const;

 private:
  std::vector<std::size_t> without_id_, without_version_;
};

}  // namespace smelt::delta
