#include "app/internal/contract_task.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "quality/contract_check.h"
#include "quality/contract_gate.h"

namespace smelt::app {
namespace {

using pipeline::SettingKind;
using pipeline::TaskContext;
using pipeline::TaskOutcome;
using quality::ContractCheck;
using quality::ContractVerdict;
using quality::DataContract;

/// The broken promises in a line, or those that only warn.
std::string Told(const quality::ContractReport& report, ContractVerdict verdict) {
  constexpr std::int64_t kShown = 3;
  std::vector<std::string> texts;
  for (const ContractCheck& check : report.checks) {
    if (check.verdict != verdict || std::ssize(texts) == kShown) continue;
    const std::string what = check.property.empty() ? check.check : check.property + " " + check.check;
    texts.push_back(fmt::format("{}: {}", what, check.message));
  }
  const std::int64_t more = report.count(verdict) - std::ssize(texts);
  return fmt::format("{}{}", fmt::join(texts, "; "), more > 0 ? fmt::format(" (and {} more)", more) : "");
}

StepResult StepOf(const DataContract& contract, const quality::ContractReport& report) {
  StepResult step;
  step.name = "contract " + contract.name;
  step.kind = "contract";
  step.details = {{"contract", report.ToJson()}};
  const bool binds = contract.status != "proposed" && contract.status != "draft";
  if (!report.holds()) {
    step.status = binds ? StepStatus::kFailed : StepStatus::kWarned;
    step.message = Told(report, ContractVerdict::kBroken);
  } else if (report.count(ContractVerdict::kWarning) > 0) {
    step.status = StepStatus::kWarned;
    step.message = Told(report, ContractVerdict::kWarning);
  }
  return step;
}

Result<TaskOutcome> CheckContracts(const TaskServices& services, const TaskContext& context) {
  SMELT_ASSIGN(const auto contracts, ChooseContracts(services.project, context.with.Find("contracts")));
  SMELT_ASSIGN(const auto session, services.engine.Connect());
  session->ObserveStop(context.stop);
  TaskOutcome outcome;
  for (const DataContract& contract : contracts) {
    const double begin = MonotonicSeconds();
    context.observer.StepStarted("contract " + contract.name, "contract");
    SMELT_ASSIGN(const quality::ContractReport report,
                 quality::CheckContract(services.engine, *session, contract, services.project.contract_strictness,
                                        context.stop));
    StepResult step = StepOf(contract, report);
    step.seconds = MonotonicSeconds() - begin;
    context.observer.StepFinished(step);
    if (step.status == StepStatus::kFailed) outcome.status = StepStatus::kFailed;
    if (step.status == StepStatus::kWarned && outcome.status == StepStatus::kDone) outcome.status = StepStatus::kWarned;
    outcome.steps.push_back(std::move(step));
  }
  return outcome;
}

}  // namespace

Result<std::vector<DataContract>> ChooseContracts(const ProjectConfig& project,
                                                  const std::optional<ConfigNode>& names) {
  SMELT_ASSIGN(auto contracts, quality::LoadContracts(project.contracts));
  if (!names) {
    std::erase_if(contracts, [](const DataContract& contract) { return contract.status == "retired"; });
    return contracts;
  }
  std::vector<std::string_view> known;
  for (const DataContract& contract : contracts) known.insert(known.end(), {contract.id, contract.name});
  std::vector<DataContract> chosen;
  for (const ConfigNode& name : names->is_list() ? names->items() : std::vector{*names}) {
    SMELT_ASSIGN(const std::string text, name.AsString());
    const auto found = std::ranges::find_if(
        contracts, [&](const DataContract& contract) { return contract.id == text || contract.name == text; });
    if (found != contracts.end()) {
      chosen.push_back(*found);
      continue;
    }
    const std::string near = NearestWord(text, known);
    return Fail(name.ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("there is no contract '{}' in {}", text, project.contracts))
                    .Hint(near.empty() ? "contracts go by their id or name" : fmt::format("did you mean '{}'?", near)));
  }
  return chosen;
}

void RegisterContractTask(pipeline::TaskRegistry& registry, const TaskServices& services) {
  registry.Add({"contract",
                "Hold the lake against data contracts",
                {{"contracts", SettingKind::kTextList, "ids or names of contracts; all when absent"}},
                [services](const TaskContext& context) { return CheckContracts(services, context); }});
}

}  // namespace smelt::app
