#pragma once

#include "base/config.h"
#include "base/error.h"
#include "ingest/source.h"

namespace smelt::ingest {

/// The keys of a table's definition that say how it is merged.
inline constexpr std::string_view kMergeKeys[] = {"load", "newest_by", "partition_by", "references", "held_for"};

/// Reads them, after columns and key. Errors: kConfigKeyUnknown, kConfigValueInvalid, with file and line.
Status ReadMergeKeys(const ConfigNode& node, SourceTable& table);

/// Completes the names of the tables that are referred to, and sorts the tables so that those come first.
/// Errors: kConfigValueInvalid (no such column or key, tables that refer to each other in a circle).
Status ResolveReferences(Source& source);

}  // namespace smelt::ingest
