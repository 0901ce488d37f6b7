#include "delta/internal/log_cleanup.h"

#include <algorithm>
#include <string_view>

#include "base/log.h"
#include "delta/internal/log_listing.h"
#include "delta/internal/table_properties.h"

namespace smelt::delta {
namespace {

std::string_view NameOf(const std::string& key) {
  return std::string_view(key).substr(key.rfind('/') + 1);
}

/// The newest checkpoint whose version was made before the time; nothing when there is none.
std::optional<Version> NewestCheckpointBefore(const LogListing& listing, std::int64_t cutoff_ms) {
  std::optional<Version> newest;
  std::size_t commit = 0;
  std::int64_t time_ms = 0;  // of the newest commit so far
  for (const CheckpointFiles& checkpoint : listing.checkpoints) {
    for (; commit < listing.commits.size() && listing.commits[commit].version <= checkpoint.version; ++commit) {
      time_ms = std::max(time_ms, listing.commits[commit].modified_ms);
    }
    if (std::max(time_ms, checkpoint.modified_ms) < cutoff_ms) newest = checkpoint.version;
  }
  return newest;
}

/// Whether the file belongs to versions before the one with these digits: a commit, a checkpoint or part of one, a
/// checksum, or a compaction whose last version is also before it.
bool IsBefore(std::string_view name, std::string_view digits) {
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t width = digits.size();
  if (name.size() <= width || name.find_first_not_of(kDigits) != width || name.substr(0, width) >= digits) return false;
  if (name.ends_with(".compacted.json")) return name.size() > 2 * width && name.substr(width + 1, width) < digits;
  return name.ends_with(".json") || name.ends_with(".parquet") || name.ends_with(".crc");
}

}  // namespace

std::vector<std::string> PlanLogCleanup(const std::vector<storage::ObjectInfo>& objects, std::int64_t cutoff_ms) {
  const std::optional<Version> kept = NewestCheckpointBefore(SortLogFiles(objects), cutoff_ms);
  if (!kept) return {};
  const std::string digits = VersionDigits(*kept);
  std::vector<std::string> keys;
  for (const storage::ObjectInfo& object : objects) {
    if (IsBefore(NameOf(object.key), digits)) keys.push_back(object.key);
  }
  std::ranges::sort(keys);
  return keys;
}

Status CleanUpLog(const Log& log, const Metadata& metadata, std::int64_t now_ms) {
  if (!PropertyIsTrue(metadata, "delta.enableExpiredLogCleanup", true)) return {};
  SMELT_ASSIGN(const std::vector<storage::ObjectInfo> objects, log.store().List(log.Key(kLogFolder)));
  const std::vector<std::string> keys = PlanLogCleanup(objects, now_ms - LogRetentionMs(metadata));
  for (const std::string& key : keys) SMELT_TRY(log.store().Delete(key));
  if (!keys.empty()) {
    ::smelt::Log(LogLevel::kInfo, "delta.log.cleaned", {{"table", log.folder()}, {"files", std::ssize(keys)}});
  }
  return {};
}

}  // namespace smelt::delta
