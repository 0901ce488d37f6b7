#pragma once

#include <optional>
#include <string>

#include "delta/actions.h"

/// "Row Tracking" of the protocol: every row has an id for life, and the version that last changed it.
namespace smelt::delta {

inline constexpr const char* kRowTrackingDomain = "delta.rowTracking";

/// Where files keep the ids and versions of rows that came from other files. Both are hidden from the schema.
struct RowTrackingColumns {
  std::string id, version;
  bool operator==(const RowTrackingColumns&) const = default;
};

/// Whether commits give the rows of new files ids: the table supports row tracking, and it is not suspended.
bool AssignsRowIds(const Protocol& protocol, const Metadata& metadata);

/// The columns in which writers keep ids and versions when they move rows; nothing when the table does not ask for it.
std::optional<RowTrackingColumns> RowTrackingOf(const Protocol& protocol, const Metadata& metadata);

/// Turns row tracking on. Files that the table has get their ids with the commit.
void EnableRowTracking(Protocol& protocol, Metadata& metadata);

}  // namespace smelt::delta
