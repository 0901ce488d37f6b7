#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "engine/session.h"

namespace smelt::quality {

/// What becomes of a scan when a figure cannot be computed: a sum overflows, a value cannot be cast.
enum class OnFailedFigure {
  kLeaveOut,  ///< the figures of its group are not received
  kFail,      ///< the scan fails
};

/// Aggregates of one relation, each with a receiver of its value. All are computed in few queries that read each column
/// once or twice. Confined to a thread.
class FigureScan {
 public:
  using Receiver = std::function<void(const Json&)>;

  /// Begins a group: what belongs to one column, or to one kind of figure of it.
  void NextGroup() { groups_.emplace_back(); }
  /// Asks for an aggregate. NULL is not received.
  void Ask(std::string sql, Receiver receiver) { groups_.back().emplace_back(std::move(sql), std::move(receiver)); }

  /// Errors: kCancelled, kStore…, kDelta…, kSqlOutOfMemory; with kFail, kSql….
  Status Run(engine::Session& session, const std::string& relation, OnFailedFigure on_failed, std::stop_token stop);

 private:
  using Group = std::vector<std::pair<std::string, Receiver>>;
  std::vector<Group> groups_{1};
};

}  // namespace smelt::quality
