#include <variant>

#include "delta/actions.h"
#include "delta/internal/json_text.h"

namespace smelt::delta {
namespace {

/// From these versions on, features are listed by name ("Table Features").
constexpr int kReaderFeaturesVersion = 3;
constexpr int kWriterFeaturesVersion = 7;

void WriteDeletionVector(JsonObject& object, const std::optional<DeletionVector>& vector) {
  if (!vector) return;
  JsonObject inner(object.Begin("deletionVector"));
  inner.Text("storageType", vector->storage_type);
  inner.Text("pathOrInlineDv", vector->path_or_inline);
  if (vector->offset) inner.Int("offset", *vector->offset);
  inner.Int("sizeInBytes", vector->size_bytes);
  inner.Int("cardinality", vector->cardinality);
}

/// Writes the one member of the line that names the action's type and holds its fields.
struct ActionWriter {
  JsonObject& line;

  void operator()(const Protocol& protocol) const {
    JsonObject object(line.Begin("protocol"));
    object.Int("minReaderVersion", protocol.min_reader_version);
    object.Int("minWriterVersion", protocol.min_writer_version);
    if (protocol.min_reader_version >= kReaderFeaturesVersion) {
      object.TextList("readerFeatures", protocol.reader_features);
    }
    if (protocol.min_writer_version >= kWriterFeaturesVersion) {
      object.TextList("writerFeatures", protocol.writer_features);
    }
  }

  void operator()(const Metadata& metadata) const {
    JsonObject object(line.Begin("metaData"));
    object.Text("id", metadata.id);
    object.TextIfAny("name", metadata.name);
    object.TextIfAny("description", metadata.description);
    object.Begin("format") += R"({"provider":"parquet","options":{}})";
    object.Text("schemaString", metadata.schema_string);
    object.TextList("partitionColumns", metadata.partition_columns);
    object.TextMap("configuration", metadata.configuration);
    object.IntIfAny("createdTime", metadata.created_time_ms);
  }

  void operator()(const Add& add) const {
    JsonObject object(line.Begin("add"));
    object.Text("path", add.path);
    object.NullableTextMap("partitionValues", add.partition_values);
    object.Int("size", add.size_bytes);
    object.Int("modificationTime", add.modification_time_ms);
    object.Bool("dataChange", add.data_change);
    if (const SharedText stats = add.stats.Read(); !stats.empty()) object.Text("stats", stats);
    object.TextMapIfAny("tags", add.tags);
    WriteDeletionVector(object, add.deletion_vector);
    object.IntIfAny("baseRowId", add.base_row_id);
    object.IntIfAny("defaultRowCommitVersion", add.default_row_commit_version);
    object.TextIfAny("clusteringProvider", add.clustering_provider);
  }

  void operator()(const Remove& remove) const {
    JsonObject object(line.Begin("remove"));
    object.Text("path", remove.path);
    object.IntIfAny("deletionTimestamp", remove.deletion_timestamp_ms);
    object.Bool("dataChange", remove.data_change);
    if (remove.partition_values && remove.size_bytes) object.Bool("extendedFileMetadata", true);
    if (remove.partition_values) object.NullableTextMap("partitionValues", *remove.partition_values);
    object.IntIfAny("size", remove.size_bytes);
    object.TextMapIfAny("tags", remove.tags);
    WriteDeletionVector(object, remove.deletion_vector);
    object.IntIfAny("baseRowId", remove.base_row_id);
    object.IntIfAny("defaultRowCommitVersion", remove.default_row_commit_version);
  }

  void operator()(const Cdc& cdc) const {
    JsonObject object(line.Begin("cdc"));
    object.Text("path", cdc.path);
    object.NullableTextMap("partitionValues", cdc.partition_values);
    object.Int("size", cdc.size_bytes);
    object.Bool("dataChange", false);
    object.TextMapIfAny("tags", cdc.tags);
  }

  void operator()(const Txn& txn) const {
    JsonObject object(line.Begin("txn"));
    object.Text("appId", txn.app_id);
    object.Int("version", txn.version);
    object.IntIfAny("lastUpdated", txn.last_updated_ms);
  }

  void operator()(const DomainMetadata& domain) const {
    JsonObject object(line.Begin("domainMetadata"));
    object.Text("domain", domain.domain);
    object.Text("configuration", domain.configuration);
    object.Bool("removed", domain.removed);
  }

  void operator()(const CommitInfo& info) const { line.Begin("commitInfo") += JsonText(info.fields); }

  void operator()(const CheckpointMetadata& checkpoint) const {
    JsonObject object(line.Begin("checkpointMetadata"));
    object.Int("version", checkpoint.version);
  }

  void operator()(const Sidecar& sidecar) const {
    JsonObject object(line.Begin("sidecar"));
    object.Text("path", sidecar.path);
    object.Int("sizeInBytes", sidecar.size_bytes);
    object.Int("modificationTime", sidecar.modification_time_ms);
  }
};

}  // namespace

void AppendAction(const Action& action, std::string& out) {
  {
    JsonObject line(out);
    std::visit(ActionWriter{line}, action);
  }
  out += '\n';
}

}  // namespace smelt::delta
