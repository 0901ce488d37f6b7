#include <algorithm>
#include <set>

#include "delta/features.h"
#include "engine/internal/maintenance/clustering.h"
#include "engine/internal/maintenance/maintenance.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

CommandColumns DetailColumns(const CommandCall&) {
  return {{"name", LogicalType::VARCHAR},
          {"id", LogicalType::VARCHAR},
          {"location", LogicalType::VARCHAR},
          {"created", LogicalType::TIMESTAMP_TZ},
          {"version", LogicalType::BIGINT},
          {"last_modified", LogicalType::TIMESTAMP_TZ},
          {"last_operation", LogicalType::VARCHAR},
          {"rows", LogicalType::BIGINT},
          {"files", LogicalType::BIGINT},
          {"bytes", LogicalType::BIGINT},
          {"file_bytes_min", LogicalType::BIGINT},
          {"file_bytes_median", LogicalType::BIGINT},
          {"file_bytes_max", LogicalType::BIGINT},
          {"partitions", LogicalType::BIGINT},
          {"partition_columns", LogicalType::LIST(LogicalType::VARCHAR)},
          {"clustering_columns", LogicalType::LIST(LogicalType::VARCHAR)},
          {"removed_files", LogicalType::BIGINT},
          {"checkpoint_version", LogicalType::BIGINT},
          {"reader_version", LogicalType::INTEGER},
          {"writer_version", LogicalType::INTEGER},
          {"features", LogicalType::LIST(LogicalType::VARCHAR)},
          {"properties", LogicalType::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR)}};
}

Value TextList(const std::vector<std::string>& texts) {
  duckdb::vector<Value> values;
  for (const std::string& text : texts) values.emplace_back(text);
  return Value::LIST(LogicalType::VARCHAR, std::move(values));
}

Value TextMap(const std::map<std::string, std::string>& texts) {
  duckdb::vector<Value> keys;
  duckdb::vector<Value> values;
  for (const auto& [key, value] : texts) {
    keys.emplace_back(key);
    values.emplace_back(value);
  }
  return Value::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR, std::move(keys), std::move(values));
}

Value TimeOrNull(std::optional<std::int64_t> ms) {
  return ms ? Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(*ms * 1000)) : Value(LogicalType::TIMESTAMP_TZ);
}

/// The features that the protocol has, those that its versions imply included.
std::vector<std::string> FeaturesOf(const delta::Protocol& protocol) {
  std::set<std::string> names(protocol.writer_features.begin(), protocol.writer_features.end());
  for (const delta::Feature& feature : delta::Features()) {
    if (delta::HasFeature(protocol, feature.name)) names.emplace(feature.name);
  }
  return {names.begin(), names.end()};
}

Result<CommandRows> RunDetail(const CommandCall& call) {
  const TableKey key = call.Table();
  SMELT_ASSIGN(const TableStatePtr state, call.State(key));
  SMELT_ASSIGN(const auto newest, call.lake().LogOf(key.Folder()).History(1));
  const delta::Snapshot& snapshot = *state->snapshot;
  std::vector<std::int64_t> sizes;
  std::set<delta::PartitionValues> partitions;
  const std::vector<std::string>& columns = state->metadata.partition_columns;
  for (const auto& file : snapshot.files()) {
    sizes.push_back(file->size_bytes);
    if (!columns.empty()) partitions.insert(file->partition_values);
  }
  std::ranges::sort(sizes);
  const auto size_at = [&](std::size_t i) {
    return sizes.empty() ? Value(LogicalType::BIGINT) : Value::BIGINT(sizes[i]);
  };
  const bool has_operation = !newest.empty() && newest[0].commit_info.is_object() &&
                             newest[0].commit_info.contains("operation") &&
                             newest[0].commit_info["operation"].is_string();
  const std::optional<std::int64_t> rows = state->rows();
  SMELT_ASSIGN(const std::vector<ClusteredColumn> clustered, ClusterColumnsOf(*state));
  std::vector<std::string> clustering;
  for (const ClusteredColumn& column : clustered) clustering.push_back(column.name);
  return CommandRows{
      {Value(key.Text()),
       Value(state->metadata.id),
       Value(call.lake().store().Address(key.Folder())),
       TimeOrNull(state->metadata.created_time_ms),
       Value::BIGINT(snapshot.version().value),
       TimeOrNull(snapshot.timestamp_ms()),
       has_operation ? Value(newest[0].commit_info["operation"].get<std::string>()) : Value(LogicalType::VARCHAR),
       rows ? Value::BIGINT(*rows) : Value(LogicalType::BIGINT),
       Value::BIGINT(std::ssize(sizes)),
       Value::BIGINT(state->bytes()),
       size_at(0),
       size_at(sizes.size() / 2),
       size_at(sizes.size() - 1),
       columns.empty() ? Value(LogicalType::BIGINT) : Value::BIGINT(std::ssize(partitions)),
       TextList(columns),
       TextList(clustering),
       Value::BIGINT(std::ssize(snapshot.tombstones())),
       snapshot.checkpoint_version().value < 0 ? Value(LogicalType::BIGINT)
                                               : Value::BIGINT(snapshot.checkpoint_version().value),
       Value::INTEGER(state->protocol.min_reader_version),
       Value::INTEGER(state->protocol.min_writer_version),
       TextList(FeaturesOf(state->protocol)),
       TextMap(state->metadata.configuration)}};
}

}  // namespace

Command DetailCommand() {
  return {"table_detail", {LogicalType::VARCHAR}, {}, DetailColumns, RunDetail};
}

}  // namespace smelt::engine
