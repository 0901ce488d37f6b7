#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/error.h"
#include "state/lock.h"

namespace smelt::state {

namespace internal {
class HeldRow;
}

/// Keeps two runs of one pipeline from overlapping, until destruction or the death of the process: a lock of a file, or
/// of a row that is kept alive by its holder. It must not outlive the store that gave it. Movable; confined to one
/// thread at a time.
class PipelineLock {
 public:
  explicit PipelineLock(FileLock file);
  explicit PipelineLock(std::unique_ptr<internal::HeldRow> row);
  PipelineLock(PipelineLock&&) noexcept;
  PipelineLock& operator=(PipelineLock&&) noexcept;
  ~PipelineLock();

  /// Whether it still keeps others out. Errors: kStoreRemoved when its file was deleted, probably with the whole
  /// folder; kStateLocked when another has taken it, since this process was cut off from the server for longer than the
  /// lease.
  Status Check() const;
  /// Requested at the moment at which another has taken it; never for a file.
  std::stop_token lost() const;

 private:
  std::optional<FileLock> file_;
  std::unique_ptr<internal::HeldRow> row_;
};

}  // namespace smelt::state
