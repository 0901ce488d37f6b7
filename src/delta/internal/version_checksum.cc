#include "delta/internal/version_checksum.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "base/log.h"
#include "delta/internal/json_text.h"
#include "delta/internal/log_listing.h"
#include "delta/internal/table_properties.h"

namespace smelt::delta {
namespace {

std::string ChecksumKey(const Log& log, Version version) {
  return log.Key(fmt::format("{}/{}.crc", kLogFolder, VersionDigits(version)));
}

/// The body of an action, without the name around it.
std::string BodyOf(const Action& action) {
  std::string line;
  AppendAction(action, line);
  const std::size_t begin = line.find('{', 1);
  return line.substr(begin, line.rfind('}') - begin);
}

std::optional<std::int64_t> IntOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

std::optional<std::string> MetadataIdOf(const Json& checksum) {
  const auto metadata = checksum.find("metadata");
  if (metadata == checksum.end() || !metadata->is_object()) return std::nullopt;
  const auto id = metadata->find("id");
  if (id == metadata->end() || !id->is_string()) return std::nullopt;
  return id->get<std::string>();
}

/// The checksum file as JSON, if it is one and of the commit with this txnId.
std::optional<Json> ReadChecksum(const Log& log, Version version, std::string_view txn_id) {
  const Result<std::string> text = log.store().Read(ChecksumKey(log, version));
  if (!text) return std::nullopt;
  Json json = JsonOrDiscarded(*text);
  if (!json.is_object()) return std::nullopt;
  const auto id = json.find("txnId");
  if (id == json.end() || !id->is_string() || txn_id.empty() || id->get_ref<const std::string&>() != txn_id) {
    return std::nullopt;
  }
  return json;
}

}  // namespace

std::string VersionChecksumText(const Snapshot& snapshot, const std::string& txn_id) {
  std::string text;
  JsonObject object(text);
  object.Text("txnId", txn_id);
  object.Int("tableSizeBytes", snapshot.totals().bytes);
  object.Int("numFiles", std::ssize(snapshot.files()));
  object.Int("numDeletedRecordsOpt", snapshot.totals().deleted_rows);
  object.Int("numDeletionVectorsOpt", snapshot.totals().deletion_vectors);
  object.Int("numMetadata", 1);
  object.Int("numProtocol", 1);
  if (HasInCommitTimestamps(snapshot.protocol(), snapshot.metadata())) {
    object.Int("inCommitTimestampOpt", snapshot.timestamp_ms());
  }
  object.Begin("metadata") += BodyOf(snapshot.metadata());
  object.Begin("protocol") += BodyOf(snapshot.protocol());
  return text;
}

void WriteVersionChecksum(const Log& log, const Snapshot& snapshot, const std::string& txn_id) {
  const Status written =
      log.store().Put(ChecksumKey(log, snapshot.version()), VersionChecksumText(snapshot, txn_id), Durability::kLazy);
  if (written) return;
  ::smelt::Log(LogLevel::kWarn, "delta.checksum.failed",
               {{"table", log.folder()}, {"version", snapshot.version().value}, {"error", written.error().ToString()}});
}

Status CheckVersionChecksum(const Log& log, const Snapshot& snapshot, std::string_view txn_id) {
  const std::optional<Json> checksum = ReadChecksum(log, snapshot.version(), txn_id);
  if (!checksum) return {};
  struct Count {
    const char* key;
    std::int64_t found;
  };
  const std::vector<Count> counts = {{"numFiles", std::ssize(snapshot.files())},
                                     {"tableSizeBytes", snapshot.totals().bytes}};
  std::string differences;
  for (const Count& count : counts) {
    const std::optional<std::int64_t> expected = IntOf(*checksum, count.key);
    if (!expected || *expected == count.found) continue;
    differences +=
        fmt::format("{}{} is {} there and {} here", differences.empty() ? "" : ", ", count.key, *expected, count.found);
  }
  const std::optional<std::string> id = MetadataIdOf(*checksum);
  if (id && *id != snapshot.metadata().id) {
    differences += fmt::format("{}the table's id is {} there and {} here", differences.empty() ? "" : ", ", *id,
                               snapshot.metadata().id);
  }
  if (differences.empty()) return {};
  return Fail(
      Error(ErrorCode::kDeltaCorrupt,
            fmt::format("the log does not give the state that the checksum file of version {} has: {}",
                        snapshot.version().value, differences))
          .At(ChecksumKey(log, snapshot.version()))
          .Hint("a log file was changed, replaced or lost; restore the log from a backup, or delete the checksum "
                "file if it is the one that is wrong"));
}

}  // namespace smelt::delta
