#include "delta/change_feed.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

#include "delta/features.h"
#include "delta/internal/definition.h"
#include "delta/internal/log_listing.h"
#include "delta/internal/replay.h"
#include "delta/internal/table_properties.h"
#include "delta/schema.h"

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

Status CheckRange(Version from, Version to, const LogListing& listing) {
  if (from < Version{0} || from > to) {
    return Fail(ErrorCode::kDeltaVersionMissing,
                fmt::format("the versions {} to {} are no range", from.value, to.value));
  }
  if (to <= listing.Latest()) return {};
  return Fail(ErrorCode::kDeltaVersionMissing,
              fmt::format("version {} is not available: the newest is {}", to.value, listing.Latest().value));
}

/// Lists the log from the newest known checkpoint on, if that is not after `from`, else everything.
Result<LogListing> ListFor(const Log& log, Version from) {
  const std::optional<Version> hint = ReadCheckpointHint(log);
  if (hint && *hint <= from) {
    SMELT_ASSIGN(LogListing listing, ListLog(log, *hint));
    if (!listing.is_empty()) return listing;
  }
  SMELT_ASSIGN(LogListing listing, ListLog(log));
  if (!listing.is_empty()) return listing;
  return Fail(ErrorCode::kDeltaNotATable,
              fmt::format("there is no Delta table at '{}'", log.store().Address(log.folder())));
}

/// The definition with which the feed begins.
Result<Definition> FirstDefinition(const Log& log, const LogListing& listing, Version from) {
  if (listing.FindCommit(from) != nullptr) {
    SMELT_ASSIGN(std::optional<Definition> definition, DefinitionAt(log, listing, from));
    if (definition) return *std::move(definition);
  }
  SMELT_ASSIGN(const SnapshotPtr snapshot, log.At(from));
  return Definition{snapshot->protocol(), snapshot->metadata()};
}

/// The partition columns by the names that the log's values have, which a rename leaves as they are.
Result<std::vector<std::string>> PartitionKeys(const Definition& definition) {
  const bool is_mapped = ColumnMappingOf(definition.protocol, definition.metadata) != ColumnMapping::kNone;
  SMELT_ASSIGN(const Schema schema, ParseSchema(definition.metadata.schema_string));
  std::vector<std::string> keys;
  for (const std::string& name : definition.metadata.partition_columns) {
    const Field* field = schema.Find(name);
    keys.push_back(field == nullptr ? name : field->physical_name(is_mapped));
  }
  return keys;
}

/// Keeps a definition up to date while versions are read one by one. Errors: kDeltaVersionMissing, kDeltaUnsupported.
Status Redefine(Definition& definition, const std::vector<Action>& actions, Version version) {
  for (const Action& action : actions) {
    if (const auto* changed = std::get_if<Protocol>(&action)) definition.protocol = *changed;
  }
  for (const Action& action : actions) {
    const auto* redefined = std::get_if<Metadata>(&action);
    if (redefined == nullptr) continue;
    SMELT_ASSIGN(const auto before, PartitionKeys(definition));
    SMELT_ASSIGN(const auto after, PartitionKeys({definition.protocol, *redefined}));
    if (before != after) {
      return Fail(ErrorCode::kDeltaVersionMissing,
                  fmt::format("the table was partitioned anew in version {}: ask for the changes before and since by "
                              "themselves",
                              version.value));
    }
    definition.metadata = *redefined;
  }
  SMELT_TRY(CheckReadable(definition.protocol));
  return CheckEnabled(definition.metadata, version);
}

}  // namespace

Result<ChangeFeed> ReadChanges(const Log& log, Version from, std::optional<Version> to) {
  SMELT_ASSIGN(const LogListing listing, ListFor(log, from));
  const Version last = to.value_or(listing.Latest());
  SMELT_TRY(CheckRange(from, last, listing));
  SMELT_ASSIGN(Definition definition, FirstDefinition(log, listing, from));
  ChangeFeed feed;
  for (Version version = from; version <= last; version = version.Next()) {
    const CommitFile* file = listing.FindCommit(version);
    if (file == nullptr) {
      return Fail(ErrorCode::kDeltaVersionMissing,
                  fmt::format("the changes of version {} are no longer in the log", version.value));
    }
    SMELT_ASSIGN(const CommitContent content, ReadCommitContent(log, version));
    SMELT_TRY(Redefine(definition, content.actions, version));
    ChangeReader reader(definition.metadata);
    SMELT_TRY(reader.Read(content.actions));
    VersionChanges& changes = feed.versions.emplace_back(std::move(reader).Finish());
    changes.version = version;
    const auto recorded = CommitInfoInt(content.actions, "inCommitTimestamp");
    changes.timestamp_ms = recorded.value_or(file->modified_ms);
  }
  feed.protocol = std::move(definition.protocol);
  feed.metadata = std::move(definition.metadata);
  return feed;
}

}  // namespace smelt::delta
