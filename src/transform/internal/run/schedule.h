#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "transform/internal/project/manifest.h"
#include "transform/internal/run/run_graph.h"

namespace smelt::transform {

/// Which of the selected nodes may run now, in the order of a RunGraph. Of several nodes that may run, the one with the
/// longest chain of work behind it comes first: the last nodes of a run are then short ones, and the cores stay busy.
/// Thread-safe.
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
    std::size_t waiting = 0;  ///< how many nodes it still waits for
    std::size_t rank = 0;     ///< position in order_; of selected ones
    bool begun = false;       ///< handed out, or taken out
  };

  void Rank(const std::vector<std::string>& selected);
  void Begin(std::uint32_t node);
  /// The node waits for nothing any more.
  void Release(std::uint32_t node);

  RunGraph graph_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::vector<Entry> entries_;  ///< one a node of the graph
  std::unordered_map<std::string, std::uint32_t> places_;
  std::vector<std::uint32_t> order_;  ///< the selected nodes, those with the longest chains first
  std::set<std::size_t> ready_;       ///< ranks of the nodes that may run
  std::size_t left_ = 0;              ///< selected nodes that have not begun
  bool stopped_ = false;
};

}  // namespace smelt::transform
