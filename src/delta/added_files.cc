#include "delta/added_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <variant>

namespace smelt::delta {
namespace {

constexpr std::int64_t kCommitsMax = 1'000;

using Paths = std::unordered_set<std::string_view>;

/// Reads commits, oldest first, until one of them did more than add rows.
class CommitReader {
 public:
  CommitReader(const Paths& before, AddedFiles& found) : before_(before), found_(found) {}

  Status Read(const Log& log, Version version) {
    const Result<std::vector<Action>> actions = log.ReadCommit(version);
    if (!actions && actions.error().code() == ErrorCode::kStoreNotFound) {
      found_.obstacle = fmt::format("the commit of version {} is not in the log any more", version.value);
      return {};
    }
    if (!actions) return Fail(actions.error());
    for (const Action& action : *actions) {
      const std::string_view what = ObstacleIn(action);
      if (!what.empty()) found_.obstacle = fmt::format("version {} {}", version.value, what);
    }
    return {};
  }

 private:
  std::string_view ObstacleIn(const Action& action) {
    if (const auto* add = std::get_if<Add>(&action)) return ObstacleIn(*add);
    if (const auto* remove = std::get_if<Remove>(&action)) {
      if (remove->data_change) return "removed rows";
      if (found_.paths.contains(remove->path)) return "moved rows that were added";
      found_.rearranged = true;
    }
    if (std::holds_alternative<Metadata>(action) || std::holds_alternative<Protocol>(action))
      return "changed the table";
    return {};
  }

  std::string_view ObstacleIn(const Add& add) {
    if (!add.data_change) {
      found_.rearranged = true;
      return {};
    }
    // A known file that is added again may have other rows masked than before.
    if (add.deletion_vector || before_.contains(add.path)) return "changed rows";
    return found_.paths.insert(add.path).second ? "" : "added a file twice";
  }

  const Paths& before_;
  AddedFiles& found_;
};

}  // namespace

Result<AddedFiles> FindAddedFiles(const Log& log, const Snapshot& before, const Snapshot& after) {
  AddedFiles found;
  const std::int64_t commits = after.version().value - before.version().value;
  if (commits < 0) {
    found.obstacle = fmt::format("version {} is later", before.version().value);
  } else if (commits > kCommitsMax) {
    found.obstacle = fmt::format("{} versions lie between", commits);
  } else if (before.metadata() != after.metadata() || before.protocol() != after.protocol()) {
    found.obstacle = "the table is defined otherwise";
  }
  Paths paths;
  for (const auto& file : before.files()) paths.insert(file->path);
  CommitReader reader(paths, found);
  for (Version version = before.version().Next(); found.obstacle.empty() && version <= after.version();
       version = version.Next()) {
    SMELT_TRY(reader.Read(log, version));
  }
  if (!found.obstacle.empty()) return found;
  // What the commits say has to be what the table has.
  const auto is_added = [&](const auto& file) { return found.paths.contains(file->path); };
  const auto is_masked = [&](const auto& file) { return is_added(file) && file->deletion_vector.has_value(); };
  const auto live = static_cast<std::size_t>(std::ranges::count_if(after.files(), is_added));
  if (live != found.paths.size() || std::ranges::any_of(after.files(), is_masked)) {
    found.obstacle = "added files have changed";
  } else if (!found.rearranged && after.files().size() != before.files().size() + live) {
    found.obstacle = "the files are not those of before and those added";
  }
  return found;
}

}  // namespace smelt::delta
