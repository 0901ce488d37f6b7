#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "transform/internal/project/project_file.h"

namespace smelt::transform {

/// One test of a selection, "2+tag:nightly": what to look for, and how far around.
struct Criterion {
  std::string text;                    ///< as it is written
  std::string method;                  ///< "fqn", "tag", "config", …
  std::vector<std::string> arguments;  ///< of "config.meta.owner": "meta", "owner"
  Json value;                          ///< a text; of selectors.yml also a number or a boolean
  bool families = false;               ///< @: descendants, and everything that they need
  bool parents = false, children = false;
  std::optional<int> parents_depth, children_depth;  ///< nothing: all levels
};

/// A selection as an expression: a criterion, or a combination of selections.
struct Selection {
  enum class Kind { kCriterion, kUnion, kIntersection, kDifference };

  Kind kind = Kind::kUnion;
  Criterion criterion;                                     ///< of kCriterion
  std::vector<Selection> parts;                            ///< of the others; kDifference: the first without the rest
  IndirectSelection indirect = IndirectSelection::kEager;  ///< which tests it brings along
  bool expects_some = false;                               ///< that it picks nothing is worth a warning
  std::string text;                                        ///< as it is written
};

/// A selection of selectors.yml.
struct NamedSelection {
  bool is_default = false;  ///< the one to use when the command line selects nothing
  std::string description;
  Selection selection;
  Json definition;  ///< for the manifest, with texts taken apart
};

}  // namespace smelt::transform
