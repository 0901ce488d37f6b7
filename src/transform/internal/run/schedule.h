#pragma once

#include <condition_variable>
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
/// further, and a unit test before its model. Of several nodes that may run, the one with the longest chain of work
/// behind it comes first: the last nodes of a run are then short ones, and the cores stay busy. Thread-safe.
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
  struct Entry {
    std::set<std::string> waiting;  ///< what the node still waits for
    std::vector<std::string> dependents;
    std::size_t rank = 0;  ///< position in order_
    bool begun = false;    ///< handed out, or taken out
  };

  void AwaitUnitTests(const Manifest& manifest, const std::vector<std::string>& selected);
  void RankByChain(const Manifest& manifest, const std::vector<std::string>& selected);
  void Begin(Entry& entry);

  std::mutex lock_;
  std::condition_variable changed_;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> order_;  ///< the nodes, those with the longest chains first
  std::set<std::size_t> ready_;     ///< ranks of the nodes that may run
  std::size_t left_ = 0;            ///< nodes that have not begun
  bool stopped_ = false;
};

}  // namespace smelt::transform
