#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/id.h"
#include "delta/features.h"
#include "delta/internal/json_checksum.h"
#include "delta/internal/log_listing.h"
#include "delta/internal/table_properties.h"
#include "delta/snapshot.h"

namespace smelt::delta {
namespace {

std::string CheckpointKey(const Log& log, Version version) {
  return log.Key(fmt::format("{}/{}.checkpoint.parquet", kLogFolder, VersionDigits(version)));
}

std::string Line(const Action& action) {
  std::string line;
  AppendAction(action, line);
  line.pop_back();
  return line;
}

/// Whether checkpoints of the table carry statistics. They do when the table wants them as JSON, and also when it wants
/// them in typed columns only, which smelt does not write: better in the other form than lost.
bool KeepsStatistics(const Metadata& metadata) {
  return PropertyIsTrue(metadata, "delta.checkpoint.writeStatsAsJson", true) ||
         PropertyIsTrue(metadata, "delta.checkpoint.writeStatsAsStruct");
}

/// Whether the table wants checkpoints of the second kind, and may have them.
bool WantsV2(const Snapshot& snapshot) {
  const auto& configuration = snapshot.metadata().configuration;
  const auto policy = configuration.find("delta.checkpointPolicy");
  return policy != configuration.end() && EqualsIgnoringCase(policy->second, "v2") &&
         HasFeature(snapshot.protocol(), "v2Checkpoint");
}

/// All of the state but the files.
std::vector<std::string> DefinitionLines(const Snapshot& snapshot) {
  std::vector<std::string> lines;
  lines.push_back(Line(snapshot.protocol()));
  lines.push_back(Line(snapshot.metadata()));
  for (const auto& [id, txn] : snapshot.txns()) lines.push_back(Line(txn));
  for (const auto& [name, domain] : snapshot.domains()) lines.push_back(Line(domain));
  return lines;
}

/// The files and the removals that are still remembered: state, not change, so that dataChange is false throughout.
void AppendFileLines(const Snapshot& snapshot, std::vector<std::string>& lines) {
  lines.reserve(lines.size() + snapshot.files().size());
  const bool keeps_statistics = KeepsStatistics(snapshot.metadata());
  for (const auto& file : snapshot.files()) {
    Add add = *file;
    add.data_change = false;
    if (!keeps_statistics) add.stats.clear();
    lines.push_back(Line(std::move(add)));
  }
  const std::int64_t expired_ms = NowMillis() - TombstoneRetentionMs(snapshot.metadata());
  for (const auto& tombstone : snapshot.tombstones()) {
    if (tombstone->deletion_timestamp_ms.value_or(0) <= expired_ms) continue;
    Remove remove = *tombstone;
    remove.data_change = false;
    remove.tags.clear();
    lines.push_back(Line(std::move(remove)));
  }
}

/// What `_last_checkpoint` says of a checkpoint that was written.
Json PointerOf(const Snapshot& snapshot, std::size_t lines, std::int64_t bytes) {
  Json pointer = Json::object();
  pointer["version"] = snapshot.version().value;
  pointer["size"] = lines;
  pointer["sizeInBytes"] = bytes;
  pointer["numOfAddFiles"] = std::ssize(snapshot.files());
  return pointer;
}

/// Writes a classic checkpoint ("V1 Spec"): all rows in one file.
Result<Json> WriteClassic(const Log& log, const Snapshot& snapshot) {
  std::vector<std::string> lines = DefinitionLines(snapshot);
  AppendFileLines(snapshot, lines);
  const std::string address = log.store().Address(CheckpointKey(log, snapshot.version()));
  SMELT_ASSIGN(const std::int64_t bytes, log.checkpoints().Write(lines, address));
  return PointerOf(snapshot, lines.size(), bytes);
}

/// Writes a UUID-named checkpoint ("V2 Spec"): the files in a sidecar, all else in a JSON file that names it.
Result<Json> WriteV2(const Log& log, const Snapshot& snapshot) {
  std::vector<std::string> files;
  AppendFileLines(snapshot, files);
  std::vector<std::string> lines = DefinitionLines(snapshot);
  lines.insert(lines.begin(), Line(CheckpointMetadata{snapshot.version().value}));
  std::int64_t bytes = 0;
  if (!files.empty()) {
    const std::string name = NewUuid() + ".parquet";
    const std::string key = log.Key(fmt::format("{}/_sidecars/{}", kLogFolder, name));
    SMELT_ASSIGN(bytes, log.checkpoints().Write(files, log.store().Address(key)));
    lines.push_back(Line(Sidecar{name, bytes, NowMillis()}));
  }
  const std::string text = fmt::format("{}\n", fmt::join(lines, "\n"));
  const std::string name = fmt::format("{}.checkpoint.{}.json", VersionDigits(snapshot.version()), NewUuid());
  SMELT_TRY(log.store().Put(log.Key(fmt::format("{}/{}", kLogFolder, name)), text));
  Json pointer = PointerOf(snapshot, lines.size() + files.size(), bytes + std::ssize(text));
  pointer["v2Checkpoint"] = {{"path", name}, {"sizeInBytes", text.size()}, {"modificationTime", NowMillis()}};
  return pointer;
}

/// Whether there is a checkpoint of the version that `_last_checkpoint` names, and that version is a later one.
Result<bool> IsAhead(const Log& log, Version version) {
  const std::optional<Version> hint = ReadCheckpointHint(log);
  if (!hint || *hint <= version) return false;
  SMELT_ASSIGN(const LogListing listing, ListLog(log, *hint));
  return std::ranges::find(listing.checkpoints, *hint, &CheckpointFiles::version) != listing.checkpoints.end();
}

}  // namespace

Status WriteCheckpoint(const Log& log, const Snapshot& snapshot) {
  SMELT_ASSIGN(Json pointer, WantsV2(snapshot) ? WriteV2(log, snapshot) : WriteClassic(log, snapshot));
  // Another process may be ahead; readers are best served by the newer checkpoint.
  SMELT_ASSIGN(const bool is_ahead, IsAhead(log, snapshot.version()));
  if (is_ahead) return {};
  pointer["checksum"] = JsonChecksum(pointer);
  return log.store().Put(log.Key(fmt::format("{}/_last_checkpoint", kLogFolder)), JsonText(pointer), Durability::kLazy);
}

}  // namespace smelt::delta
