#include "state/pipeline_lock.h"

#include <fmt/format.h>

#include "state/internal/postgres_keeper.h"

namespace smelt::state {

PipelineLock::PipelineLock(FileLock file) : file_(std::move(file)) {}
PipelineLock::PipelineLock(std::unique_ptr<internal::HeldRow> row) : row_(std::move(row)) {}
PipelineLock::PipelineLock(PipelineLock&&) noexcept = default;
PipelineLock& PipelineLock::operator=(PipelineLock&&) noexcept = default;
PipelineLock::~PipelineLock() = default;

Status PipelineLock::Check() const {
  if (row_ && row_->lost().stop_requested()) {
    return Fail(
        Error(ErrorCode::kStateLocked, "another process took over while this one was cut off from the state database")
            .Hint("see `smelt pipeline runs` for the run that went on"));
  }
  if (!file_ || file_->IsInPlace()) return {};
  const std::string folder = file_->path().substr(0, file_->path().rfind('/'));
  return Fail(
      Error(ErrorCode::kStoreRemoved,
            fmt::format("the folder {} was removed while the run was at work, perhaps with the whole lake", folder))
          .Hint("run again: what is missing is made anew"));
}

std::stop_token PipelineLock::lost() const {
  return row_ ? row_->lost() : std::stop_token();
}

}  // namespace smelt::state
