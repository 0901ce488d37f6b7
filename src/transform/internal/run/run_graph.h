#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// What a run must do before what, as a graph without circles. Its points are the nodes of a manifest, by their place
/// in `ids`; those that are not selected have nothing to do and only hand on the order of what lies around them.
struct RunGraph {
  std::vector<std::string> ids;  ///< unique ids, ascending
  std::vector<bool> selected;
  std::vector<std::vector<std::uint32_t>> dependents;  ///< of each, what waits for it; ascending, without doubles
  std::vector<int> chain;                              ///< of each, the weight of the heaviest path that begins there
};

/// The graph of a run: nodes come after what they depend on, also through nodes that are not selected; a unit test
/// comes after what its model depends on, and before the model. With `tests_block`, data tests also come before
/// whatever depends on all that they test, so that bad rows go no further.
/// The costs follow the numbers of nodes and edges; a test of several nodes walks what comes after them.
RunGraph MakeRunGraph(const Manifest& manifest, const std::vector<std::string>& selected, bool tests_block);

}  // namespace smelt::transform
