#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/error.h"
#include "transform/internal/run/input_history.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {

/// Remembers what data tests found on which input, in <lake>/_smelt/tests/<project>.json, so that a run on unchanged
/// tables need not ask again. Only for skipping work: it may be deleted at any time. Thread-safe.
class TestMemory {
 public:
  /// A file that is missing or cannot be read is an empty memory.
  TestMemory(std::string lake, std::string project);

  std::optional<TestVerdict> Recall(const std::string& unique_id, std::int64_t fingerprint) const;
  /// `past`: what it read, when that is known.
  void Remember(const std::string& unique_id, std::int64_t fingerprint, const TestVerdict& verdict,
                std::optional<TestPast> past = std::nullopt);
  /// What the test found last, and on what.
  std::optional<TestPast> Past(const std::string& unique_id) const;
  /// Writes what is new. Errors: kStore….
  Status Save();

 private:
  struct Entry {
    std::int64_t fingerprint = 0;
    TestVerdict verdict;
    std::optional<TestPast> past;
  };

  std::string lake_, key_;
  mutable std::mutex lock_;
  std::map<std::string, Entry> entries_;
  bool changed_ = false;
};

}  // namespace smelt::transform
