#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "delta/actions.h"

namespace smelt::delta {

/// Takes the rows of a checkpoint file, in their order.
class CheckpointRows {
 public:
  virtual ~CheckpointRows() = default;
  /// A file of the table: what most rows are. Nobody else has it.
  virtual Status Take(std::shared_ptr<Add> add) = 0;
  /// An action as JSON (the form of ParseAction).
  virtual Status TakeJson(std::string_view json) = 0;
};

/// What of a checkpoint is wanted.
enum class CheckpointPart {
  kAll,
  kDefinition,  ///< the rows of the protocol and the metadata; others may come, too
};

/// Reads and writes checkpoint files; the one thing of the protocol that needs Parquet, so that all the rest runs
/// without an engine. Implementations are thread-safe.
class CheckpointFormat {
 public:
  virtual ~CheckpointFormat() = default;

  /// Gives the rows of the Parquet file at `address`, each in either form, bounds in `stats_parsed` in the form that
  /// the protocol has for them in `stats`. Stops at the first error that `rows` returns. Errors: kStoreNotFound,
  /// kStoreIo, kDeltaCorrupt, and those of `rows`.
  virtual Status Read(const std::string& address, CheckpointRows& rows, CheckpointPart part = CheckpointPart::kAll) = 0;

  /// Writes a classic checkpoint from JSON action lines (without line breaks) to a Parquet file; returns its size in
  /// bytes. The file appears at `address` in one piece, replacing an older one: an object store's upload is atomic by
  /// itself; on a local file system it is written under a temporary name, which is no name of a log file, synced and
  /// renamed, so that it outlives a power cut: the commits before it may be deleted. After an error, nothing is left
  /// behind and an older file is as it was. Errors: kStoreDenied, kStoreFull, kStoreIo.
  virtual Result<std::int64_t> Write(const std::vector<std::string>& lines, const std::string& address) = 0;
};

}  // namespace smelt::delta
