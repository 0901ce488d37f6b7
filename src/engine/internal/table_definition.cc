#include "engine/internal/table_definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/clock.h"
#include "base/config.h"
#include "base/id.h"
#include "delta/features.h"
#include "delta/schema.h"
#include "engine/internal/type_mapping.h"

namespace smelt::engine {
namespace {

/// Table properties that smelt acts on or keeps for other writers. The parser lower-cases keys.
constexpr std::array<std::string_view, 12> kProperties = {
    "delta.appendOnly",
    "delta.checkpointInterval",
    "delta.checkpoint.writeStatsAsJson",
    "delta.checkpoint.writeStatsAsStruct",
    "delta.dataSkippingNumIndexedCols",
    "delta.dataSkippingStatsColumns",
    "delta.deletedFileRetentionDuration",
    "delta.logRetentionDuration",
    "delta.enableExpiredLogCleanup",
    "delta.isolationLevel",
    "delta.targetFileSize",
    "delta.randomizeFilePrefixes",
};

Error Unsupported(std::string what, std::string hint) {
  return Error(ErrorCode::kSqlUnsupported, std::move(what)).Hint(std::move(hint));
}

Result<std::string> PropertyName(const std::string& key) {
  if (!key.starts_with("delta.")) return key;
  for (std::string_view known : kProperties) {
    if (duckdb::StringUtil::CIEquals(std::string(known), key)) return std::string(known);
  }
  std::string nearest = NearestWord(key, {kProperties.begin(), kProperties.end()});
  Error error(ErrorCode::kDeltaUnsupported, fmt::format("the table property '{}' is not supported", key));
  if (!nearest.empty()) return Fail(std::move(error).Hint(fmt::format("did you mean '{}'?", nearest)));
  return Fail(std::move(error));
}

Result<std::set<std::size_t>> NotNullColumns(const duckdb::CreateTableInfo& info) {
  std::set<std::size_t> columns;
  for (const auto& constraint : info.constraints) {
    if (constraint->type != duckdb::ConstraintType::NOT_NULL) {
      return Fail(Unsupported(fmt::format("the constraint {} is not supported on lake tables", constraint->ToString()),
                              "declare it as a test or an expectation; NOT NULL is supported"));
    }
    columns.insert(constraint->Cast<duckdb::NotNullConstraint>().index.index);
  }
  return columns;
}

Result<delta::Field> FieldOf(const duckdb::ColumnDefinition& column) {
  if (column.Generated() || column.HasDefaultValue()) {
    return Fail(Unsupported(fmt::format("column '{}' has a default or generated value", column.Name()),
                            "compute the value in the statement that writes the rows"));
  }
  delta::Field field;
  field.name = column.Name();
  auto type = ToDeltaType(column.Type());
  if (!type) return Fail(std::move(type.error()).Context(fmt::format("column '{}'", column.Name())));
  field.type = std::move(*type);
  return field;
}

/// Characters that Parquet readers of the Hadoop family refuse in names.
Status CheckName(const std::string& name) {
  if (name.empty() || name.find_first_of(" ,;{}()\n\t=") == std::string::npos) return {};
  return std::unexpected(
      Error(ErrorCode::kDeltaInvalidTable,
            fmt::format("the column name '{}' has a character of \" ,;{{}}()\\n\\t=\"", name))
          .Hint("rename it with AS: such names need column mapping, which smelt does not write yet"));
}

Status AddPartitionColumns(const duckdb::CreateTableInfo& info, const delta::Schema& schema,
                           delta::Metadata& metadata) {
  for (const auto& key : info.partition_keys) {
    if (key->GetExpressionClass() != duckdb::ExpressionClass::COLUMN_REF) {
      return Fail(Unsupported(fmt::format("cannot partition by the expression {}", key->ToString()),
                              "add a column that holds the value and partition by it"));
    }
    const std::string& name = key->Cast<duckdb::ColumnRefExpression>().GetColumnName();
    const delta::Field* field = schema.Find(name);
    if (field == nullptr) {
      return Fail(ErrorCode::kDeltaInvalidTable, fmt::format("the partition column '{}' is not a column", name));
    }
    if (field->type.kind != delta::DataType::Kind::kPrimitive || field->type.is_primitive("binary")) {
      return Fail(ErrorCode::kDeltaInvalidTable, fmt::format("cannot partition by '{}': its type is not simple", name));
    }
    metadata.partition_columns.push_back(field->name);
  }
  if (metadata.partition_columns.size() == schema.fields.size()) {
    return Fail(ErrorCode::kDeltaInvalidTable, "every column is a partition column: the files would have no columns");
  }
  return {};
}

Status AddProperties(const duckdb::CreateTableInfo& info, delta::Metadata& metadata) {
  for (const auto& [key, expression] : info.options) {
    if (expression->GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) {
      return Fail(ErrorCode::kDeltaInvalidTable, fmt::format("the value of property '{}' must be a constant", key));
    }
    SMELT_ASSIGN(std::string name, PropertyName(key));
    metadata.configuration[name] = expression->Cast<duckdb::ConstantExpression>().value.ToString();
  }
  return {};
}

}  // namespace

Result<TableDefinition> DefineTable(const duckdb::CreateTableInfo& info) {
  if (!info.sort_keys.empty()) {
    return Fail(
        Unsupported("SORTED BY is not supported", "write the rows in order: create table … as select … order by"));
  }
  delta::Schema schema;
  SMELT_ASSIGN(auto not_null, NotNullColumns(info));
  TableDefinition definition;
  for (const auto& column : info.columns.Logical()) {
    SMELT_TRY(CheckName(column.Name()));
    SMELT_ASSIGN(delta::Field field, FieldOf(column));
    field.nullable = !not_null.contains(schema.fields.size());
    if (UsesTimestampNtz(field.type)) delta::EnableFeature(definition.protocol, "timestampNtz");
    schema.fields.push_back(std::move(field));
  }
  delta::Metadata& metadata = definition.metadata;
  metadata.id = NewUuid();
  metadata.schema_string = delta::SchemaToString(schema);
  metadata.created_time_ms = NowMillis();
  SMELT_TRY(AddPartitionColumns(info, schema, metadata));
  SMELT_TRY(AddProperties(info, metadata));
  return definition;
}

Status AddColumn(TableDefinition& definition, const duckdb::ColumnDefinition& column) {
  SMELT_ASSIGN(delta::Schema schema, delta::ParseSchema(definition.metadata.schema_string));
  if (schema.Find(column.Name()) != nullptr) {
    return Fail(ErrorCode::kDeltaInvalidTable, fmt::format("the column '{}' exists already", column.Name()));
  }
  SMELT_TRY(CheckName(column.Name()));
  SMELT_ASSIGN(delta::Field field, FieldOf(column));
  if (UsesTimestampNtz(field.type)) delta::EnableFeature(definition.protocol, "timestampNtz");
  schema.fields.push_back(std::move(field));
  definition.metadata.schema_string = delta::SchemaToString(schema);
  return {};
}

}  // namespace smelt::engine
