#include "transform/internal/run/schedule.h"

#include <algorithm>
#include <functional>

namespace smelt::transform {

Schedule::Schedule(const Manifest& manifest, const std::vector<std::string>& selected, bool tests_block)
    : graph_(MakeRunGraph(manifest, selected, tests_block)), entries_(graph_.ids.size()), left_(selected.size()) {
  for (std::uint32_t node = 0; node < entries_.size(); ++node) {
    if (graph_.selected[node]) places_.emplace(graph_.ids[node], node);
    for (const std::uint32_t later : graph_.dependents[node]) ++entries_[later].waiting;
  }
  Rank(selected);
  std::vector<std::uint32_t> free;
  for (std::uint32_t node = 0; node < entries_.size(); ++node) {
    if (entries_[node].waiting == 0) free.push_back(node);
  }
  for (const std::uint32_t node : free) Release(node);
}

void Schedule::Rank(const std::vector<std::string>& selected) {
  for (const std::string& id : selected) order_.push_back(places_.at(id));
  std::ranges::stable_sort(order_, std::greater(), [this](std::uint32_t node) { return graph_.chain[node]; });
  for (std::size_t rank = 0; rank < order_.size(); ++rank) entries_[order_[rank]].rank = rank;
}

void Schedule::Begin(std::uint32_t node) {
  entries_[node].begun = true;
  ready_.erase(entries_[node].rank);
  --left_;
}

void Schedule::Release(std::uint32_t node) {
  std::vector<std::uint32_t> open = {node};
  while (!open.empty()) {
    const std::uint32_t current = open.back();
    open.pop_back();
    if (graph_.selected[current]) {
      if (!entries_[current].begun) ready_.insert(entries_[current].rank);
      continue;
    }
    // Nothing is to be done for it: it is through at once.
    for (const std::uint32_t later : graph_.dependents[current]) {
      if (--entries_[later].waiting == 0) open.push_back(later);
    }
  }
}

std::optional<std::string> Schedule::Next() {
  std::unique_lock guard(lock_);
  changed_.wait(guard, [this] { return stopped_ || left_ == 0 || !ready_.empty(); });
  if (stopped_ || left_ == 0) return std::nullopt;
  const std::uint32_t node = order_[*ready_.begin()];
  Begin(node);
  if (left_ == 0) changed_.notify_all();
  return graph_.ids[node];
}

std::vector<std::string> Schedule::Finish(const std::string& id, bool failed) {
  const std::lock_guard guard(lock_);
  const std::uint32_t done = places_.at(id);
  std::vector<std::string> skipped;
  if (!failed) {
    for (const std::uint32_t later : graph_.dependents[done]) {
      if (--entries_[later].waiting == 0) Release(later);
    }
    changed_.notify_all();
    return skipped;
  }
  std::vector<std::uint32_t> open = {done};
  while (!open.empty()) {
    const std::uint32_t current = open.back();
    open.pop_back();
    for (const std::uint32_t later : graph_.dependents[current]) {
      Entry& entry = entries_[later];
      if (entry.begun) continue;
      open.push_back(later);
      if (graph_.selected[later]) {
        Begin(later);
        skipped.push_back(graph_.ids[later]);
      } else {
        entry.begun = true;
      }
    }
  }
  changed_.notify_all();
  return skipped;
}

std::vector<std::string> Schedule::Stop() {
  const std::lock_guard guard(lock_);
  stopped_ = true;
  std::vector<std::string> left;
  for (const std::uint32_t node : order_) {
    if (entries_[node].begun) continue;
    Begin(node);
    left.push_back(graph_.ids[node]);
  }
  changed_.notify_all();
  return left;
}

}  // namespace smelt::transform
