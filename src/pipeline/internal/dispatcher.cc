#include "pipeline/internal/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string_view>

namespace smelt::pipeline::internal {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

double DeadlineAfter(double now, std::int64_t timeout_ms) {
  return timeout_ms == 0 ? kNever : now + static_cast<double>(timeout_ms) / 1000.0;
}

}  // namespace

Dispatcher::Dispatcher(const Pipeline& pipeline, int concurrency, double now)
    : pipeline_(pipeline),
      slots_free_(static_cast<std::size_t>(concurrency)),
      run_deadline_(DeadlineAfter(now, pipeline.timeout_ms)),
      unsettled_(pipeline.tasks.size()),
      nodes_(pipeline.tasks.size()) {
  SMELT_ASSERT(concurrency > 0);
  std::map<std::string_view, std::size_t> positions;
  for (std::size_t i = 0; i < nodes_.size(); ++i) positions.emplace(pipeline.tasks[i].name, i);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (const std::string& need : pipeline.tasks[i].needs) nodes_[positions.at(need)].dependents.push_back(i);
    nodes_[i].open_needs = pipeline.tasks[i].needs.size();
    if (nodes_[i].open_needs == 0) MakeReady(i);
  }
}

void Dispatcher::Reuse(std::size_t task) {
  SMELT_ASSERT(nodes_[task].phase == Phase::kReady);
  Settle(task, Phase::kSucceeded);
}

std::optional<Dispatcher::Launch> Dispatcher::Next(double now) {
  while (!paused_.empty() && paused_.top().first <= now) {
    const std::size_t task = paused_.top().second;
    paused_.pop();
    if (nodes_[task].phase == Phase::kPaused) MakeReady(task);
  }
  while (slots_free_ > 0 && !ready_.empty()) {
    const std::size_t task = ready_.top();
    ready_.pop();
    Node& node = nodes_[task];
    if (node.phase != Phase::kReady) continue;  // reused or ruled out since
    node.phase = Phase::kRunning;
    node.deadline = DeadlineAfter(now, pipeline_.tasks[task].timeout_ms);
    --slots_free_;
    running_.push_back(task);
    return Launch{task, ++node.attempts};
  }
  return std::nullopt;
}

std::optional<std::int64_t> Dispatcher::Ended(std::size_t task, AttemptEnd end, double now) {
  Node& node = nodes_[task];
  SMELT_ASSERT(node.phase == Phase::kRunning);
  std::erase(running_, task);
  ++slots_free_;
  const RetryPolicy& policy = pipeline_.tasks[task].retries.policy;
  if (end == AttemptEnd::kFailedForNow && !stopped_ && node.attempts < policy.attempts_max) {
    const std::int64_t delay_ms = RetryDelayMs(policy, node.attempts + 1);
    node.phase = Phase::kPaused;
    paused_.emplace(now + static_cast<double>(delay_ms) / 1000.0, task);
    return delay_ms;
  }
  Settle(task, end == AttemptEnd::kSucceeded ? Phase::kSucceeded : Phase::kFailed);
  return std::nullopt;
}

std::vector<Dispatcher::Skip> Dispatcher::TakeSkipped() {
  return std::exchange(skipped_, {});
}

void Dispatcher::Stop(const std::string& reason) {
  stopped_ = true;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Phase phase = nodes_[i].phase;
    if (phase != Phase::kWaiting && phase != Phase::kReady && phase != Phase::kPaused) continue;
    skipped_.push_back({i, reason});
    Settle(i, Phase::kSkipped);
  }
}

std::vector<std::size_t> Dispatcher::TakeExpired(double now) {
  std::vector<std::size_t> expired;
  for (const std::size_t task : running_) {
    if (nodes_[task].deadline > now) continue;
    nodes_[task].deadline = kNever;
    expired.push_back(task);
  }
  return expired;
}

double Dispatcher::NextDue() const {
  double due = stopped_ ? kNever : run_deadline_;
  if (!paused_.empty() && slots_free_ > 0) due = std::min(due, paused_.top().first);
  for (const std::size_t task : running_) due = std::min(due, nodes_[task].deadline);
  return due;
}

void Dispatcher::Settle(std::size_t task, Phase phase) {
  nodes_[task].phase = phase;
  std::vector<std::size_t> settled = {task};  // a list, not recursion: a chain of tasks may be long
  while (!settled.empty()) {
    const std::size_t need = settled.back();
    settled.pop_back();
    --unsettled_;
    for (const std::size_t dependent : nodes_[need].dependents) {
      Node& node = nodes_[dependent];
      --node.open_needs;
      if (nodes_[need].phase != Phase::kSucceeded) ++node.failed_needs;
      if (node.phase != Phase::kWaiting || stopped_) continue;
      if (std::optional<std::string> reason = WhyNot(dependent, need)) {
        node.phase = Phase::kSkipped;
        skipped_.push_back({dependent, std::move(*reason)});
        settled.push_back(dependent);
      } else if (node.open_needs == 0) {
        MakeReady(dependent);
      }
    }
  }
}

std::optional<std::string> Dispatcher::WhyNot(std::size_t task, std::size_t settled_need) const {
  const Node& node = nodes_[task];
  switch (pipeline_.tasks[task].trigger_rule) {
    case TriggerRule::kAllSuccess: {
      if (node.failed_needs == 0) return std::nullopt;
      const bool failed = nodes_[settled_need].phase == Phase::kFailed;
      return fmt::format("'{}' {}", pipeline_.tasks[settled_need].name, failed ? "failed" : "was skipped");
    }
    case TriggerRule::kOneFailed:
      if (node.open_needs > 0 || node.failed_needs > 0) return std::nullopt;
      return "nothing that it needs failed";
    case TriggerRule::kAllDone: return std::nullopt;
  }
  return std::nullopt;
}

void Dispatcher::MakeReady(std::size_t task) {
  nodes_[task].phase = Phase::kReady;
  ready_.push(task);
}

}  // namespace smelt::pipeline::internal
