#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// Which of the selected nodes may run now. Order is that of dependencies, also through nodes that are not selected;
/// with `tests_block`, a test also stands before whatever depends on all that it tests, so that bad rows go no
/// further. Thread-safe.
class Schedule {
 public:
  Schedule(const Manifest& manifest, const std::vector<std::string>& selected, bool tests_block);

  /// Waits for a node that may run; nothing when all are done or Stop was called.
  std::optional<std::string> Next();
  /// Reports a node as done. After a failure, everything that depends on it is taken out; those nodes are returned.
  std::vector<std::string> Finish(const std::string& id, bool failed);
  /// Hands out no more nodes. Returns those that had not begun.
  std::vector<std::string> Stop();

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  std::vector<std::string> order_;                        ///< selected, in manifest order
  std::map<std::string, std::set<std::string>> waiting_;  ///< node → what it still waits for
  std::map<std::string, std::vector<std::string>> dependents_;
  std::set<std::string> begun_;
  std::size_t running_ = 0;
  bool stopped_ = false;
};

}  // namespace smelt::transform
