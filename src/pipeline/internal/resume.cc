#include "pipeline/internal/resume.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/id.h"
#include "pipeline/internal/trigger.h"

namespace smelt::pipeline::internal {
namespace {

/// What says which items a task has.
Json ItemsText(const TaskDefinition& task) {
  if (!task.for_each) return {};
  const ForEach& each = *task.for_each;
  return {each.items, each.expression ? each.expression->text() : "", each.sql};
}

std::string Fingerprint(const TaskDefinition& task, const Json& vars) {
  const Json content = {{"type", task.type},
                        {"with", task.with.ToJson()},
                        {"gate", task.gate},
                        {"vars", vars},
                        {"name", task.name},
                        {"for_each", ItemsText(task)},
                        {"when", task.when ? task.when->text() : ""}};
  return ContentHash(JsonText(content));
}

/// Whether a record is of a task that need not be looked at again: it succeeded, or its condition did not hold.
bool IsSettled(const TaskDefinition& task, const state::TaskRecord& record) {
  return state::Succeeded(record.status) ||
         (task.when && record.status == state::TaskStatus::kSkipped && record.error == kConditionFails);
}

/// The last attempt of every task of a run.
Result<std::map<std::string, state::TaskRecord>> LastAttempts(state::RunStore& store, const std::string& run_id) {
  std::map<std::string, state::TaskRecord> last;
  SMELT_ASSIGN(std::vector<state::TaskRecord> records, store.Tasks(run_id));
  for (state::TaskRecord& record : records) last.insert_or_assign(record.name, std::move(record));
  return last;
}

/// What is done of a task's items need not be repeated when the task is.
void KeepItems(const TaskDefinition& task, const std::map<std::string, state::TaskRecord>& last, RunPlan& plan) {
  const std::string prefix = task.name + "[";
  for (auto part = last.lower_bound(prefix); part != last.end() && part->first.starts_with(prefix); ++part) {
    if (state::Succeeded(part->second.status)) plan.items.emplace(part->second.fingerprint, part->second);
  }
}

/// The first of the runs that went on one with the other up to this one.
Result<std::string> OriginOf(state::RunStore& store, state::RunRecord run) {
  constexpr int kRunsMax = 1'000;  // a record that was tampered with may name itself
  for (int i = 0; i < kRunsMax && !run.resumed_from.empty(); ++i) {
    SMELT_ASSIGN(std::optional<state::RunRecord> before, store.FindRun(run.resumed_from));
    if (!before) break;
    run = std::move(*before);
  }
  return run.id;
}

/// Tasks that are to be repeated must be those of the pipeline, and of a run that there is.
Status CheckRepeated(const Pipeline& pipeline, const RunOptions& options, const std::optional<state::RunRecord>& run) {
  if (!run) {
    return Fail(Error(ErrorCode::kUsage,
                      fmt::format("the pipeline '{}' has no run whose tasks could be repeated", pipeline.name))
                    .Hint("`smelt pipeline runs` lists the runs"));
  }
  std::vector<std::string_view> names;
  for (const TaskDefinition& task : pipeline.tasks) names.push_back(task.name);
  for (const std::string& name : options.repeat_from) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::string near = NearestWord(name, names);
    return Fail(Error(ErrorCode::kUsage, fmt::format("the pipeline '{}' has no task '{}'", pipeline.name, name))
                    .Hint(near.empty() ? fmt::format("its tasks are: {}", fmt::join(names, ", "))
                                       : fmt::format("did you mean '{}'?", near)));
  }
  return {};
}

}  // namespace

std::string ItemFingerprint(const std::string& task, const Json& item) {
  return ContentHash(task + "\n" + JsonText(item));
}

Result<RunPlan> PlanRun(const Pipeline& pipeline, state::RunStore& store, const RunOptions& options) {
  RunPlan plan;
  std::map<std::string, state::TaskRecord> last;
  if (options.resume || !options.resume_from.empty()) {
    SMELT_ASSIGN(const std::optional<state::RunRecord> run,
                 options.resume_from.empty() ? store.LastRun(pipeline.name) : store.FindRun(options.resume_from));
    const bool goes_on = run && (run->status != state::RunStatus::kSucceeded || !options.repeat_from.empty());
    if (!options.repeat_from.empty()) SMELT_TRY(CheckRepeated(pipeline, options, run));
    if (goes_on) {
      plan.resumed_from = run->id;
      if (run->parameters.is_object()) plan.parameters = run->parameters;
      SMELT_ASSIGN(last, LastAttempts(store, run->id));
      // Work that is to be done again is not what was begun then.
      if (options.repeat_from.empty()) {
        SMELT_ASSIGN(plan.origin, OriginOf(store, *run));
      }
    }
  }
  plan.parameters.update(options.vars);
  plan.vars = pipeline.vars;
  SMELT_ASSIGN(const Json bound, BindParams(pipeline.params, plan.parameters));
  plan.vars.update(bound);

  std::set<std::string_view> reused;
  for (const TaskDefinition& task : pipeline.tasks) {
    const std::string& fingerprint = plan.fingerprints.emplace_back(Fingerprint(task, plan.vars));
    auto& slot = plan.reused.emplace_back();
    const auto record = last.find(task.name);
    const bool repeats = std::ranges::find(options.repeat_from, task.name) != options.repeat_from.end();
    const bool is_done = !repeats && record != last.end() && IsSettled(task, record->second) &&
                         record->second.fingerprint == fingerprint &&
                         std::ranges::all_of(task.needs, [&](const auto& need) { return reused.contains(need); });
    if (!is_done) {
      const bool keeps_items = task.for_each && !repeats &&
                               std::ranges::all_of(task.needs, [&](const auto& need) { return reused.contains(need); });
      if (keeps_items) KeepItems(task, last, plan);
      continue;
    }
    slot = std::move(record->second);
    if (slot->reused_from.empty()) slot->reused_from = plan.resumed_from;
    reused.insert(task.name);
  }
  return plan;
}

}  // namespace smelt::pipeline::internal
