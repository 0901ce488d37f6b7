#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <vector>

#include "delta/promotion_plan.h"
#include "engine/internal/lake.h"
#include "engine/release.h"

namespace smelt::engine {

/// A table that is to be in the next release, and the commit that makes it so.
struct TableWorkOfRelease {
  TableKey key;
  ReleasedTable entry;        ///< its version is that of `plan`'s base, and that of the commit afterwards
  delta::PromotionPlan plan;  ///< nothing in it: the table is as it is to be
  bool commits = false;
  ReleaseChange change;
};

/// Whether a plan changes anything.
bool ChangesTable(const delta::Proposal& proposal);

/// Turns tables and views into the next release of a lake: first the commits of all tables, which readers do not see,
/// then the one file that makes them see all of it. Confined to one thread.
class ReleaseWork {
 public:
  /// `current` is the newest release of the lake.
  ReleaseWork(Lake& lake, ReleasePtr current) : lake_(lake), current_(std::move(current)) {}

  /// Commits what is to be committed, and writes the release `next`, into which the versions are entered.
  /// Errors: kDelta…, kStore…, kCancelled. Whatever is left then changes nothing for readers.
  Result<ReleasePtr> Run(std::vector<TableWorkOfRelease>& tables, Release next,
                         const std::function<void(const std::string&)>& on_commit, const std::stop_token& stop);
  /// Before the first of them is written to: a release that shows tables and views which are in none as they are now,
  /// and that hides those which are not there yet. Does nothing where `next` has only what the current one owns.
  Status Hold(const Release& next, const std::stop_token& stop);
  const ReleasePtr& current() const { return current_; }
  /// Which release a rollback of the next one leads to.
  std::int64_t before() const;

 private:
  Status Commit(TableWorkOfRelease& table) const;
  /// Writes the views of a release as files, for those who read the lake when releases have ended. A failure is logged.
  void WriteViews(const Release& release) const;

  Lake& lake_;
  ReleasePtr current_;
};

}  // namespace smelt::engine
