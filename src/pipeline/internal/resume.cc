#include "pipeline/internal/resume.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/id.h"

namespace smelt::pipeline::internal {
namespace {

std::string Fingerprint(const TaskDefinition& task, const Json& vars) {
  const Json content = {{"type", task.type}, {"with", task.with.ToJson()}, {"gate", task.gate}, {"vars", vars}};
  return ContentHash(content.dump(-1, ' ', false, Json::error_handler_t::replace));
}

/// The last attempt of every task of a run.
Result<std::map<std::string, state::TaskRecord>> LastAttempts(state::RunStore& store, const std::string& run_id) {
  std::map<std::string, state::TaskRecord> last;
  SMELT_ASSIGN(std::vector<state::TaskRecord> records, store.Tasks(run_id));
  for (state::TaskRecord& record : records) last.insert_or_assign(record.name, std::move(record));
  return last;
}

}  // namespace

Result<RunPlan> PlanRun(const Pipeline& pipeline, state::RunStore& store, const RunOptions& options) {
  RunPlan plan;
  std::map<std::string, state::TaskRecord> last;
  if (options.resume || !options.resume_from.empty()) {
    SMELT_ASSIGN(const std::optional<state::RunRecord> run,
                 options.resume_from.empty() ? store.LastRun(pipeline.name) : store.FindRun(options.resume_from));
    if (run && run->status != state::RunStatus::kSucceeded) {
      plan.resumed_from = run->id;
      if (run->parameters.is_object()) plan.parameters = run->parameters;
      SMELT_ASSIGN(last, LastAttempts(store, run->id));
    }
  }
  plan.parameters.update(options.vars);
  plan.vars = pipeline.vars;
  plan.vars.update(plan.parameters);

  std::set<std::string_view> reused;
  for (const TaskDefinition& task : pipeline.tasks) {
    const std::string& fingerprint = plan.fingerprints.emplace_back(Fingerprint(task, plan.vars));
    auto& slot = plan.reused.emplace_back();
    const auto record = last.find(task.name);
    const bool is_done = record != last.end() && state::Succeeded(record->second.status) &&
                         record->second.fingerprint == fingerprint &&
                         std::ranges::all_of(task.needs, [&](const auto& need) { return reused.contains(need); });
    if (!is_done) continue;
    slot = std::move(record->second);
    if (slot->reused_from.empty()) slot->reused_from = plan.resumed_from;
    reused.insert(task.name);
  }
  return plan;
}

}  // namespace smelt::pipeline::internal
