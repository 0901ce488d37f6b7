#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/clock.h"
#include "delta/internal/log_listing.h"
#include "delta/internal/replay.h"
#include "delta/internal/table_properties.h"
#include "delta/snapshot.h"

namespace smelt::delta {
namespace {

/// File times tell versions apart: where those of the store do not ascend, as when it knows seconds only, a commit
/// counts as made a millisecond after the one before it.
void MakeAscending(std::vector<CommitFile>& commits) {
  for (std::size_t i = 1; i < commits.size(); ++i) {
    commits[i].modified_ms = std::max(commits[i].modified_ms, commits[i - 1].modified_ms + 1);
  }
}

/// The commits whose versions can be rebuilt, without gaps, oldest first, at ascending times.
std::vector<CommitFile> CommitTimes(const LogListing& listing) {
  std::vector<CommitFile> times;
  for (CommitFile commit : listing.commits) {
    if (commit.version < listing.Earliest()) continue;
    if (!times.empty() && commit.version != times.back().version.Next()) times.clear();
    times.push_back(commit);
  }
  MakeAscending(times);
  return times;
}

std::string TimeText(std::int64_t ms) {
  return FormatUtcMicros(ms * 1000);
}

std::unexpected<Error> TimeMissing(std::int64_t asked_ms, std::int64_t first_ms, std::int64_t last_ms) {
  return Fail(ErrorCode::kDeltaVersionMissing,
              fmt::format("the table has no version of {}: its commits reach from {} to {}", TimeText(asked_ms),
                          TimeText(first_ms), TimeText(last_ms)));
}

Result<std::int64_t> InCommitTimestamp(const Log& log, Version version) {
  SMELT_ASSIGN(const CommitContent content, ReadCommitContent(log, version));
  const std::optional<std::int64_t> timestamp = CommitInfoInt(content.actions, "inCommitTimestamp");
  if (timestamp) return *timestamp;
  return Fail(Error(ErrorCode::kDeltaCorrupt, "the commit has no inCommitTimestamp, which the table demands")
                  .At(log.CommitKey(version)));
}

/// The last of `commits` (not empty) at or before the time by in-commit timestamps, which ascend strictly; nothing when
/// all are later. Reads only the commits that a binary search touches.
Result<std::optional<Version>> SearchInCommitTimestamps(const Log& log, const std::vector<CommitFile>& commits,
                                                        std::int64_t timestamp_ms) {
  std::size_t low = 0;
  std::size_t high = commits.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    SMELT_ASSIGN(const std::int64_t time, InCommitTimestamp(log, commits[middle].version));
    if (time <= timestamp_ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return std::nullopt;
  return commits[low - 1].version;
}

/// As SearchInCommitTimestamps, by file times.
std::optional<Version> SearchFileTimes(const std::vector<CommitFile>& commits, std::int64_t timestamp_ms) {
  const auto after = std::ranges::upper_bound(commits, timestamp_ms, {}, &CommitFile::modified_ms);
  if (after == commits.begin()) return std::nullopt;
  return std::prev(after)->version;
}

HistoryEntry Summarise(const CommitFile& file, const std::vector<Action>& actions) {
  HistoryEntry entry;
  entry.version = file.version;
  entry.timestamp_ms = CommitInfoInt(actions, "inCommitTimestamp").value_or(file.modified_ms);
  if (const Json* info = FindCommitInfo(actions)) entry.commit_info = *info;
  std::unordered_set<std::string_view> removed;
  for (const Action& action : actions) {
    if (const auto* remove = std::get_if<Remove>(&action)) {
      ++entry.files_removed;
      removed.insert(remove->path);
    }
  }
  for (const Action& action : actions) {
    const auto* add = std::get_if<Add>(&action);
    if (add == nullptr) continue;
    ++entry.files_added;
    // One that only gets another deletion vector brings no row.
    if (!removed.contains(add->path)) entry.rows_added += add->stats.rows().value_or(0);
  }
  return entry;
}

}  // namespace

Result<Version> Log::VersionAt(std::int64_t timestamp_ms) const {
  SMELT_ASSIGN(const SnapshotPtr latest, Latest());
  SMELT_ASSIGN(const LogListing listing, ListLog(*this));
  std::vector<CommitFile> commits = CommitTimes(listing);
  if (commits.empty()) {
    return Fail(ErrorCode::kDeltaVersionMissing,
                "the table's commit files, which tell the times of its versions, are gone");
  }
  const Metadata& metadata = latest->metadata();
  const bool has_own_times = HasInCommitTimestamps(latest->protocol(), metadata);
  const Version enabled_at{has_own_times ? PropertyInt(metadata, kInCommitTimestampVersionProperty, 0)
                                         : latest->version().value + 1};
  const auto split = std::ranges::lower_bound(commits, enabled_at, {}, &CommitFile::version);
  const std::vector<CommitFile> timed(split, commits.end());
  const std::vector<CommitFile> untimed(commits.begin(), split);

  std::int64_t last_ms = commits.back().modified_ms;
  if (!timed.empty()) {
    SMELT_ASSIGN(last_ms, InCommitTimestamp(*this, timed.back().version));
  }
  std::int64_t first_ms = commits.front().modified_ms;
  if (untimed.empty()) {
    SMELT_ASSIGN(first_ms, InCommitTimestamp(*this, timed.front().version));
  }
  if (timestamp_ms < first_ms || timestamp_ms > last_ms) return TimeMissing(timestamp_ms, first_ms, last_ms);

  const bool asks_own_times =
      !timed.empty() && timestamp_ms >= PropertyInt(metadata, kInCommitTimestampTimeProperty, 0);
  std::optional<Version> version;
  if (asks_own_times) {
    SMELT_ASSIGN(version, SearchInCommitTimestamps(*this, timed, timestamp_ms));
  }
  if (!version) version = SearchFileTimes(untimed, timestamp_ms);
  if (!version) return TimeMissing(timestamp_ms, first_ms, last_ms);
  return *version;
}

Result<std::vector<HistoryEntry>> Log::History(std::int64_t limit) const {
  Version from{0};
  if (limit > 0) {
    SMELT_ASSIGN(const std::optional<Version> latest, LatestVersion());
    if (latest) from.value = std::max<std::int64_t>(0, latest->value - limit + 1);
  }
  SMELT_ASSIGN(LogListing listing, ListLog(*this, from));
  MakeAscending(listing.commits);
  if (listing.is_empty()) {
    return Fail(ErrorCode::kDeltaNotATable, fmt::format("there is no Delta table at '{}'", store_.Address(folder_)));
  }
  std::vector<HistoryEntry> history;
  for (const CommitFile& file : std::views::reverse(listing.commits)) {
    SMELT_ASSIGN(const CommitContent content, ReadCommitContent(*this, file.version));
    history.push_back(Summarise(file, content.actions));
  }
  return history;
}

}  // namespace smelt::delta
