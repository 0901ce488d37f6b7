#include "engine/internal/table_changes.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "delta/change_feed.h"
#include "delta/deletion_vector.h"
#include "engine/internal/checkpoint_parquet.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/functions.h"
#include "engine/internal/lake_scan.h"

namespace smelt::engine {
namespace {

using duckdb::ClientContext;
using duckdb::LogicalType;

/// Rows of one file at most: a bound for what deletion vectors may claim.
constexpr std::uint64_t kRowsMax = std::uint64_t{1} << 32;

struct ChangesInfo : public duckdb::TableFunctionInfo {
  explicit ChangesInfo(std::shared_ptr<Lake> lake_p) : lake(std::move(lake_p)) {}
  std::shared_ptr<Lake> lake;
};

/// Adds the feed's own columns to a table's. They are the same for all rows of a file, as partition columns are.
Status AddFeedColumns(TableShape& shape) {
  const auto add = [&](const char* name, const char* delta_type, const LogicalType& type) -> Status {
    if (shape.Find(name)) {
      return Fail(ErrorCode::kDeltaInvalidTable, fmt::format("the table has a column '{}' of its own", name));
    }
    delta::Field field;
    field.name = name;
    field.type.primitive = delta_type;
    shape.partition_columns.push_back(shape.names.size());
    shape.names.emplace_back(name);
    shape.stored_names.emplace_back(name);
    shape.types.push_back(type);
    shape.nullable.push_back(false);
    shape.fields.push_back(std::move(field));
    return {};
  };
  SMELT_TRY(add(delta::kChangeTypeColumn, "string", LogicalType::VARCHAR));
  SMELT_TRY(add(delta::kCommitVersionColumn, "long", LogicalType::BIGINT));
  return add(delta::kCommitTimestampColumn, "timestamp", LogicalType::TIMESTAMP_TZ);
}

/// Turns the changes of versions into the files of a state that scans as their feed.
class FeedBuilder {
 public:
  explicit FeedBuilder(TableState& state) : state_(state) {}

  Status Add(const delta::VersionChanges& changes) {
    version_ = &changes;
    for (const delta::Cdc& cdc : changes.recorded) SMELT_TRY(AddRecorded(cdc));
    for (const delta::Add& file : changes.inserted) SMELT_TRY(AddFile(file, "insert", nullptr));
    for (const delta::Add& file : changes.deleted) SMELT_TRY(AddFile(file, "delete", nullptr));
    for (const delta::VectorChange& change : changes.masked) SMELT_TRY(AddMasked(change));
    return {};
  }

 private:
  using Mask = std::shared_ptr<const delta::RowSet>;

  Status AddRecorded(const delta::Cdc& cdc) {
    delta::Add file;
    file.path = cdc.path;
    file.partition_values = cdc.partition_values;
    file.size_bytes = cdc.size_bytes;
    return AddFile(std::move(file), std::nullopt, nullptr);
  }

  /// Of the rows in a file, those that the later vector alone deletes are gone, those that the earlier one alone
  /// deletes are back.
  Status AddMasked(const delta::VectorChange& change) {
    SMELT_ASSIGN(const Mask before, Deleted(change.before));
    SMELT_ASSIGN(const Mask after, Deleted(change.after));
    delta::Add file = change.after;
    file.deletion_vector.reset();
    SMELT_TRY(AddFile(file, "delete", std::make_shared<const delta::RowSet>(after->Without(*before))));
    return AddFile(std::move(file), "insert", std::make_shared<const delta::RowSet>(before->Without(*after)));
  }

  Result<Mask> Deleted(const delta::Add& file) const {
    if (!file.deletion_vector) return std::make_shared<const delta::RowSet>();
    SMELT_ASSIGN(delta::RowSet rows, delta::ReadDeletionVector(*state_.place->store, state_.place->folder,
                                                               *file.deletion_vector, kRowsMax));
    return std::make_shared<const delta::RowSet>(std::move(rows));
  }

  /// Without `change_type`, the file itself says it of each row. With `only`, no more than these rows count.
  Status AddFile(delta::Add file, const std::optional<std::string>& change_type, Mask only) {
    if (only && only->count() == 0) return {};
    file.partition_values[delta::kCommitVersionColumn] = std::to_string(version_->version.value);
    file.partition_values[delta::kCommitTimestampColumn] = FormatUtcMicros(version_->timestamp_ms * 1000);
    std::optional<std::size_t> stored;
    if (change_type) {
      file.partition_values[delta::kChangeTypeColumn] = *change_type;
    } else {
      stored = state_.shape.Find(delta::kChangeTypeColumn);
    }
    SMELT_ASSIGN(std::string address, state_.place->AddressOf(file.path));
    SMELT_ASSIGN(auto data, DataFile::Make(std::make_shared<const delta::Add>(std::move(file)), std::move(address),
                                           state_.shape, state_.place, stored));
    state_.files.push_back({std::move(data), nullptr, std::move(only)});
    return {};
  }

  TableState& state_;
  const delta::VersionChanges* version_ = nullptr;
};

Result<TableStatePtr> BuildFeed(const delta::Log& log, std::shared_ptr<storage::ObjectStore> keeper,
                                delta::Version from, std::optional<delta::Version> to) {
  SMELT_ASSIGN(const delta::ChangeFeed feed, delta::ReadChanges(log, from, to));
  SMELT_ASSIGN(const delta::Schema schema, delta::ParseSchema(feed.metadata.schema_string));
  auto state = std::make_shared<TableState>();
  state->folder = log.folder();
  state->place = std::make_shared<TablePlace>(&log.store(), std::move(keeper), log.folder());
  state->protocol = feed.protocol;
  state->metadata = feed.metadata;
  SMELT_ASSIGN(state->shape, ShapeOf(state->protocol, state->metadata, schema));
  SMELT_TRY(AddFeedColumns(state->shape));
  FeedBuilder builder(*state);
  for (const delta::VersionChanges& version : feed.versions) SMELT_TRY(builder.Add(version));
  return TableStatePtr(std::move(state));
}

Result<TableStatePtr> LoadFeed(Lake& lake, const duckdb::vector<duckdb::Value>& inputs) {
  const std::string& table = duckdb::StringValue::Get(inputs[0]);
  const delta::Version from{inputs[1].GetValue<std::int64_t>()};
  std::shared_ptr<storage::ObjectStore> store;
  std::optional<delta::Version> to;
  if (inputs.size() > 2) to = delta::Version{inputs[2].GetValue<std::int64_t>()};
  const auto build = [&](const delta::Log& log) { return BuildFeed(log, store, from, to); };
  if (table.find('/') == std::string::npos) {
    const auto name = duckdb::QualifiedName::Parse(table);
    return build(lake.LogOf(TableKey{name.schema.empty() ? "main" : name.schema, name.name}.Folder()));
  }
  SMELT_ASSIGN(auto opened, storage::OpenStore(table));
  store = std::move(opened);
  if (table.starts_with("s3://")) SMELT_TRY(lake.remote_files().Enable());
  auto checkpoints = MakeParquetCheckpoints(lake.database());
  return build(delta::Log(*store, "", *checkpoints));
}

duckdb::unique_ptr<duckdb::FunctionData> BindChanges(ClientContext& context, duckdb::TableFunctionBindInput& input,
                                                     duckdb::vector<LogicalType>& types,
                                                     duckdb::vector<std::string>& names) {
  for (const duckdb::Value& value : input.inputs) {
    if (value.IsNull()) Throw(Error(ErrorCode::kSqlBinding, "table_changes takes no NULL"));
  }
  auto state = LoadFeed(*input.info->Cast<ChangesInfo>().lake, input.inputs);
  if (!state) Throw(std::move(state.error()).Context(duckdb::StringValue::Get(input.inputs[0])));
  input.table_function = MakeScanFunction(context, std::move(*state), nullptr);
  return BindScan(context, input.table_function, types, names);
}

}  // namespace

duckdb::TableFunctionSet MakeChangesFunction(std::shared_ptr<Lake> lake) {
  auto info = duckdb::make_shared_ptr<ChangesInfo>(std::move(lake));
  duckdb::TableFunctionSet set("table_changes");
  for (const bool has_end : {false, true}) {
    duckdb::vector<LogicalType> arguments{LogicalType::VARCHAR, LogicalType::BIGINT};
    if (has_end) arguments.push_back(LogicalType::BIGINT);
    duckdb::TableFunction function(std::move(arguments), NeverScanned, BindChanges);
    function.function_info = info;
    set.AddFunction(std::move(function));
  }
  return set;
}

}  // namespace smelt::engine
