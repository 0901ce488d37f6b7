#pragma once

#include <optional>

#include "base/error.h"
#include "delta/internal/log_listing.h"
#include "delta/snapshot.h"

namespace smelt::delta {

/// What a table is, without its files.
struct Definition {
  Protocol protocol;
  Metadata metadata;
};

/// The definition in force at a listed version. Goes back from it until both parts are found, in commits or in a
/// checkpoint: no file of the table is looked at. Nothing when the listed files do not tell.
/// Errors: kDeltaCorrupt, kStore….
Result<std::optional<Definition>> DefinitionAt(const Log& log, const LogListing& listing, Version version);

}  // namespace smelt::delta
