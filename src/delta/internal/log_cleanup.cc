#include "delta/internal/log_cleanup.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
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

/// Whether the first commit is there and no older than the time: no commit after it counts as older, so there is
/// nothing to delete, and a log of many files need not be listed to know that.
bool IsYoungerThan(const Log& log, std::int64_t cutoff_ms) {
  const auto first = log.store().Head(log.CommitKey({0}));
  return first && *first && (*first)->modified_ms >= cutoff_ms;
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

/// Collects the names of the sidecars that checkpoints name.
class SidecarNames final : public CheckpointRows {
 public:
  const std::set<std::string>& names() const { return names_; }

  Status Take(std::shared_ptr<Add>) override { return {}; }

  Status TakeJson(std::string_view json) override {
    SMELT_ASSIGN(const std::optional<Action> action, ParseAction(json, "a checkpoint", 1));
    return action ? TakeAction(*action) : Status();
  }

  Status TakeAction(const Action& action) {
    const auto* sidecar = std::get_if<Sidecar>(&action);
    if (sidecar == nullptr) return {};
    SMELT_ASSIGN(std::string path, DecodePath(sidecar->path));
    names_.insert(path.substr(path.rfind('/') + 1));
    return {};
  }

 private:
  std::set<std::string> names_;
};

/// The names of the sidecars that the checkpoints in the log name. Errors: those of reading one of them.
Result<std::set<std::string>> SidecarsInUse(const Log& log) {
  SMELT_ASSIGN(const LogListing listing, ListLog(log));
  SidecarNames sidecars;
  for (const CheckpointFiles& checkpoint : listing.checkpoints) {
    for (const std::string& key : checkpoint.keys) {
      if (!key.ends_with(".json")) {
        SMELT_TRY(log.checkpoints().Read(log.store().Address(key), sidecars));
        continue;
      }
      SMELT_ASSIGN(const std::string text, log.store().Read(key));
      SMELT_ASSIGN(const std::vector<Action> actions, ParseCommit(text, key));
      for (const Action& action : actions) SMELT_TRY(sidecars.TakeAction(action));
    }
  }
  return sidecars.names();
}

/// Deletes the sidecars that are old and that no checkpoint names any more.
Status CleanUpSidecars(const Log& log, std::int64_t cutoff_ms) {
  const std::string folder = log.Key(fmt::format("{}/_sidecars", kLogFolder));
  SMELT_ASSIGN(std::vector<storage::ObjectInfo> sidecars, log.store().List(folder));
  std::erase_if(sidecars, [&](const storage::ObjectInfo& object) { return object.modified_ms >= cutoff_ms; });
  if (sidecars.empty()) return {};
  SMELT_ASSIGN(const std::set<std::string> used, SidecarsInUse(log));
  for (const storage::ObjectInfo& sidecar : sidecars) {
    if (!used.contains(std::string(NameOf(sidecar.key)))) SMELT_TRY(log.store().Delete(sidecar.key));
  }
  return {};
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
  const std::int64_t cutoff_ms = now_ms - LogRetentionMs(metadata);
  if (IsYoungerThan(log, cutoff_ms)) return {};
  SMELT_ASSIGN(const std::vector<storage::ObjectInfo> objects, log.store().List(log.Key(kLogFolder)));
  const std::vector<std::string> keys = PlanLogCleanup(objects, cutoff_ms);
  for (const std::string& key : keys) SMELT_TRY(log.store().Delete(key));
  if (!keys.empty()) {
    SMELT_TRY(CleanUpSidecars(log, cutoff_ms));
    ::smelt::Log(LogLevel::kInfo, "delta.log.cleaned", {{"table", log.folder()}, {"files", std::ssize(keys)}});
  }
  return {};
}

}  // namespace smelt::delta
