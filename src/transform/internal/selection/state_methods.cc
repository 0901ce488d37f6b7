#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <memory>

#include "transform/internal/selection/contract_compare.h"
#include "transform/internal/selection/methods.h"
#include "transform/internal/selection/state_compare.h"

namespace smelt::transform {
namespace {

using Check = bool (*)(const StateComparison&, const Member&);

struct StateCheck {
  std::string_view name;
  bool sees_contracts;  ///< whether a broken contract is said
  Check holds;
};

constexpr std::array kChecks = {
    StateCheck{"new", false,
               [](const StateComparison& state, const Member& member) { return !state.Previous(member); }},
    StateCheck{"old", false,
               [](const StateComparison& state, const Member& member) { return state.Previous(member) != nullptr; }},
    StateCheck{"modified", true,
               [](const StateComparison& state, const Member& member) { return state.IsModified(member); }},
    StateCheck{"unmodified", true,
               [](const StateComparison& state, const Member& member) { return !state.IsModified(member); }},
    StateCheck{"modified.body", false,
               [](const StateComparison& state, const Member& member) { return state.HasOtherBody(member); }},
    StateCheck{"modified.configs", false,
               [](const StateComparison& state, const Member& member) { return state.HasOtherConfig(member); }},
    StateCheck{"modified.relation", false,
               [](const StateComparison& state, const Member& member) { return state.HasOtherRelation(member); }},
    StateCheck{
        "modified.persisted_descriptions", false,
        [](const StateComparison& state, const Member& member) { return state.HasOtherPersistedDescription(member); }},
    StateCheck{"modified.macros", false,
               [](const StateComparison& state, const Member& member) { return state.HasOtherMacros(member); }},
    StateCheck{"modified.contract", true,
               [](const StateComparison& state, const Member& member) { return state.HasOtherContract(member); }},
};

Error Broken(const Node& node, const std::vector<std::string>& changes) {
  return Error(ErrorCode::kDbtConfigInvalid,
               fmt::format("the contract of the model '{}' is broken: {}", node.name, fmt::join(changes, "; ")))
      .Hint("add a version of the model with the new contract, or take the change back")
      .At(node.file, node.line);
}

/// A time of sources.json without the zone, which is always UTC: the order of texts is that of times then.
std::string_view WithoutZone(std::string_view time) {
  constexpr std::size_t kDay = 10;
  return time.substr(0, time.find_first_of("Z+", std::min(kDay, time.size())));
}

/// A contract that breaks is worth a warning; one of a versioned model must not.
Status CheckContracts(const MethodContext& context, const PreviousManifest& previous) {
  const Manifest& manifest = context.project.manifest;
  for (const auto& [id, node] : manifest.nodes) {
    const Json* old = node.type == ResourceType::kModel ? previous.Find(id) : nullptr;
    if (old == nullptr) continue;
    const std::vector<std::string> changes = BreakingChanges(node, *old);
    if (changes.empty()) continue;
    if (!node.version.empty()) return Fail(Broken(node, changes));
    context.warnings.push_back(Broken(node, changes));
  }
  for (const auto& [id, old] : previous.entries()) {
    const bool is_gone = id.starts_with("model.") && !manifest.nodes.contains(std::string(id)) && WasEnforced(*old);
    if (!is_gone) continue;
    const std::string what = fmt::format("the model '{}', whose contract was enforced, is {}", old->value("name", ""),
                                         manifest.disabled.contains(std::string(id)) ? "disabled" : "gone");
    const auto version = old->find("version");
    if (version != old->end() && !version->is_null()) return Fail(ErrorCode::kDbtConfigInvalid, what);
    context.warnings.emplace_back(ErrorCode::kDbtConfigInvalid, what);
  }
  return {};
}

}  // namespace

Result<Matcher> MatchState(const MethodContext& context, const Criterion& criterion) {
  const std::string wanted = ValueText(criterion);
  const auto* check = std::ranges::find(kChecks, wanted, &StateCheck::name);
  if (check == kChecks.end()) {
    std::vector<std::string_view> names;
    for (const StateCheck& known : kChecks) names.push_back(known.name);
    return Fail(InvalidCriterion(criterion, "is no state").Hint(fmt::format("states are {}", fmt::join(names, ", "))));
  }
  SMELT_ASSIGN(const PreviousManifest* previous, context.state.Manifest());
  if (check->sees_contracts) SMELT_TRY(CheckContracts(context, *previous));
  return Matcher([comparison = std::make_shared<StateComparison>(context.project, *previous),
                  holds = check->holds](const Member& member) { return holds(*comparison, member); });
}

Result<Matcher> MatchResult(const MethodContext& context, const Criterion& criterion) {
  SMELT_ASSIGN(auto statuses, context.state.Statuses());
  return Matcher([statuses = std::move(statuses), wanted = ValueText(criterion)](const Member& member) {
    const auto status = statuses.find(member.id);
    return status != statuses.end() && status->second == wanted;
  });
}

Result<Matcher> MatchSourceStatus(const MethodContext& context, const Criterion& criterion) {
  if (ValueText(criterion) != "fresher") {
    return Fail(InvalidCriterion(criterion, "is no status of sources").Hint("write source_status:fresher"));
  }
  SMELT_ASSIGN(auto before, context.state.Loads());
  SMELT_ASSIGN(auto now, context.state.CurrentLoads());
  return Matcher([before = std::move(before), now = std::move(now)](const Member& member) {
    const auto loaded = now.find(member.id);
    if (loaded == now.end()) return false;
    const auto last = before.find(member.id);
    return last == before.end() || WithoutZone(loaded->second) > WithoutZone(last->second);
  });
}

}  // namespace smelt::transform
