#include "transform/internal/run/schedule.h"

#include <algorithm>

namespace smelt::transform {
namespace {

bool IsTest(const Node& node) {
  return node.type == ResourceType::kGenericTest || node.type == ResourceType::kSingularTest;
}

using IdSet = std::set<std::string>;

/// For each node, everything it depends on, directly or not.
std::map<std::string, IdSet> Ancestors(const Manifest& manifest) {
  std::map<std::string, IdSet> ancestors;
  for (const std::string& id : manifest.order) {
    IdSet& own = ancestors[id];
    for (const std::string& input : manifest.nodes.at(id).depends_on) {
      own.insert(input);
      const IdSet& further = ancestors[input];
      own.insert(further.begin(), further.end());
    }
  }
  return ancestors;
}

}  // namespace

Schedule::Schedule(const Manifest& manifest, const std::vector<std::string>& selected, bool tests_block)
    : order_(selected) {
  auto ancestors = Ancestors(manifest);
  IdSet chosen(selected.begin(), selected.end());
  std::vector<const Node*> tests;
  for (const std::string& id : selected) {
    if (IsTest(manifest.nodes.at(id))) tests.push_back(&manifest.nodes.at(id));
  }
  for (const std::string& id : selected) {
    IdSet& waits = waiting_[id];
    const IdSet& own = ancestors[id];
    std::set_intersection(own.begin(), own.end(), chosen.begin(), chosen.end(), std::inserter(waits, waits.end()));
    if (!tests_block || IsTest(manifest.nodes.at(id))) continue;
    for (const Node* test : tests) {
      bool covered =
          !test->depends_on.empty() && std::all_of(test->depends_on.begin(), test->depends_on.end(),
                                                   [&](const std::string& input) { return own.contains(input); });
      if (covered) waits.insert(test->unique_id);
    }
  }
  for (const auto& [id, waits] : waiting_) {
    for (const std::string& input : waits) dependents_[input].push_back(id);
  }
}

std::optional<std::string> Schedule::Next() {
  std::unique_lock guard(lock_);
  while (true) {
    if (stopped_) return std::nullopt;
    bool all_begun = true;
    for (const std::string& id : order_) {
      if (begun_.contains(id)) continue;
      all_begun = false;
      if (!waiting_[id].empty()) continue;
      begun_.insert(id);
      ++running_;
      return id;
    }
    if (all_begun) return std::nullopt;
    changed_.wait(guard);
  }
}

std::vector<std::string> Schedule::Finish(const std::string& id, bool failed) {
  std::lock_guard guard(lock_);
  --running_;
  std::vector<std::string> skipped;
  std::deque<std::string> open = {id};
  while (!open.empty()) {
    std::string current = std::move(open.front());
    open.pop_front();
    for (const std::string& dependent : dependents_[current]) {
      if (!failed) {
        waiting_[dependent].erase(current);
      } else if (begun_.insert(dependent).second) {
        skipped.push_back(dependent);
        open.push_back(dependent);
      }
    }
  }
  changed_.notify_all();
  return skipped;
}

std::vector<std::string> Schedule::Stop() {
  std::lock_guard guard(lock_);
  stopped_ = true;
  std::vector<std::string> left;
  for (const std::string& id : order_) {
    if (begun_.insert(id).second) left.push_back(id);
  }
  changed_.notify_all();
  return left;
}

}  // namespace smelt::transform
