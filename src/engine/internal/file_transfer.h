#pragma once

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/error.h"
#include "delta/clone_plan.h"
#include "engine/internal/lake.h"

namespace smelt::engine {

/// Brings data files of one lake into another. A file never changes once it has a name, so that where both are on one
/// local file system it gets a second name there instead of a copy. Thread-safe.
class FileTransfer {
 public:
  FileTransfer(Lake& source, Lake& target) : source_(source), target_(target) {}

  /// Brings all of them, several at a time; each appears whole. What is there already under its name is taken as it is.
  /// Vacuum leaves what was brought alone as it does the files of any commit to come.
  /// Errors: kStore…, kCancelled.
  Status Bring(const std::vector<delta::FileCopy>& files, const std::stop_token& stop);

  std::int64_t linked() const { return linked_; }
  std::int64_t copied() const { return copied_; }
  std::int64_t bytes_copied() const { return bytes_copied_; }

 private:
  Status BringOne(const delta::FileCopy& file, const std::stop_token& stop);
  Status Copy(const std::string& from, const std::string& to, const std::stop_token& stop);

  Lake& source_;
  Lake& target_;
  std::atomic<std::int64_t> linked_ = 0;
  std::atomic<std::int64_t> copied_ = 0;
  std::atomic<std::int64_t> bytes_copied_ = 0;
};

}  // namespace smelt::engine
