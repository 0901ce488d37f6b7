#include "engine/internal/table_definition.h"

#include <fmt/format.h>

#include <duckdb/parser/constraints/check_constraint.hpp>
#include <duckdb/parser/parser.hpp>

#include <algorithm>
#include <array>
#include <set>

#include "base/clock.h"
#include "base/config.h"
#include "base/id.h"
#include "delta/column_mapping.h"
#include "delta/features.h"
#include "delta/row_tracking.h"
#include "delta/schema.h"
#include "delta/statistics_columns.h"
#include "engine/internal/compression.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/row_rules.h"
#include "engine/internal/type_mapping.h"

namespace smelt::engine {
namespace {

constexpr std::string_view kFeaturePrefix = "delta.feature.";

/// Table properties that smelt acts on or keeps for other writers. The parser lower-cases keys.
constexpr std::array kProperties = std::to_array<std::string_view>({
    "delta.appendOnly",
    "delta.autoOptimize.autoCompact",
    "delta.autoOptimize.optimizeWrite",
    "delta.checkpointInterval",
    "delta.columnMapping.mode",
    "delta.checkpointPolicy",
    "delta.checkpoint.writeStatsAsJson",
    "delta.checkpoint.writeStatsAsStruct",
    "delta.dataSkippingNumIndexedCols",
    "delta.dataSkippingStatsColumns",
    "delta.deletedFileRetentionDuration",
    "delta.enableChangeDataFeed",
    "delta.enableDeletionVectors",
    "delta.enableInCommitTimestamps",
    "delta.enableRowTracking",
    "delta.enableTypeWidening",
    delta::kEnableVariantShreddingProperty,
    "delta.logRetentionDuration",
    "delta.parquet.compression.codec",
    "delta.enableExpiredLogCleanup",
    "delta.isolationLevel",
    "delta.targetFileSize",
    "delta.randomizeFilePrefixes",
});

Error Unsupported(std::string what, std::string hint) {
  return Error(ErrorCode::kSqlUnsupported, std::move(what)).Hint(std::move(hint));
}

Result<std::string> PropertyName(const std::string& key) {
  if (!key.starts_with("delta.") || key.starts_with(kConstraintPrefix)) return key;
  for (std::string_view known : kProperties) {
    if (duckdb::StringUtil::CIEquals(std::string(known), key)) return std::string(known);
  }
  std::string nearest = NearestWord(key, {kProperties.begin(), kProperties.end()});
  Error error(ErrorCode::kDeltaUnsupported, fmt::format("the table property '{}' is not supported", key));
  if (!nearest.empty()) return Fail(std::move(error).Hint(fmt::format("did you mean '{}'?", nearest)));
  return Fail(std::move(error));
}

/// What the constraints of CREATE TABLE ask for. CHECK constraints become properties `delta.constraints.check_1` …,
/// because the parser forgets their names.
Result<std::set<std::size_t>> AddConstraints(const duckdb::CreateTableInfo& info, TableDefinition& definition) {
  std::set<std::size_t> not_null;
  int checks = 0;
  for (const auto& constraint : info.constraints) {
    switch (constraint->type) {
      case duckdb::ConstraintType::NOT_NULL:
        not_null.insert(constraint->Cast<duckdb::NotNullConstraint>().index.index);
        break;
      case duckdb::ConstraintType::CHECK: {
        std::string sql = constraint->Cast<duckdb::CheckConstraint>().expression->ToString();
        definition.metadata.configuration[fmt::format("delta.constraints.check_{}", ++checks)] = ToSparkSql(sql);
        delta::EnableFeature(definition.protocol, "checkConstraints");
        break;
      }
      default:
        return Fail(
            Unsupported(fmt::format("the constraint {} is not supported on lake tables", constraint->ToString()),
                        "declare it as a test or an expectation; NOT NULL and CHECK are supported"));
    }
  }
  return not_null;
}

/// What a column of variants asks of its table: the writer shreds them.
Status AdmitVariants(const duckdb::ColumnDefinition& column, const delta::DataType& type, TableDefinition& definition) {
  if (!type.Uses("variant")) return {};
  if (!type.is_primitive("variant")) {
    return Fail(Unsupported(fmt::format("the column '{}' has a VARIANT within its type", column.Name()),
                            "make the whole column a VARIANT"));
  }
  if (column.Generated()) {
    return Fail(Unsupported(fmt::format("the generated column '{}' is a VARIANT", column.Name()),
                            "generate a value of another type"));
  }
  delta::EnableVariantShredding(definition.protocol);
  definition.metadata.configuration.try_emplace(delta::kEnableVariantShreddingProperty, "true");
  return {};
}

/// A column as CREATE TABLE or ADD COLUMN defines it, with the features that it needs.
Result<delta::Field> FieldOf(const duckdb::ColumnDefinition& column, TableDefinition& definition) {
  delta::Protocol& protocol = definition.protocol;
  delta::Field field;
  field.name = column.Name();
  auto type = ToDeltaType(column.Type());
  if (!type) return Fail(std::move(type.error()).Context(fmt::format("column '{}'", column.Name())));
  field.type = std::move(*type);
  SMELT_TRY(AdmitVariants(column, field.type, definition));
  if (field.type.Uses("timestamp_ntz")) delta::EnableFeature(protocol, "timestampNtz");
  if (column.Generated()) {
    field.metadata["delta.generationExpression"] = ToSparkSql(column.GeneratedExpression().ToString());
    delta::EnableFeature(protocol, "generatedColumns");
  } else if (column.HasDefaultValue()) {
    field.metadata["CURRENT_DEFAULT"] = ToSparkSql(column.DefaultValue().ToString());
    delta::EnableFeature(protocol, "allowColumnDefaults");
  }
  return field;
}

bool HasRefusedNames(const delta::Schema& schema) {
  return std::ranges::any_of(schema.fields,
                             [](const delta::Field& field) { return delta::IsRefusedInFiles(field.name); });
}

/// Checks the names of columns that stand in files as they are.
Status CheckNames(const TableDefinition& definition, const delta::Schema& schema) {
  if (delta::ColumnMappingOf(definition.protocol, definition.metadata) != delta::ColumnMapping::kNone) return {};
  for (const delta::Field& field : schema.fields) {
    if (!delta::IsRefusedInFiles(field.name)) continue;
    return Fail(Error(ErrorCode::kDeltaInvalidTable,
                      fmt::format("the column name '{}' has a character of \" ,;{{}}()\\n\\t=\"", field.name))
                    .Hint("rename it with AS, or map the columns: WITH ('delta.columnMapping.mode' = 'name')"));
  }
  return {};
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
    const delta::DataType& type = field->type;
    if (type.kind != delta::DataType::Kind::kPrimitive || type.is_primitive("binary") || type.is_primitive("variant")) {
      return Fail(ErrorCode::kDeltaInvalidTable, fmt::format("cannot partition by '{}': its type is not simple", name));
    }
    metadata.partition_columns.push_back(field->name);
  }
  if (metadata.partition_columns.size() == schema.fields.size()) {
    return Fail(ErrorCode::kDeltaInvalidTable, "every column is a partition column: the files would have no columns");
  }
  return {};
}

/// A predicate as the log keeps it. Errors: kSqlSyntax.
Result<std::string> ConstraintText(const std::string& sql) {
  try {
    auto parsed = duckdb::Parser::ParseExpressionList(sql);
    if (parsed.size() == 1) return ToSparkSql(parsed[0]->ToString());
    return Fail(ErrorCode::kSqlSyntax, fmt::format("'{}' is not one expression", sql));
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

/// `'delta.feature.<name>' = 'supported'`: the table may make use of the feature from now on.
Status SupportFeature(const std::string& name, const std::string& value, delta::Protocol& protocol) {
  const std::string wanted = name.substr(kFeaturePrefix.size());
  const auto is_wanted = [&](const delta::Feature& feature) {
    return duckdb::StringUtil::CIEquals(std::string(feature.name), wanted);
  };
  const auto features = delta::Features();
  const auto found = std::ranges::find_if(features, is_wanted);
  if (found == features.end() || !found->can_write) {
    return Fail(ErrorCode::kDeltaUnsupported, fmt::format("smelt does not support the table feature '{}'", wanted));
  }
  // Delta has both words, with one meaning.
  if (!duckdb::StringUtil::CIEquals(value, "supported") && !duckdb::StringUtil::CIEquals(value, "enabled")) {
    return Fail(Error(ErrorCode::kDeltaInvalidTable, fmt::format("'{}' is no value of {}", value, name))
                    .Hint("it is supported; a feature cannot be taken back"));
  }
  if (found->name == "rowTracking" || found->name == "clustering") delta::EnableFeature(protocol, "domainMetadata");
  delta::EnableFeature(protocol, found->name);
  return {};
}

void EnableTypeWidening(delta::Protocol& protocol) {
  if (!delta::HasFeature(protocol, "typeWidening-preview")) delta::EnableFeature(protocol, "typeWidening");
}

/// Whether the properties of a new table ask for mapped columns.
bool AsksForMapping(const PropertyMap& properties) {
  return properties.contains(delta::kColumnMappingModeProperty);
}

/// The ids of mapped columns go on where those of the replaced table ended.
void KeepColumnIds(const delta::Metadata& replaced, delta::Metadata& metadata) {
  const auto last = replaced.configuration.find(delta::kColumnMappingMaxIdProperty);
  if (last != replaced.configuration.end()) metadata.configuration.insert(*last);
}

/// Refuses a value that would silently count as another.
Status CheckValue(const std::string& name, const std::string& value) {
  const auto check = [&](const char* property, const char* first, const char* second) -> Status {
    if (name != property || duckdb::StringUtil::CIEquals(value, first) || duckdb::StringUtil::CIEquals(value, second)) {
      return {};
    }
    return Fail(Error(ErrorCode::kDeltaInvalidTable, fmt::format("'{}' is no value of {}", value, property))
                    .Hint(fmt::format("it is {} or {}", first, second)));
  };
  SMELT_TRY(check("delta.isolationLevel", "WriteSerializable", "Serializable"));
  SMELT_TRY(check("delta.checkpointPolicy", "classic", "v2"));
  if (name != kCompressionProperty || FindCompression(value)) return {};
  return Fail(Error(ErrorCode::kDeltaInvalidTable, fmt::format("'{}' is no value of {}", value, kCompressionProperty))
                  .Hint("it is snappy, zstd, lz4_raw, gzip, brotli or uncompressed"));
}

/// Features that a property turns on, beside recording its value.
Status EnableByProperty(const std::string& name, const std::string& value, delta::Protocol& protocol) {
  SMELT_TRY(CheckValue(name, value));
  bool is_true = duckdb::StringUtil::CIEquals(value, "true");
  if (name == "delta.checkpointPolicy" && duckdb::StringUtil::CIEquals(value, "v2"))
    delta::EnableFeature(protocol, "v2Checkpoint");
  if (name.starts_with(kConstraintPrefix)) delta::EnableFeature(protocol, "checkConstraints");
  if (name == "delta.appendOnly" && is_true) delta::EnableFeature(protocol, "appendOnly");
  if (name == "delta.enableChangeDataFeed" && is_true) delta::EnableFeature(protocol, "changeDataFeed");
  if (name == "delta.enableDeletionVectors" && is_true) delta::EnableFeature(protocol, "deletionVectors");
  if (name == "delta.enableTypeWidening" && is_true) EnableTypeWidening(protocol);
  if (name == delta::kEnableVariantShreddingProperty && is_true) delta::EnableVariantShredding(protocol);
  if (name == "delta.enableInCommitTimestamps" && is_true) delta::EnableFeature(protocol, "inCommitTimestamp");
  return {};
}

}  // namespace

Status SetProperties(TableDefinition& definition, const PropertyMap& properties) {
  for (const auto& [key, expression] : properties) {
    if (expression->GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) {
      return Fail(ErrorCode::kDeltaInvalidTable, fmt::format("the value of property '{}' must be a constant", key));
    }
    std::string value = expression->Cast<duckdb::ConstantExpression>().value.ToString();
    if (key.starts_with(kFeaturePrefix)) {
      SMELT_TRY(SupportFeature(key, value, definition.protocol));
      continue;
    }
    SMELT_ASSIGN(std::string name, PropertyName(key));
    if (name == delta::kColumnMappingModeProperty) {
      SMELT_TRY(delta::EnableColumnMapping(definition.protocol, definition.metadata, value, !definition.is_new));
      continue;
    }
    if (name == "delta.enableRowTracking" && duckdb::StringUtil::CIEquals(value, "true")) {
      delta::EnableRowTracking(definition.protocol, definition.metadata);
    }
    SMELT_TRY(EnableByProperty(name, value, definition.protocol));
    if (name == delta::kStatisticsColumnsProperty || name == delta::kStatisticsCountProperty) {
      SMELT_ASSIGN(const delta::Schema schema, delta::ParseSchema(definition.metadata.schema_string));
      SMELT_TRY(delta::CheckStatisticsProperty(name, value, schema));
    }
    if (name.starts_with(kConstraintPrefix)) {
      SMELT_ASSIGN(value, ConstraintText(value));
    }
    definition.metadata.configuration[name] = std::move(value);
  }
  return {};
}

Status ResetProperties(TableDefinition& definition, const duckdb::case_insensitive_set_t& keys) {
  for (const std::string& key : keys) {
    SMELT_ASSIGN(std::string name, PropertyName(key));
    if (name == delta::kColumnMappingModeProperty) {
      return Fail(Unsupported("the mapping of columns cannot be taken back", "CREATE OR REPLACE TABLE … AS SELECT"));
    }
    definition.metadata.configuration.erase(name);
  }
  return {};
}

Result<delta::Schema> ChangeField(TableDefinition& definition, const std::string& column,
                                  const std::function<Status(delta::Field&)>& change) {
  SMELT_ASSIGN(delta::Schema schema, delta::ParseSchema(definition.metadata.schema_string));
  for (delta::Field& field : schema.fields) {
    if (!duckdb::StringUtil::CIEquals(field.name, column)) continue;
    SMELT_TRY(change(field));
    definition.metadata.schema_string = delta::SchemaToString(schema);
    return schema;
  }
  return Fail(ErrorCode::kSqlBinding, fmt::format("there is no column '{}'", column));
}

Result<TableDefinition> DefineTable(const duckdb::CreateTableInfo& info, const PropertyMap& properties,
                                    const delta::Metadata* replaced) {
  delta::Schema schema;
  TableDefinition definition;
  definition.is_new = true;
  SMELT_ASSIGN(auto not_null, AddConstraints(info, definition));
  for (const auto& column : info.columns.Logical()) {
    SMELT_ASSIGN(delta::Field field, FieldOf(column, definition));
    field.nullable = !not_null.contains(schema.fields.size());
    schema.fields.push_back(std::move(field));
  }
  delta::Metadata& metadata = definition.metadata;
  metadata.id = NewUuid();
  metadata.schema_string = delta::SchemaToString(schema);
  metadata.created_time_ms = NowMillis();
  SMELT_TRY(AddPartitionColumns(info, schema, metadata));
  // Names that cannot stand in files as they are make the columns mapped, unless the table is told otherwise.
  const bool needs_mapping = !AsksForMapping(properties) && HasRefusedNames(schema);
  if (replaced != nullptr && (needs_mapping || AsksForMapping(properties))) KeepColumnIds(*replaced, metadata);
  SMELT_TRY(SetProperties(definition, properties));
  if (needs_mapping) SMELT_TRY(delta::EnableColumnMapping(definition.protocol, metadata, "name", false));
  SMELT_TRY(CheckNames(definition, schema));
  std::vector<const duckdb::ParsedExpression*> keys;
  for (const auto& key : info.sort_keys) keys.push_back(key.get());
  if (!keys.empty()) SMELT_TRY(ClusterBy(definition, keys));
  return definition;
}

Status AddColumn(TableDefinition& definition, const duckdb::ColumnDefinition& column) {
  SMELT_ASSIGN(delta::Schema schema, delta::ParseSchema(definition.metadata.schema_string));
  if (schema.Find(column.Name()) != nullptr) {
    return Fail(ErrorCode::kDeltaInvalidTable, fmt::format("the column '{}' exists already", column.Name()));
  }
  if (column.Generated() || column.HasDefaultValue()) {
    return Fail(Unsupported(fmt::format("the new column '{}' has a default or generated value", column.Name()),
                            "add the column without, then ALTER COLUMN … SET DEFAULT: rows that are there have NULL"));
  }
  SMELT_ASSIGN(delta::Field field, FieldOf(column, definition));
  schema.fields.push_back(std::move(field));
  SMELT_TRY(CheckNames(definition, schema));
  definition.metadata.schema_string = delta::SchemaToString(schema);
  return delta::MapNewColumns(definition.protocol, definition.metadata);
}

}  // namespace smelt::engine
