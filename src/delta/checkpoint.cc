#include <fmt/format.h>

#include <utility>

#include "base/clock.h"
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

/// The rows of a classic checkpoint ("V1 Spec"): state, not change, so that dataChange is false throughout.
std::vector<std::string> CheckpointLines(const Snapshot& snapshot) {
  std::vector<std::string> lines;
  lines.reserve(2 + snapshot.txns().size() + snapshot.domains().size() + snapshot.files().size());
  lines.push_back(Line(snapshot.protocol()));
  lines.push_back(Line(snapshot.metadata()));
  for (const auto& [id, txn] : snapshot.txns()) lines.push_back(Line(txn));
  for (const auto& [name, domain] : snapshot.domains()) lines.push_back(Line(domain));
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
  return lines;
}

}  // namespace

Status WriteCheckpoint(const Log& log, const Snapshot& snapshot) {
  const std::vector<std::string> lines = CheckpointLines(snapshot);
  const std::string address = log.store().Address(CheckpointKey(log, snapshot.version()));
  SMELT_ASSIGN(const std::int64_t bytes, log.checkpoints().Write(lines, address));
  // Another process may be ahead; readers are best served by the newer checkpoint.
  const std::optional<Version> hint = ReadCheckpointHint(log);
  if (hint && *hint > snapshot.version()) {
    SMELT_ASSIGN(const bool is_ahead, log.store().Exists(CheckpointKey(log, *hint)));
    if (is_ahead) return {};
  }
  Json pointer = Json::object();
  pointer["version"] = snapshot.version().value;
  pointer["size"] = std::ssize(lines);
  pointer["sizeInBytes"] = bytes;
  pointer["numOfAddFiles"] = std::ssize(snapshot.files());
  pointer["checksum"] = JsonChecksum(pointer);
  return log.store().Put(log.Key(fmt::format("{}/_last_checkpoint", kLogFolder)), pointer.dump(), Durability::kLazy);
}

}  // namespace smelt::delta
