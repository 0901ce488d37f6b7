#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "delta/statistics_text.h"

/// The actions of a Delta log as types: "Actions" in the Delta transaction log protocol (PROTOCOL.md).
namespace smelt::delta {

/// A table version: 0 is the first commit. A type of its own, so that it is not mistaken for an offset or a count.
struct Version {
  std::int64_t value = -1;
  auto operator<=>(const Version&) const = default;
  Version Next() const { return {value + 1}; }
};

/// Partition column → value in its serialised form; nothing is null. (The empty string is null too, on reading.)
using PartitionValues = std::map<std::string, std::optional<std::string>>;

/// "Protocol Evolution". Features are present only from reader 3 / writer 7 on.
struct Protocol {
  int min_reader_version = 1;
  int min_writer_version = 2;
  std::vector<std::string> reader_features;
  std::vector<std::string> writer_features;
  bool operator==(const Protocol&) const = default;
};

/// "Change Metadata".
struct Metadata {
  std::string id;
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::string schema_string;  ///< the JSON serialisation of the schema
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> configuration;
  std::optional<std::int64_t> created_time_ms;
  bool operator==(const Metadata&) const = default;
};

/// "Deletion Vector Descriptor".
struct DeletionVector {
  std::string storage_type;  ///< "u" relative file, "i" inline, "p" absolute
  std::string path_or_inline;
  std::optional<std::int32_t> offset;
  std::int32_t size_bytes = 0;
  std::int64_t cardinality = 0;
  bool operator==(const DeletionVector&) const = default;
  /// The unique id that, with the path, identifies a logical file.
  std::string UniqueId() const;
};

/// "Add File".
struct Add {
  std::string path;  ///< as in the log: URL-encoded, relative to the table or absolute
  PartitionValues partition_values;
  std::int64_t size_bytes = 0;
  std::int64_t modification_time_ms = 0;
  bool data_change = true;
  StatisticsText stats;  ///< empty when absent
  std::map<std::string, std::string> tags;
  std::optional<DeletionVector> deletion_vector;
  std::optional<std::int64_t> base_row_id;
  std::optional<std::int64_t> default_row_commit_version;
  std::optional<std::string> clustering_provider;
};

/// "Remove File".
struct Remove {
  std::string path;
  std::optional<std::int64_t> deletion_timestamp_ms;
  bool data_change = true;
  std::optional<PartitionValues> partition_values;
  std::optional<std::int64_t> size_bytes;
  std::map<std::string, std::string> tags;
  std::optional<DeletionVector> deletion_vector;
  std::optional<std::int64_t> base_row_id;
  std::optional<std::int64_t> default_row_commit_version;
};

/// The removal of a live file, dated now, with all that readers and vacuum want to know of it.
Remove RemovalOf(const Add& add);

/// "Add CDC File".
struct Cdc {
  std::string path;
  PartitionValues partition_values;
  std::int64_t size_bytes = 0;
  std::map<std::string, std::string> tags;
};

/// "Transaction Identifiers": an application's own progress mark, the last version per application id.
struct Txn {
  std::string app_id;
  std::int64_t version = 0;
  std::optional<std::int64_t> last_updated_ms;
};

/// "Domain Metadata".
struct DomainMetadata {
  std::string domain;
  std::string configuration;
  bool removed = false;
};

/// "Commit Provenance Information": free-form.
struct CommitInfo {
  Json fields = Json::object();
};

/// Checkpoint-only actions ("Checkpoint Metadata", "Sidecar File Information").
struct CheckpointMetadata {
  std::int64_t version = 0;
};
struct Sidecar {
  std::string path;
  std::int64_t size_bytes = 0;
  std::int64_t modification_time_ms = 0;
};

using Action =
    std::variant<Protocol, Metadata, Add, Remove, Cdc, Txn, DomainMetadata, CommitInfo, CheckpointMetadata, Sidecar>;

/// Parses one line of a log file or one row of a checkpoint rendered as JSON. Actions of unknown type (and null) are
/// skipped: nothing. Errors: kDeltaCorrupt; `origin` names the file, `line` its line.
Result<std::optional<Action>> ParseAction(std::string_view json_line, std::string_view origin, std::int64_t line);

/// Parses a whole commit file. Errors: kDeltaCorrupt.
Result<std::vector<Action>> ParseCommit(std::string_view text, std::string_view origin);

/// Parses only those lines of a commit file in which `word` stands, as that of an action's name. Errors: kDeltaCorrupt.
Result<std::vector<Action>> ParseLinesWith(std::string_view text, std::string_view word, std::string_view origin);

/// Appends the action as one JSON line with its line break, in the form of the protocol.
void AppendAction(const Action& action, std::string& out);

/// Percent-encodes a relative file path for the log (RFC 2396 as Hadoop's Path does) and back.
std::string EncodePath(std::string_view path);
Result<std::string> DecodePath(std::string_view encoded);

}  // namespace smelt::delta
