#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "transform/internal/selection/members.h"
#include "transform/internal/selection/previous_state.h"

namespace smelt::transform {

/// Compares the members of a project with what an earlier manifest says of them: by what is written (texts and
/// configurations before rendering), so that another target or another value of a variable is no difference. Built-in
/// macros do not count. A manifest that dbt has written compares like one of smelt's. Confined to one thread.
class StateComparison {
 public:
  /// Both must outlive it.
  StateComparison(const ProjectState& project, const PreviousManifest& previous)
      : project_(project), previous_(previous) {}

  const Json* Previous(const Member& member) const { return previous_.Find(member.id); }

  /// Whether anything is different that matters for what the member makes. What is only described, and sources, are no
  /// changes when they are new; nodes and unit tests are.
  bool IsModified(const Member& member) const;

  // Parts of it. Of a kind of member that has no such part, never; else also when the member is new.
  bool HasOtherBody(const Member& member) const;
  bool HasOtherConfig(const Member& member) const;
  bool HasOtherRelation(const Member& member) const;
  bool HasOtherPersistedDescription(const Member& member) const;
  bool HasOtherContract(const Member& member) const;
  /// Whether a macro that it uses, directly or not, is new or has another text.
  bool HasOtherMacros(const Member& member) const;

 private:
  bool IsOtherNode(const Node& node, const Json& old) const;
  bool IsOtherMacro(const MacroEntry& macro) const;

  const ProjectState& project_;
  const PreviousManifest& previous_;
  mutable std::unordered_map<const MacroEntry*, bool> macros_;  ///< whether each, or one that it uses, is another
};

/// Whether two values are equal; the order of keys does not count.
bool SameJson(const Json& left, const Json& right);

}  // namespace smelt::transform
