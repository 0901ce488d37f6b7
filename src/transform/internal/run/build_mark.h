#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "transform/internal/run/inputs.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {

/// What a build leaves in the log of its table, so that a later one knows whether there is anything to do. Confined to
/// the thread of its node; must not outlive the inputs.
class BuildMark {
 public:
  /// Errors: kStore…, kDelta….
  static Result<BuildMark> Read(const RunContext& run, const Node& node, const InputState& inputs);

  /// Whether the table is what a build on these inputs would make.
  bool holds() const { return left_ == inputs_->fingerprint; }
  /// The note for the commit of a node whose SQL is known by now. Nothing where its result does not follow from its
  /// inputs, or is wanted in any case, and no earlier mark has to be taken back: then a build that changes nothing
  /// commits nothing.
  std::optional<engine::TxnMark> Note(const NodeRun& run) const;

 private:
  const InputState* inputs_ = nullptr;
  std::string name_;
  std::optional<std::int64_t> left_;
};

/// Whether the compiled SQL of a node gives the same rows whenever its inputs are the same: it reads no table that no
/// ref or source names, nothing outside of the lake, no clock, no chance and no setting. An incremental model may read
/// its own table. SQL that cannot be read is taken for one that does not.
bool FollowsFromInputs(const NodeRun& run, const InputState& inputs);

}  // namespace smelt::transform
