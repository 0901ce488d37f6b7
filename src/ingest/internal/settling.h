#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "ingest/internal/discovery.h"

namespace smelt::ingest {

/// Waits until no file has changed for `settle_ms`, and leaves out those that go on changing for ten times as long:
/// they are still being written. Returns the names of those. Errors: kCancelled.
Result<std::vector<std::string>> AwaitSettled(std::vector<FoundFile>& files, std::int64_t settle_ms,
                                              const std::stop_token& stop);

}  // namespace smelt::ingest
