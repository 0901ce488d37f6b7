#pragma once

#include <cstdint>
#include <vector>

#include "engine/internal/table_state.h"

/// Optimised writes: a table with `delta.autoOptimize.optimizeWrite` gets the rows that a commit writes to a partition
/// in as few files as possible, whatever number of threads, statements and branches wrote them.
namespace smelt::engine {

/// The files of one partition whose rows go into one new file.
using WriteBin = std::vector<LiveFile>;

/// Packs what a commit writes, partition by partition, up to `target_bytes` a file. `touched` are files that are
/// rewritten in any case; `fresh` are new ones, of which those that are packed with others are taken out.
std::vector<WriteBin> PackWrites(std::vector<LiveFile> touched, std::vector<LiveFile>& fresh,
                                 std::int64_t target_bytes);

}  // namespace smelt::engine
