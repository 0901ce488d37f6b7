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
    : slots_free_(static_cast<std::size_t>(concurrency)),
      run_deadline_(DeadlineAfter(now, pipeline.timeout_ms)),
      unsettled_(pipeline.tasks.size()),
      nodes_(pipeline.tasks.size()) {
  SMELT_ASSERT(concurrency > 0);
  std::map<std::string_view, std::size_t> positions;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].task = &pipeline.tasks[i];
    positions.emplace(pipeline.tasks[i].name, i);
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (const std::string& need : pipeline.tasks[i].needs) nodes_[positions.at(need)].dependents.push_back(i);
    nodes_[i].needs.total = pipeline.tasks[i].needs.size();
    if (Judge(pipeline.tasks[i].trigger_rule, nodes_[i].needs) == Verdict::kRun) MakeReady(i);
  }
}

void Dispatcher::Reuse(std::size_t task, bool succeeded) {
  SMELT_ASSERT(nodes_[task].phase == Phase::kReady);
  Settle(task, succeeded ? Phase::kSucceeded : Phase::kSkipped);
}

void Dispatcher::Skip(std::size_t task) {
  SMELT_ASSERT(nodes_[task].phase == Phase::kRunning && nodes_[task].attempts == 1);
  std::erase(running_, task);
  ++slots_free_;
  nodes_[task].attempts = 0;
  skipped_.push_back({task, std::string(kConditionFails)});
  Settle(task, Phase::kSkipped);
}

std::size_t Dispatcher::Expand(std::size_t task, std::size_t count) {
  SMELT_ASSERT(nodes_[task].phase == Phase::kRunning && !stopped_);
  std::erase(running_, task);
  ++slots_free_;
  nodes_[task].phase = Phase::kExpanded;
  const std::size_t first = nodes_.size();
  unsettled_ += count;
  for (std::size_t i = 0; i < count; ++i) {
    nodes_.push_back({.task = nodes_[task].task});
    MakeReady(first + i);
  }
  return first;
}

void Dispatcher::Conclude(std::size_t task, bool succeeded) {
  SMELT_ASSERT(nodes_[task].phase == Phase::kExpanded);
  Settle(task, succeeded ? Phase::kSucceeded : Phase::kFailed);
}

std::optional<Dispatcher::Launch> Dispatcher::Next(double now, const Admission& admits) {
  while (!paused_.empty() && paused_.top().first <= now) {
    const std::size_t task = paused_.top().second;
    paused_.pop();
    if (nodes_[task].phase == Phase::kPaused) MakeReady(task);
  }
  std::vector<std::string_view> closed;  // pools whose first task is not admitted
  while (slots_free_ > 0) {
    const auto pool = FirstReady(closed);
    if (pool == ready_.end()) return std::nullopt;
    const std::size_t task = pool->second.top().second;
    if (admits && !admits(task)) {
      closed.push_back(pool->first);
      continue;
    }
    pool->second.pop();
    Node& node = nodes_[task];
    node.phase = Phase::kRunning;
    node.deadline = DeadlineAfter(now, node.task->timeout_ms);
    --slots_free_;
    running_.push_back(task);
    return Launch{task, ++node.attempts};
  }
  return std::nullopt;
}

/// The pool, but for those named, whose first task comes first of all that are ready.
Dispatcher::ReadyQueues::iterator Dispatcher::FirstReady(const std::vector<std::string_view>& but) {
  auto first = ready_.end();
  for (auto pool = ready_.begin(); pool != ready_.end(); ++pool) {
    auto& queue = pool->second;
    // What was reused or ruled out since is passed over.
    while (!queue.empty() && nodes_[queue.top().second].phase != Phase::kReady) queue.pop();
    if (queue.empty() || std::ranges::find(but, pool->first) != but.end()) continue;
    if (first == ready_.end() || queue.top() < first->second.top()) first = pool;
  }
  return first;
}

std::optional<std::int64_t> Dispatcher::Ended(std::size_t task, AttemptEnd end, double now) {
  Node& node = nodes_[task];
  SMELT_ASSERT(node.phase == Phase::kRunning);
  std::erase(running_, task);
  ++slots_free_;
  const RetryPolicy& policy = node.task->retries.policy;
  if (end == AttemptEnd::kFailedForNow && !stopped_ && node.attempts < policy.attempts_max) {
    const std::int64_t delay_ms = RetryDelayMs(policy, node.attempts + 1);
    node.phase = Phase::kPaused;
    paused_.emplace(now + static_cast<double>(delay_ms) / 1000.0, task);
    return delay_ms;
  }
  Settle(task, end == AttemptEnd::kSucceeded ? Phase::kSucceeded : Phase::kFailed);
  return std::nullopt;
}

std::vector<Dispatcher::Skipped> Dispatcher::TakeSkipped() {
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
      NeedCounts& needs = nodes_[dependent].needs;
      const Phase ended = nodes_[need].phase;
      ++(ended == Phase::kSucceeded ? needs.succeeded : ended == Phase::kSkipped ? needs.skipped : needs.failed);
      if (nodes_[dependent].phase == Phase::kWaiting && !stopped_ && Reconsider(dependent, need)) {
        settled.push_back(dependent);
      }
    }
  }
}

bool Dispatcher::Reconsider(std::size_t task, std::size_t settled_need) {
  Node& node = nodes_[task];
  const TriggerRule rule = node.task->trigger_rule;
  const Verdict verdict = Judge(rule, node.needs);
  if (verdict == Verdict::kWait) return false;
  if (verdict == Verdict::kRun) {
    MakeReady(task);
    return false;
  }
  node.phase = verdict == Verdict::kSkip ? Phase::kSkipped : Phase::kRuledOut;
  std::string reason = "nothing that it needs failed";
  if (rule != TriggerRule::kOneFailed) {
    const Phase ended = nodes_[settled_need].phase;
    const char* how = ended == Phase::kFailed ? "failed" : ended == Phase::kSucceeded ? "succeeded" : "was skipped";
    reason = fmt::format("'{}' {}", nodes_[settled_need].task->name, how);
  }
  skipped_.push_back({task, std::move(reason)});
  return true;
}

void Dispatcher::MakeReady(std::size_t task) {
  nodes_[task].phase = Phase::kReady;
  ready_[nodes_[task].task->pool].emplace(-nodes_[task].task->priority, task);
}

}  // namespace smelt::pipeline::internal
