#include "delta/internal/log_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "base/log.h"
#include "delta/internal/json_checksum.h"

namespace smelt::delta {
namespace {

constexpr std::size_t kVersionDigits = 20;
constexpr std::size_t kPartDigits = 10;

/// Takes `count` decimal digits off `text`.
std::optional<std::int64_t> TakeDigits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  std::int64_t value = 0;
  const char* const end = text.data() + count;
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || value < 0) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Sorts the files of a listing into commits and checkpoints.
class ListingReader {
 public:
  explicit ListingReader(LogListing& listing) : listing_(listing) {}

  void Read(const storage::ObjectInfo& object) {
    std::string_view name = object.key;
    name.remove_prefix(name.rfind('/') + 1);
    const std::optional<std::int64_t> number = TakeDigits(name, kVersionDigits);
    if (!number) return;
    const Version version{*number};
    if (name == ".json") {
      listing_.commits.push_back({version, object.modified_ms});
    } else if (name == ".checkpoint.parquet") {
      listing_.checkpoints.push_back({version, {object.key}, object.modified_ms});
    } else if (name == ".crc") {
      listing_.checksums.push_back(version);
    } else if (TakePrefix(name, ".checkpoint.")) {
      ReadPart(version, name, object);
    } else if (TakePrefix(name, ".")) {
      const std::optional<std::int64_t> last = TakeDigits(name, kVersionDigits);
      if (last && *last > version.value && name == ".compacted.json") {
        listing_.compactions.push_back({version, {*last}, object.key});
      }
    }
  }

  /// Adds the multi-part checkpoints of which no part is missing. A classic one of the same version comes after them
  /// and is preferred, being written in one piece.
  void Finish() {
    for (auto& [id, parts] : parts_) {
      const auto [version, count] = id;
      if (static_cast<std::int64_t>(parts.keys.size()) != count) continue;
      CheckpointFiles files{version, {}, parts.modified_ms};
      for (auto& [index, key] : parts.keys) files.keys.push_back(std::move(key));
      listing_.checkpoints.push_back(std::move(files));
    }
    std::ranges::stable_sort(listing_.checkpoints, [](const CheckpointFiles& a, const CheckpointFiles& b) {
      return std::pair(a.version, b.keys.size()) < std::pair(b.version, a.keys.size());
    });
  }

 private:
  struct Parts {
    std::map<std::int64_t, std::string> keys;
    std::int64_t modified_ms = 0;
  };

  void ReadPart(Version version, std::string_view rest, const storage::ObjectInfo& object) {
    std::string_view name = rest;
    const std::optional<std::int64_t> index = TakeDigits(name, kPartDigits);
    if (!index || !TakePrefix(name, ".")) {
      const bool is_whole = rest.ends_with(".parquet") || rest.ends_with(".json");
      if (is_whole) listing_.checkpoints.push_back({version, {object.key}, object.modified_ms});
      return;
    }
    const std::optional<std::int64_t> count = TakeDigits(name, kPartDigits);
    if (!count || name != ".parquet" || *index < 1 || *index > *count) return;
    Parts& parts = parts_[{version, *count}];
    parts.keys[*index] = object.key;
    parts.modified_ms = std::max(parts.modified_ms, object.modified_ms);
  }

  LogListing& listing_;
  std::map<std::pair<Version, std::int64_t>, Parts> parts_;
};

}  // namespace

Version LogListing::Latest() const {
  Version latest;
  if (!commits.empty()) latest = commits.back().version;
  if (!checkpoints.empty()) latest = std::max(latest, checkpoints.back().version);
  return latest;
}

Version LogListing::Earliest() const {
  if (!commits.empty() && commits.front().version == Version{0}) return {0};
  return checkpoints.empty() ? Version{} : checkpoints.front().version;
}

const CommitFile* LogListing::FindCommit(Version version) const {
  const auto found = std::ranges::lower_bound(commits, version, {}, &CommitFile::version);
  return found != commits.end() && found->version == version ? &*found : nullptr;
}

const CompactionFile* LogListing::FindCompaction(Version from, Version target) const {
  const CompactionFile* found = nullptr;
  for (const CompactionFile& file : compactions) {
    if (file.from == from && file.to <= target && (found == nullptr || found->to < file.to)) found = &file;
  }
  return found;
}

std::string VersionDigits(Version version) {
  return fmt::format("{:0{}}", version.value, kVersionDigits);
}

LogListing SortLogFiles(const std::vector<storage::ObjectInfo>& objects) {
  LogListing listing;
  ListingReader reader(listing);
  for (const storage::ObjectInfo& object : objects) reader.Read(object);
  reader.Finish();
  return listing;
}

Result<LogListing> ListLog(const Log& log, Version from) {
  const std::string folder = log.Key(kLogFolder);
  // A file's name continues after its version and so sorts after the bare digits.
  const std::string start_after = from.value > 0 ? folder + "/" + VersionDigits(from) : "";
  SMELT_ASSIGN(const std::vector<storage::ObjectInfo> objects, log.store().List(folder, start_after));
  LogListing listing = SortLogFiles(objects);
  listing.from = from;
  return listing;
}

std::optional<Version> ReadCheckpointHint(const Log& log) {
  const Result<std::string> text = log.store().Read(log.Key("_delta_log/_last_checkpoint"));
  if (!text) return std::nullopt;
  const Json json = JsonOrDiscarded(*text);
  if (!json.is_object()) return std::nullopt;
  const auto version = json.find("version");
  if (version == json.end() || !version->is_number_integer() || version->get<std::int64_t>() < 0) return std::nullopt;
  const auto checksum = json.find("checksum");
  if (checksum != json.end() && *checksum != JsonChecksum(json)) {
    ::smelt::Log(LogLevel::kWarn, "delta.checkpoint.hint.damaged", {{"table", log.folder()}});
    return std::nullopt;
  }
  return Version{version->get<std::int64_t>()};
}

}  // namespace smelt::delta
