#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::delta {

/// Reads and writes checkpoint files; the one thing of the protocol that needs Parquet, so that all the rest runs
/// without an engine. Implementations are thread-safe.
class CheckpointFormat {
 public:
  virtual ~CheckpointFormat() = default;

  /// Calls `line` with each row of the Parquet file at `address` as one JSON action (the form of ParseAction), bounds
  /// in `stats_parsed` in the form that the protocol has for them in `stats`. Stops at the first error that `line`
  /// returns. Errors: kStoreNotFound, kStoreIo, kDeltaCorrupt, and those of `line`.
  virtual Status Read(const std::string& address, const std::function<Status(std::string_view)>& line) = 0;

  /// Writes a classic checkpoint from JSON action lines (without line breaks) to a Parquet file; returns its size in
  /// bytes. The file appears at `address` in one piece, replacing an older one: an object store's upload is atomic by
  /// itself; on a local file system it is written under a temporary name, which is no name of a log file, synced and
  /// renamed, so that it outlives a power cut: the commits before it may be deleted. After an error, nothing is left
  /// behind and an older file is as it was. Errors: kStoreDenied, kStoreFull, kStoreIo.
  virtual Result<std::int64_t> Write(const std::vector<std::string>& lines, const std::string& address) = 0;
};

}  // namespace smelt::delta
