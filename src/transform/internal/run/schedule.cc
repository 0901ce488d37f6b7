#include "transform/internal/run/schedule.h"

#include <algorithm>
#include <functional>

namespace smelt::transform {
namespace {

bool IsTest(const Node& node) {
  return node.type == ResourceType::kGenericTest || node.type == ResourceType::kSingularTest;
}

using IdSet = std::set<std::string>;

/// How long nodes take, roughly and relative to each other.
constexpr int kTestWeight = 1;
constexpr int kBuildWeight = 10;

/// For each node, everything it depends on, directly or not. A unit test needs what its model needs, not the model.
std::map<std::string, IdSet> Ancestors(const Manifest& manifest) {
  std::map<std::string, IdSet> ancestors;
  for (const std::string& id : manifest.order) {
    const Node& node = manifest.nodes.at(id);
    if (node.type == ResourceType::kUnitTest) {
      ancestors[id] = ancestors[node.attached_to];
      continue;
    }
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
    : left_(selected.size()) {
  auto ancestors = Ancestors(manifest);
  IdSet chosen(selected.begin(), selected.end());
  std::vector<const Node*> tests;
  for (const std::string& id : selected) {
    if (IsTest(manifest.nodes.at(id))) tests.push_back(&manifest.nodes.at(id));
  }
  for (const std::string& id : selected) {
    IdSet& waits = entries_[id].waiting;
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
  if (tests_block) AwaitUnitTests(manifest, selected);
  for (const auto& [id, entry] : entries_) {
    for (const std::string& input : entry.waiting) entries_[input].dependents.push_back(id);
  }
  RankByChain(manifest, selected);
}

/// A model is built once its unit tests have passed.
void Schedule::AwaitUnitTests(const Manifest& manifest, const std::vector<std::string>& selected) {
  for (const std::string& id : selected) {
    const Node& node = manifest.nodes.at(id);
    if (node.type != ResourceType::kUnitTest) continue;
    if (const auto model = entries_.find(node.attached_to); model != entries_.end()) model->second.waiting.insert(id);
  }
}

void Schedule::RankByChain(const Manifest& manifest, const std::vector<std::string>& selected) {
  std::map<std::string, int> chains;
  std::function<int(const std::string&)> chain_of = [&](const std::string& id) {
    if (auto known = chains.find(id); known != chains.end()) return known->second;
    int longest = 0;
    for (const std::string& dependent : entries_[id].dependents) longest = std::max(longest, chain_of(dependent));
    const Node& node = manifest.nodes.at(id);
    int own = IsTest(node) || node.type == ResourceType::kUnitTest ? kTestWeight : kBuildWeight;
    return chains[id] = longest + own;
  };
  order_ = selected;
  std::ranges::stable_sort(order_, std::greater(), chain_of);
  for (std::size_t rank = 0; rank < order_.size(); ++rank) {
    Entry& entry = entries_[order_[rank]];
    entry.rank = rank;
    if (entry.waiting.empty()) ready_.insert(rank);
  }
}

void Schedule::Begin(Entry& entry) {
  entry.begun = true;
  ready_.erase(entry.rank);
  --left_;
}

std::optional<std::string> Schedule::Next() {
  std::unique_lock guard(lock_);
  changed_.wait(guard, [this] { return stopped_ || left_ == 0 || !ready_.empty(); });
  if (stopped_ || left_ == 0) return std::nullopt;
  const std::string& id = order_[*ready_.begin()];
  Begin(entries_[id]);
  if (left_ == 0) changed_.notify_all();
  return id;
}

std::vector<std::string> Schedule::Finish(const std::string& id, bool failed) {
  std::lock_guard guard(lock_);
  std::vector<std::string> skipped;
  std::vector<std::string> open = {id};
  while (!open.empty()) {
    const std::string current = std::move(open.back());
    open.pop_back();
    for (const std::string& dependent : entries_[current].dependents) {
      Entry& entry = entries_[dependent];
      if (!failed) {
        entry.waiting.erase(current);
        if (entry.waiting.empty() && !entry.begun) ready_.insert(entry.rank);
      } else if (!entry.begun) {
        Begin(entry);
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
    Entry& entry = entries_[id];
    if (entry.begun) continue;
    Begin(entry);
    left.push_back(id);
  }
  changed_.notify_all();
  return left;
}

}  // namespace smelt::transform
