#include "transform/internal/selection/selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/config.h"
#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/project/warnings.h"
#include "transform/internal/selection/members.h"
#include "transform/internal/selection/methods.h"
#include "transform/internal/selection/selection_text.h"

namespace smelt::transform {
namespace {

/// What a part of a selection picks, and the tests beside it that wait for more of their inputs.
struct Picked {
  MemberSet members, waiting;
};

MemberSet United(MemberSet left, const MemberSet& right) {
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = left[i] || right[i];
  return left;
}

bool IsEmpty(const MemberSet& set) {
  return std::ranges::find(set, true) == set.end();
}

/// Combines the sets of a selection's parts.
MemberSet Combine(Selection::Kind kind, const std::vector<MemberSet>& sets, MemberSet nobody) {
  if (sets.empty()) return nobody;
  MemberSet all = sets.front();
  for (std::size_t part = 1; part < sets.size(); ++part) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      switch (kind) {
        case Selection::Kind::kUnion: all[i] = all[i] || sets[part][i]; break;
        case Selection::Kind::kIntersection: all[i] = all[i] && sets[part][i]; break;
        default: all[i] = all[i] && !sets[part][i]; break;
      }
    }
  }
  return all;
}

/// Evaluates selections over one project.
class Evaluation {
 public:
  Evaluation(const ProjectState& project, const PreviousState& state)
      : project_(project), graph_(project), context_{project, state, warnings_} {}

  Result<Picked> Evaluate(const Selection& selection) {
    if (selection.kind == Selection::Kind::kCriterion) {
      return EvaluateCriterion(selection.criterion, selection.indirect);
    }
    std::vector<MemberSet> direct, with_waiting;
    for (const Selection& part : selection.parts) {
      SMELT_ASSIGN(Picked picked, Evaluate(part));
      with_waiting.push_back(United(std::move(picked.waiting), picked.members));
      direct.push_back(std::move(picked.members));
    }
    Picked all;
    all.members = Combine(selection.kind, direct, graph_.Nobody());
    all.waiting = Combine(selection.kind, with_waiting, graph_.Nobody());
    AddWaiting(selection.indirect, all);
    if (selection.expects_some && IsEmpty(all.members)) warnings_.push_back(NothingFound(selection));
    return all;
  }

  const MemberGraph& graph() const { return graph_; }
  std::vector<Error> TakeWarnings() { return std::move(warnings_); }

 private:
  Result<Picked> EvaluateCriterion(const Criterion& criterion, IndirectSelection indirect) {
    const SelectionMethod* method = FindSelectionMethod(criterion.method);
    SMELT_ASSERT(method != nullptr);  // parsing has checked it
    SMELT_ASSIGN(const Matcher matches, method->make(context_, criterion));
    MemberSet found = graph_.Nobody();
    for (std::size_t i = 0; i < found.size(); ++i) found[i] = matches(graph_.members()[i]);
    MemberSet all = found;
    if (criterion.families) {
      const MemberSet family = United(graph_.Children(found, std::nullopt), found);
      all = United(United(std::move(all), family), graph_.Parents(family, std::nullopt));
    }
    if (criterion.parents) all = United(std::move(all), graph_.Parents(found, criterion.parents_depth));
    if (criterion.children) all = United(std::move(all), graph_.Children(found, criterion.children_depth));
    return WithTests(std::move(all), indirect);
  }

  /// Adds the tests of what is picked, as far as `indirect` says; those that lack inputs wait for them.
  Picked WithTests(MemberSet members, IndirectSelection indirect) const {
    Picked picked{members, graph_.Nobody()};
    if (indirect == IndirectSelection::kEmpty) return picked;
    MemberSet available = members;
    if (indirect == IndirectSelection::kBuildable) {
      available = United(std::move(available), graph_.Parents(members, std::nullopt));
      for (std::size_t i = 0; i < available.size(); ++i) {
        if (graph_.members()[i].source != nullptr) available[i] = true;
      }
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!graph_.members()[i].is_test()) continue;
      const auto is_member = [&members](std::size_t input) { return members[input]; };
      if (std::ranges::none_of(graph_.inputs(i), is_member)) continue;
      const bool comes = indirect == IndirectSelection::kEager || HasInputs(i, available);
      (comes ? picked.members : picked.waiting)[i] = true;
    }
    return picked;
  }

  bool HasInputs(std::size_t test, const MemberSet& available) const {
    return std::ranges::all_of(graph_.inputs(test), [&available](std::size_t input) { return available[input]; });
  }

  /// Adds the data tests that waited for what another part has picked.
  void AddWaiting(IndirectSelection indirect, Picked& picked) const {
    const bool adds = indirect == IndirectSelection::kCautious || indirect == IndirectSelection::kBuildable;
    if (!adds || picked.members == picked.waiting) return;
    const auto is_data_test = [this](std::size_t i) {
      const Node* node = graph_.members()[i].node;
      return node != nullptr && IsDataTest(node->type);
    };
    MemberSet available = picked.members;
    if (indirect == IndirectSelection::kBuildable) {
      available = United(std::move(available), graph_.Parents(picked.members, std::nullopt));
    }
    MemberSet added = graph_.Nobody();
    for (std::size_t i = 0; i < added.size(); ++i) {
      added[i] = picked.waiting[i] && is_data_test(i) && HasInputs(i, available);
    }
    picked.members = United(std::move(picked.members), added);
  }

  Error NothingFound(const Selection& selection) const {
    std::vector<std::string_view> known;
    for (const Member& member : graph_.members()) {
      if (member.is_test() || member.source != nullptr) continue;
      for (const std::string& part : *member.fqn) known.push_back(part);
    }
    const Criterion& first = selection.parts.front().criterion;
    const bool is_name = selection.parts.size() == 1 && first.method == "fqn";
    const std::string near = is_name ? NearestWord(ValueText(first), known) : "";
    return Error(ErrorCode::kDbtSelectorInvalid,
                 fmt::format("the selection criterion '{}' does not match any enabled nodes", selection.text))
        .Hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  }

  const ProjectState& project_;
  MemberGraph graph_;
  std::vector<Error> warnings_;
  MethodContext context_;
};

/// The selection of that name in selectors.yml.
Result<Selection> NamedSelectionOf(const ProjectState& project, const std::string& name) {
  std::vector<std::string_view> known;
  for (const auto& [other, named] : project.selectors) {
    if (other == name) return named.selection;
    known.push_back(other);
  }
  const std::string near = NearestWord(name, known);
  const std::string all = known.empty() ? "the project has no selectors.yml, or an empty one"
                                        : fmt::format("there are {}", fmt::join(known, ", "));
  return Fail(Error(ErrorCode::kDbtSelectorInvalid, fmt::format("there is no selector '{}' in selectors.yml", name))
                  .Hint(near.empty() ? all : fmt::format("did you mean '{}'?", near)));
}

/// The selection that counts; nothing: everything is picked.
Result<std::optional<Selection>> ChooseSelection(const ProjectState& project, const std::vector<std::string>& select,
                                                 const std::vector<std::string>& exclude) {
  if (!project.options.selector.empty()) return NamedSelectionOf(project, project.options.selector);
  if (select.empty() && exclude.empty()) {
    const auto usual =
        std::ranges::find_if(project.selectors, [](const auto& named) { return named.second.is_default; });
    if (usual == project.selectors.end()) return std::optional<Selection>();
    return usual->second.selection;
  }
  return ParseSelection(select, exclude, project.file().indirect_selection);
}

/// The ids that the invocation names in place of a selection.
Result<std::vector<std::string>> CheckedIds(const ProjectState& project) {
  for (const std::string& id : project.options.only) {
    const Manifest& manifest = project.manifest;
    if (manifest.nodes.contains(id) || manifest.sources.contains(id) || manifest.described.contains(id)) continue;
    return Fail(Error(ErrorCode::kDbtSelectorInvalid, fmt::format("the project has no '{}' any more", id))
                    .Hint("run the command anew in place of going on with it"));
  }
  return project.options.only;
}

/// A folder of the command line, which counts from the project's.
std::string InProject(const ProjectState& project, const std::string& directory) {
  if (directory.empty()) return directory;
  return (std::filesystem::path(project.file().directory) / directory).lexically_normal().string();
}

}  // namespace

Result<std::vector<std::string>> SelectMembers(const ProjectState& project, const std::vector<std::string>& select,
                                               const std::vector<std::string>& exclude) {
  if (!project.options.only.empty()) return CheckedIds(project);
  SMELT_ASSIGN(const std::optional<Selection> selection, ChooseSelection(project, select, exclude));
  const PreviousState state(InProject(project, project.options.state_dir), TargetFolder(project.options, project));
  Evaluation evaluation(project, state);
  MemberSet picked(evaluation.graph().members().size(), true);
  if (selection) {
    SMELT_ASSIGN(Picked found, evaluation.Evaluate(*selection));
    picked = std::move(found.members);
  }
  for (const Error& warning : evaluation.TakeWarnings())
    SMELT_TRY(TellWarning(project.options, warning, "NoNodesForSelectionCriteria"));
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < picked.size(); ++i) {
    if (picked[i]) ids.emplace_back(evaluation.graph().members()[i].id);
  }
  return ids;
}

}  // namespace smelt::transform
