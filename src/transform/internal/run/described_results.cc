#include "transform/internal/run/described_results.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/clock.h"

namespace smelt::transform {
namespace {

bool IsBroken(const NodeResult& result) {
  return result.step.status == StepStatus::kFailed || result.step.status == StepStatus::kSkipped;
}

/// Finds what stands behind the things that are described.
class Blockers {
 public:
  Blockers(const Manifest& manifest, const std::vector<NodeResult>& results) : manifest_(manifest) {
    for (const NodeResult& result : results) {
      if (IsBroken(result)) broken_.emplace(result.unique_id, result.step.name);
    }
  }

  /// The name of a step before `id` that failed or was skipped; null: there is none.
  const std::string* Find(const std::string& id) const {
    std::set<std::string> seen;
    std::vector<std::string> open = {id};
    while (!open.empty()) {
      const std::string current = std::move(open.back());
      open.pop_back();
      for (const std::string& input : InputsOf(current)) {
        if (const auto found = broken_.find(input); found != broken_.end()) return &found->second;
        if (seen.insert(input).second) open.push_back(input);
      }
    }
    return nullptr;
  }

 private:
  const std::vector<std::string>& InputsOf(const std::string& id) const {
    static const std::vector<std::string> kNone;
    if (const auto node = manifest_.nodes.find(id); node != manifest_.nodes.end()) return node->second.depends_on;
    const auto described = manifest_.described.find(id);
    return described == manifest_.described.end() ? kNone : described->second.depends_on;
  }

  const Manifest& manifest_;
  std::map<std::string, std::string> broken_;
};

}  // namespace

void AddDescribedResults(const RunContext& run, const std::vector<std::string>& ids, RunObserver& observer,
                         std::vector<NodeResult>& results) {
  const Manifest& manifest = run.project.manifest();
  const Blockers blockers(manifest, results);
  const bool has_stopped = run.options.fail_fast && std::ranges::any_of(results, [](const NodeResult& result) {
                             return result.step.status == StepStatus::kFailed;
                           });
  for (const std::string& id : ids) {
    const Described& described = manifest.described.at(id);
    NodeResult result;
    result.unique_id = id;
    result.thread = 1;
    result.step.name = described.name;
    result.step.kind = described.type;
    result.step.status = StepStatus::kNothing;
    result.failures = 0;
    const std::string* blocker = blockers.Find(id);
    if (blocker != nullptr || has_stopped) {
      result.step.status = StepStatus::kSkipped;
      result.step.message = blocker != nullptr ? "because " + *blocker + " failed" : "because of fail_fast";
    }
    observer.StepFinished(result.step);
    results.push_back(std::move(result));
  }
}

}  // namespace smelt::transform
