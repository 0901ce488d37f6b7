#include "transform/internal/run/build_mark.h"

#include <algorithm>

#include "base/ascii.h"
#include "engine/statement_info.h"

namespace smelt::transform {
namespace {

/// No fingerprint of inputs: they are hashes.
constexpr std::int64_t kTakenBack = 0;

}  // namespace

Result<BuildMark> BuildMark::Read(const RunContext& run, const Node& node, const InputState& inputs) {
  BuildMark mark;
  mark.inputs_ = &inputs;
  mark.name_ = "smelt.model/" + node.unique_id;
  SMELT_ASSIGN(mark.left_, run.engine.TxnVersion(node.relation.schema, node.relation.identifier, mark.name_));
  return mark;
}

std::optional<engine::TxnMark> BuildMark::Note(const NodeRun& run) const {
  if (run.node.config.skip_unchanged && FollowsFromInputs(run, *inputs_)) {
    return engine::TxnMark{name_, inputs_->fingerprint};
  }
  if (left_.value_or(kTakenBack) == kTakenBack) return std::nullopt;
  return engine::TxnMark{name_, kTakenBack};
}

bool FollowsFromInputs(const NodeRun& run, const InputState& inputs) {
  if (run.node.type == ResourceType::kSeed) return true;
  const auto info = engine::DescribeStatement(run.session, run.compiled);
  if (!info) return false;
  const bool is_closed = info->repeatable && info->outside.empty() && info->unknown.empty() && !info->reads_catalog &&
                         !info->reads_temporary;
  return is_closed && std::ranges::all_of(info->reads, [&](const engine::RelationName& read) {
           const std::string table = read.Text();
           return EqualsIgnoringCase(table, run.node.relation.Text()) ||
                  std::ranges::any_of(inputs.versions,
                                      [&](const auto& input) { return EqualsIgnoringCase(input.first, table); });
         });
}

}  // namespace smelt::transform
