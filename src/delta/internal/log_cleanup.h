#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "delta/snapshot.h"
#include "storage/object_store.h"

namespace smelt::delta {

/// The log files that nobody needs any more, oldest first: those of versions before the newest checkpoint that is older
/// than `cutoff_ms`. Every version from that checkpoint on, and so every version since `cutoff_ms`, stays readable. A
/// version is as old as its commit file, and never older than the version before it. `objects` is a listing of the log
/// folder.
std::vector<std::string> PlanLogCleanup(const std::vector<storage::ObjectInfo>& objects, std::int64_t cutoff_ms);

/// Deletes the log files that are older than `delta.logRetentionDuration` and not needed any more, unless
/// `delta.enableExpiredLogCleanup` is false. Files go one after the other, so that what is left of an interrupted
/// cleanup is a log without gaps. Errors: kStore….
Status CleanUpLog(const Log& log, const Metadata& metadata, std::int64_t now_ms);

}  // namespace smelt::delta
