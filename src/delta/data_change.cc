#include "delta/data_change.h"

#include <algorithm>
#include <variant>

namespace smelt::delta {
namespace {

/// Nobody maintains a table that often without changing it.
constexpr int kCommitsReadMax = 1'000;

bool ChangesAnswers(const Action& action) {
  if (const auto* add = std::get_if<Add>(&action)) return add->data_change;
  if (const auto* remove = std::get_if<Remove>(&action)) return remove->data_change;
  return std::holds_alternative<Metadata>(action) || std::holds_alternative<Protocol>(action);
}

}  // namespace

Result<Version> LastDataChange(const Log& log, const Snapshot& snapshot) {
  Version version = snapshot.version();
  for (int read = 0; version.value > 0 && read < kCommitsReadMax; ++read) {
    const Result<std::vector<Action>> actions = log.ReadCommit(version);
    if (!actions && actions.error().code() == ErrorCode::kStoreNotFound) return version;
    if (!actions) return Fail(actions.error());
    if (std::ranges::any_of(*actions, ChangesAnswers)) return version;
    --version.value;
  }
  return version;
}

}  // namespace smelt::delta
