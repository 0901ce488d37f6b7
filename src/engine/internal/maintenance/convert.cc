#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

#include "delta/data_files.h"
#include "delta/statistics.h"
#include "engine/internal/file_rewrite.h"
#include "engine/internal/maintenance/footer_statistics.h"
#include "engine/internal/maintenance/maintenance.h"
#include "engine/internal/table_definition.h"
#include "engine/internal/type_mapping.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

constexpr std::string_view kHiveNull = "__HIVE_DEFAULT_PARTITION__";

CommandColumns ConvertColumns(const CommandCall&) {
  return {{"version", LogicalType::BIGINT},
          {"files", LogicalType::BIGINT},
          {"rows", LogicalType::BIGINT},
          {"bytes", LogicalType::BIGINT}};
}

/// A Parquet file that becomes part of the table.
struct FoundFile {
  storage::ObjectInfo object;
  std::string relative;  ///< within the table's folder
  delta::PartitionValues partition;
  delta::FileStatistics statistics;
};

/// The partition columns and values in a path, "day=2024-05-01/country=DE/…", in their order.
Result<std::vector<std::pair<std::string, std::optional<std::string>>>> HiveParts(std::string_view path) {
  std::vector<std::pair<std::string, std::optional<std::string>>> parts;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    const std::string_view folder = path.substr(0, slash);
    path.remove_prefix(slash + 1);
    const std::size_t equals = folder.find('=');
    if (equals == std::string_view::npos) continue;
    SMELT_ASSIGN(std::string name, delta::DecodePath(folder.substr(0, equals)));
    SMELT_ASSIGN(std::string value, delta::DecodePath(folder.substr(equals + 1)));
    const bool is_null = value.empty() || value == kHiveNull;
    parts.emplace_back(std::move(name), is_null ? std::nullopt : std::optional(std::move(value)));
  }
  return parts;
}

/// Turns a Parquet folder into a Delta table without touching its files. Confined to one thread.
class Converter {
 public:
  Converter(const CommandCall& call, TableKey key)
      : call_(call),
        key_(std::move(key)),
        log_(call.lake().LogOf(key_.Folder())),
        connection_(call.lake().database()) {}

  Result<delta::Proposal> Plan() {
    SMELT_TRY(FindFiles());
    SMELT_TRY(ReadSchema());
    SMELT_TRY(CheckSameTypes());
    SMELT_TRY(ReadStatistics());
    return MakeProposal();
  }

  std::int64_t rows() const {
    std::int64_t sum = 0;
    for (const FoundFile& file : files_) sum += file.statistics.rows.value_or(0);
    return sum;
  }
  std::int64_t bytes() const {
    std::int64_t sum = 0;
    for (const FoundFile& file : files_) sum += file.object.bytes;
    return sum;
  }

 private:
  Status FindFiles() {
    SMELT_ASSIGN(auto objects, delta::ListDataFiles(log_, {}));
    const std::size_t prefix = log_.Key("").size();
    for (storage::ObjectInfo& object : objects) {
      if (!object.key.ends_with(".parquet")) continue;
      FoundFile file;
      file.relative = object.key.substr(prefix);
      SMELT_ASSIGN(auto parts, HiveParts(file.relative));
      std::vector<std::string> columns;
      for (auto& [name, value] : parts) {
        columns.push_back(name);
        file.partition[name] = std::move(value);
      }
      if (files_.empty()) partition_columns_ = columns;
      if (columns != partition_columns_) {
        return Fail(ErrorCode::kDeltaInvalidTable,
                    fmt::format("'{}' lies in the partition folders ({}), other files in ({})", file.relative,
                                fmt::join(columns, ", "), fmt::join(partition_columns_, ", ")));
      }
      file.object = std::move(object);
      files_.push_back(std::move(file));
    }
    if (!files_.empty()) return {};
    return Fail(Error(ErrorCode::kStoreNotFound,
                      fmt::format("there are no Parquet files in '{}'", log_.store().Address(log_.folder())))
                    .Hint("a table schema.table lies in the folder schema/table of the lake"));
  }

  std::vector<std::string> Addresses() const {
    std::vector<std::string> addresses;
    for (const FoundFile& file : files_) addresses.push_back(log_.store().Address(file.object.key));
    return addresses;
  }
  std::string AddressList() const { return AddressListSql(Addresses()); }

  /// Runs a query and hands its rows to `take`.
  template <typename Take>
  Status ForEachRow(const std::string& sql, Take take) {
    SMELT_ASSIGN(auto result, call_.Run(connection_, sql));
    for (auto chunk = result->Fetch(); chunk && chunk->size() > 0; chunk = result->Fetch()) {
      for (duckdb::idx_t row = 0; row < chunk->size(); ++row) SMELT_TRY(take(*chunk, row));
    }
    return {};
  }

  /// Columns come from the files, the types of partition columns from their values.
  Status ReadSchema() {
    SMELT_ASSIGN(auto result, call_.Run(connection_, fmt::format("select * from read_parquet({}, union_by_name = true, "
                                                                 "hive_partitioning = {}) limit 0",
                                                                 AddressList(), !partition_columns_.empty())));
    duckdb::CreateTableInfo info;
    for (duckdb::idx_t i = 0; i < result->names.size(); ++i) {
      SMELT_TRY(CheckType(result->names[i], result->types[i]));
      info.columns.AddColumn(duckdb::ColumnDefinition(result->names[i], result->types[i]));
    }
    for (const std::string& column : partition_columns_) {
      info.partition_keys.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(column));
    }
    SMELT_ASSIGN(definition_, DefineTable(info, info.options, nullptr));
    // The files are there: properties change the table that they make, as ALTER TABLE would.
    definition_.is_new = false;
    SMELT_TRY(SetProperties(definition_, WithDefaults(call_.context(), key_.schema, info.options)));
    SMELT_ASSIGN(const delta::Schema schema, delta::ParseSchema(definition_.metadata.schema_string));
    SMELT_ASSIGN(shape_, ShapeOf(definition_.protocol, definition_.metadata, schema));
    return {};
  }

  /// Other readers take the log's word for what is in the files: the two must be the same.
  static Status CheckType(const std::string& column, const LogicalType& type) {
    SMELT_ASSIGN(const delta::DataType stored, ToDeltaType(type));
    SMELT_ASSIGN(const LogicalType read, ToSqlType(stored));
    if (read == type) return {};
    return Fail(
        Error(ErrorCode::kDeltaInvalidTable,
              fmt::format("the column '{}' has the type {}, which Delta does not have", column, type.ToString()))
            .Hint("write the rows anew instead: create table … as select … from read_parquet(…)"));
  }

  Status CheckSameTypes() {
    return ForEachRow(fmt::format("select path_in_schema, string_agg(distinct type, ', ' order by type) from "
                                  "parquet_metadata({}) group by 1 having count(distinct type) > 1 order by 1",
                                  AddressList()),
                      [](duckdb::DataChunk& chunk, duckdb::idx_t row) -> Status {
                        return Fail(ErrorCode::kDeltaInvalidTable,
                                    fmt::format("the column '{}' has different types in different files: {}",
                                                chunk.GetValue(0, row).ToString(), chunk.GetValue(1, row).ToString()));
                      });
  }

  Status ReadStatistics() {
    std::vector<FooterColumn> columns;
    for (std::size_t i = 0; i < shape_.names.size(); ++i) {
      if (!shape_.IsPartition(i) && !shape_.types[i].IsNested()) columns.push_back({shape_.names[i], shape_.types[i]});
    }
    SMELT_ASSIGN(auto statistics, ReadFooterStatistics(call_, connection_, Addresses(), columns));
    for (FoundFile& file : files_) file.statistics = std::move(statistics[log_.store().Address(file.object.key)]);
    return {};
  }

  delta::Proposal MakeProposal() const {
    delta::Proposal proposal;
    proposal.protocol = definition_.protocol;
    proposal.metadata = definition_.metadata;
    for (const FoundFile& file : files_) {
      delta::Add& add = proposal.adds.emplace_back();
      add.path = delta::EncodePath(file.relative);
      add.partition_values = file.partition;
      add.size_bytes = file.object.bytes;
      add.modification_time_ms = file.object.modified_ms;
      add.stats = delta::StatisticsToString(file.statistics);
    }
    proposal.operation = "CONVERT";
    proposal.operation_parameters = {{"numFiles", files_.size()},
                                     {"partitionedBy", Json(partition_columns_)},
                                     {"collectStats", true},
                                     {"sourceFormat", "parquet"}};
    proposal.operation_metrics = {{"numConvertedFiles", files_.size()}};
    return proposal;
  }

  const CommandCall& call_;
  TableKey key_;
  delta::Log log_;
  duckdb::Connection connection_;
  std::vector<std::string> partition_columns_;
  std::vector<FoundFile> files_;
  TableDefinition definition_;
  TableShape shape_;
};

Result<CommandRows> RunConvert(const CommandCall& call) {
  const TableKey key = call.Table();
  SMELT_TRY(call.CheckMayChange("convert", key));
  SMELT_ASSIGN(const TableStatePtr state, call.lake().Latest(key));
  if (state) return Fail(ErrorCode::kSqlCatalog, fmt::format("{} is a Delta table already", key.Text()));
  Converter converter(call, key);
  auto plan = converter.Plan();
  if (!plan) return Fail(std::move(plan.error()).Context(key.Text()));
  const std::int64_t files = std::ssize(plan->adds);
  SMELT_ASSIGN(const delta::Committed committed, call.Commit(key, *std::move(plan)));
  return CommandRows{{Value::BIGINT(committed.version.value), Value::BIGINT(files), Value::BIGINT(converter.rows()),
                      Value::BIGINT(converter.bytes())}};
}

}  // namespace

Command ConvertCommand() {
  return {"convert", {LogicalType::VARCHAR}, {}, ConvertColumns, RunConvert};
}

}  // namespace smelt::engine
