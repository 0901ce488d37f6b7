#include "delta/change_feed.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

#include "delta/features.h"
#include "delta/internal/log_listing.h"
#include "delta/internal/replay.h"
#include "delta/internal/table_properties.h"

namespace smelt::delta {
namespace {

/// A removed file as it was, as far as the action says.
Result<Add> RemovedFile(const Remove& remove, const Metadata& metadata) {
  if (!remove.partition_values && !metadata.partition_columns.empty()) {
    return Fail(ErrorCode::kDeltaVersionMissing,
                fmt::format("the log does not say to which partition the removed file '{}' belonged", remove.path));
  }
  Add add;
  add.path = remove.path;
  add.partition_values = remove.partition_values.value_or(PartitionValues());
  add.size_bytes = remove.size_bytes.value_or(0);
  add.deletion_vector = remove.deletion_vector;
  return add;
}

/// Sorts the actions of one version.
class ChangeReader {
 public:
  explicit ChangeReader(const Metadata& metadata) : metadata_(metadata) {}

  Status Read(const std::vector<Action>& actions) {
    for (const Action& action : actions) {
      if (const auto* cdc = std::get_if<Cdc>(&action)) {
        changes_.recorded.push_back(*cdc);
      } else if (const auto* add = std::get_if<Add>(&action); add != nullptr && add->data_change) {
        files_[add->path].added = *add;
      } else if (const auto* remove = std::get_if<Remove>(&action); remove != nullptr && remove->data_change) {
        SMELT_ASSIGN(files_[remove->path].removed, RemovedFile(*remove, metadata_));
      }
    }
    return {};
  }

  VersionChanges Finish() && {
    // Where the writer recorded the changes, it recorded all of them.
    if (!changes_.recorded.empty()) return std::move(changes_);
    for (auto& [path, file] : files_) {
      if (file.added && file.removed) {
        changes_.masked.push_back({*std::move(file.removed), *std::move(file.added)});
      } else if (file.added) {
        changes_.inserted.push_back(*std::move(file.added));
      } else {
        changes_.deleted.push_back(*std::move(file.removed));
      }
    }
    return std::move(changes_);
  }

 private:
  struct FileChange {
    std::optional<Add> added, removed;
  };

  const Metadata& metadata_;
  VersionChanges changes_;
  std::map<std::string, FileChange> files_;
};

Status CheckEnabled(const Metadata& metadata, Version version) {
  if (PropertyIsTrue(metadata, "delta.enableChangeDataFeed")) return {};
  return Fail(
      Error(ErrorCode::kDeltaVersionMissing,
            fmt::format("the table did not record its changes in version {}", version.value))
          .Hint("ask for later versions; the table's property delta.enableChangeDataFeed switches the feed on"));
}

Status CheckRange(const Log& log, Version from, Version to) {
  if (from < Version{0} || from > to) {
    return Fail(ErrorCode::kDeltaVersionMissing,
                fmt::format("the versions {} to {} are no range", from.value, to.value));
  }
  SMELT_ASSIGN(const std::optional<Version> latest, log.LatestVersion());
  if (!latest || to <= *latest) return {};
  return Fail(ErrorCode::kDeltaVersionMissing,
              fmt::format("version {} is not available: the newest is {}", to.value, latest->value));
}

/// The protocol and metadata in force while the versions are read one by one.
struct Definition {
  Protocol protocol;
  Metadata metadata;

  Status Apply(const std::vector<Action>& actions, Version version) {
    for (const Action& action : actions) {
      if (const auto* changed = std::get_if<Protocol>(&action)) protocol = *changed;
      const auto* redefined = std::get_if<Metadata>(&action);
      if (redefined == nullptr) continue;
      if (redefined->partition_columns != metadata.partition_columns) {
        return Fail(ErrorCode::kDeltaVersionMissing,
                    fmt::format("the table was partitioned anew in version {}: ask for the changes before and since "
                                "by themselves",
                                version.value));
      }
      metadata = *redefined;
    }
    SMELT_TRY(CheckReadable(protocol));
    return CheckEnabled(metadata, version);
  }
};

}  // namespace

Result<std::vector<VersionChanges>> ReadChanges(const Log& log, Version from, Version to) {
  SMELT_TRY(CheckRange(log, from, to));
  SMELT_ASSIGN(const SnapshotPtr first, log.At(from));
  SMELT_ASSIGN(const LogListing listing, ListLog(log, from));
  Definition definition{first->protocol(), first->metadata()};
  std::vector<VersionChanges> all;
  for (Version version = from; version <= to; version = version.Next()) {
    const CommitFile* file = listing.FindCommit(version);
    if (file == nullptr) {
      return Fail(ErrorCode::kDeltaVersionMissing,
                  fmt::format("the changes of version {} are no longer in the log", version.value));
    }
    SMELT_ASSIGN(const CommitContent content, ReadCommitContent(log, version));
    SMELT_TRY(definition.Apply(content.actions, version));
    ChangeReader reader(definition.metadata);
    SMELT_TRY(reader.Read(content.actions));
    all.push_back(std::move(reader).Finish());
    all.back().version = version;
    const auto recorded = CommitInfoInt(content.actions, "inCommitTimestamp");
    all.back().timestamp_ms = recorded.value_or(file->modified_ms);
  }
  return all;
}

}  // namespace smelt::delta
