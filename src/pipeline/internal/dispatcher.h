#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/definition.h"
#include "pipeline/internal/trigger.h"

namespace smelt::pipeline::internal {

/// How an attempt ended, as far as the order of things is concerned.
enum class AttemptEnd {
  kSucceeded,
  kFailed,        ///< for good
  kFailedForNow,  ///< worth another attempt while the task has any left
};

/// Decides which task starts when. It knows the graph, the slots, the retries and the deadlines, but neither threads
/// nor a clock: time is a number of seconds that the caller passes in. Confined to one thread.
class Dispatcher {
 public:
  struct Launch {
    std::size_t task;
    int attempt;
  };
  struct Skipped {
    std::size_t task;
    std::string reason;
  };

  /// The pipeline must outlive the dispatcher. `now` is the beginning of the run.
  Dispatcher(const Pipeline& pipeline, int concurrency, double now);

  /// Counts a task as succeeded, or as skipped, without running it. Before the first Next, and after all that it needs.
  void Reuse(std::size_t task, bool succeeded = true);

  /// Whether a task whose turn has come gets its slots of its pool.
  using Admission = std::function<bool(std::size_t task)>;

  /// The next attempt to start now, if a slot is free and a task is ready: first come tasks of higher priority, then
  /// those that stand first. One that is not admitted stays ready, and so do those of its pool behind it.
  std::optional<Launch> Next(double now, const Admission& admits = {});
  /// Notes the end of a running attempt. Returns the pause in milliseconds before the task's next attempt; nothing when
  /// the task is settled.
  std::optional<std::int64_t> Ended(std::size_t task, AttemptEnd end, double now);
  /// Makes a running task stand for `count` new ones, which are ready and numbered from the number that is returned: an
  /// item each, run as the task says. It is unsettled until Conclude.
  std::size_t Expand(std::size_t task, std::size_t count);
  /// Settles a task that was expanded.
  void Conclude(std::size_t task, bool succeeded);
  /// Passes over a task that Next gave for its first attempt and that has not begun: its condition does not hold.
  void Skip(std::size_t task);
  /// The tasks that have been ruled out or skipped since the last call, and why.
  std::vector<Skipped> TakeSkipped();
  /// Starts nothing more: rules out every task that is not running now, those that wait for another attempt included.
  void Stop(const std::string& reason);

  /// The running tasks whose own time is up, each reported once.
  std::vector<std::size_t> TakeExpired(double now);
  /// Whether the time of the whole run is up.
  bool RunExpired(double now) const { return now >= run_deadline_; }
  /// The next moment at which something is due by time alone; infinity when nothing is.
  double NextDue() const;

  /// Whether every task is settled.
  bool done() const { return unsettled_ == 0; }

 private:
  enum class Phase { kWaiting, kReady, kRunning, kPaused, kExpanded, kSucceeded, kFailed, kRuledOut, kSkipped };
  struct Node {
    const TaskDefinition* task = nullptr;
    Phase phase = Phase::kWaiting;
    NeedCounts needs{};
    std::vector<std::size_t> dependents{};
    int attempts = 0;
    double deadline = 0;
  };

  void Settle(std::size_t task, Phase phase);
  /// Lets a waiting task run or rules it out, as its trigger rule says now that one more of its needs is settled.
  /// Returns whether it is settled, too.
  bool Reconsider(std::size_t task, std::size_t settled_need);
  void MakeReady(std::size_t task);

  template <typename T>
  using MinQueue = std::priority_queue<T, std::vector<T>, std::greater<T>>;
  /// By pool; in each by priority, the highest first, and place.
  using ReadyQueues = std::map<std::string_view, MinQueue<std::pair<int, std::size_t>>>;

  ReadyQueues::iterator FirstReady(const std::vector<std::string_view>& but);

  std::size_t slots_free_;
  double run_deadline_;
  bool stopped_ = false;
  std::size_t unsettled_;
  std::vector<Node> nodes_;
  ReadyQueues ready_;
  MinQueue<std::pair<double, std::size_t>> paused_;  ///< by the time of the next attempt
  std::vector<std::size_t> running_;                 ///< at most as many as there are slots
  std::vector<Skipped> skipped_;
};

}  // namespace smelt::pipeline::internal
