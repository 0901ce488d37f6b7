#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/error.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {

/// Remembers what data tests found on which input, in <lake>/_smelt/tests/<project>.json, so that a run on unchanged
/// tables need not ask again. Only for skipping work: it may be deleted at any time. Thread-safe.
class TestMemory {
 public:
  /// A file that is missing or cannot be read is an empty memory.
  TestMemory(std::string lake, std::string project);

  std::optional<TestVerdict> Recall(const std::string& unique_id, std::int64_t fingerprint) const;
  void Remember(const std::string& unique_id, std::int64_t fingerprint, const TestVerdict& verdict);
  /// Writes what is new. Errors: kStore….
  Status Save();

 private:
  struct Entry {
    std::int64_t fingerprint = 0;
    TestVerdict verdict;
  };

  std::string lake_, key_;
  mutable std::mutex lock_;
  std::map<std::string, Entry> entries_;
  bool changed_ = false;
};

}  // namespace smelt::transform
