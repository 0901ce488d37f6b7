// SORTED BY: the columns that a table is clustered by.
#include <fmt/format.h>

#include "delta/clustering.h"
#include "engine/internal/table_definition.h"

namespace smelt::engine {
namespace {

/// As many as the reference implementation takes: a curve through more keeps nothing together.
constexpr std::size_t kColumnsMax = 4;

Error Invalid(std::string what) {
  return Error(ErrorCode::kDeltaInvalidTable, "SORTED BY: " + std::move(what));
}

Result<std::string> NameOf(const duckdb::ParsedExpression& key) {
  if (key.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
    const auto& column = key.Cast<duckdb::ColumnRefExpression>();
    if (!column.IsQualified()) return column.GetColumnName();
  }
  return Fail(Error(ErrorCode::kSqlUnsupported, fmt::format("SORTED BY: '{}' is no column", key.ToString()))
                  .Hint("name columns of the table itself, no expressions and no fields of structs"));
}

bool HasOrder(const delta::DataType& type) {
  return type.fields.empty() && !type.element && !type.key && type.kind == delta::DataType::Kind::kPrimitive;
}

}  // namespace

Status ClusterBy(TableDefinition& definition, const std::vector<const duckdb::ParsedExpression*>& keys) {
  SMELT_ASSIGN(const delta::Schema schema, delta::ParseSchema(definition.metadata.schema_string));
  std::vector<std::string> names;
  for (const duckdb::ParsedExpression* key : keys) {
    SMELT_ASSIGN(const std::string name, NameOf(*key));
    const auto field = std::ranges::find_if(
        schema.fields, [&](const delta::Field& known) { return duckdb::StringUtil::CIEquals(known.name, name); });
    if (field == schema.fields.end()) return Fail(Invalid(fmt::format("the table has no column '{}'", name)));
    if (!HasOrder(field->type)) return Fail(Invalid(fmt::format("values of '{}' have no order", field->name)));
    if (std::ranges::find(names, field->name) != names.end()) {
      return Fail(Invalid(fmt::format("the column '{}' is named twice", field->name)));
    }
    names.push_back(field->name);
  }
  if (names.size() > kColumnsMax) {
    return Fail(Invalid(fmt::format("{} columns are too many", names.size()))
                    .Hint(fmt::format("name up to {}: those that queries filter by most", kColumnsMax)));
  }
  if (!names.empty() && !definition.metadata.partition_columns.empty()) {
    return Fail(Invalid("a partitioned table cannot be clustered, too")
                    .Hint("leave PARTITIONED BY out, and name its columns here"));
  }
  if (!names.empty()) delta::EnableClustering(definition.protocol);
  definition.cluster_by = std::move(names);
  return {};
}

}  // namespace smelt::engine
