// SORTED BY: the columns that a table is clustered by.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "delta/clustering.h"
#include "delta/features.h"
#include "delta/statistics.h"
#include "delta/statistics_columns.h"
#include "engine/internal/table_definition.h"

namespace smelt::engine {
namespace {

/// As many as the reference implementation takes: a curve through more keeps nothing together.
constexpr std::size_t kColumnsMax = 4;

Error Invalid(std::string what) {
  return Error(ErrorCode::kDeltaInvalidTable, "SORTED BY: " + std::move(what));
}

/// The names that lead to a column, or to a field within it.
Result<std::vector<std::string>> NamesOf(const duckdb::ParsedExpression& key) {
  if (key.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
    const auto& names = key.Cast<duckdb::ColumnRefExpression>().column_names;
    return std::vector<std::string>(names.begin(), names.end());
  }
  return Fail(Error(ErrorCode::kSqlUnsupported, fmt::format("SORTED BY: '{}' is no column", key.ToString()))
                  .Hint("name columns of the table itself or fields of their structs, no expressions"));
}

bool HasOrder(const delta::DataType& type) {
  return type.kind == delta::DataType::Kind::kPrimitive && !type.is_primitive("variant");
}

Result<delta::PhysicalPath> PathOf(const delta::Schema& schema, const std::vector<std::string>& names, bool is_mapped) {
  const std::vector<const delta::Field*> fields = schema.Path(names);
  if (fields.empty()) return Fail(Invalid(fmt::format("the table has no column '{}'", fmt::join(names, "."))));
  if (!HasOrder(fields.back()->type)) {
    return Fail(Invalid(fmt::format("values of '{}' have no order", fmt::join(names, "."))));
  }
  delta::PhysicalPath path;
  for (const delta::Field* field : fields) path.push_back(field->physical_name(is_mapped));
  return path;
}

}  // namespace

Status CheckDescribed(const TableDefinition& definition, const delta::Schema& schema,
                      const std::vector<delta::PhysicalPath>& columns) {
  const auto described = delta::DescribedColumns(definition.protocol, definition.metadata, schema);
  for (const delta::PhysicalPath& path : columns) {
    const std::string key = fmt::format("{}", fmt::join(path, std::string_view(&delta::kPathSeparator, 1)));
    if (!described || described->contains(key)) continue;
    return Fail(Error(ErrorCode::kDeltaInvalidTable,
                      fmt::format("the table is to be clustered by '{}', which its statistics do not describe",
                                  fmt::join(path, ".")))
                    .Hint("name it in delta.dataSkippingStatsColumns, or raise delta.dataSkippingNumIndexedCols"));
  }
  return {};
}

Status ClusterBy(TableDefinition& definition, const std::vector<const duckdb::ParsedExpression*>& keys) {
  SMELT_ASSIGN(const delta::Schema schema, delta::ParseSchema(definition.metadata.schema_string));
  const bool is_mapped =
      delta::ColumnMappingOf(definition.protocol, definition.metadata) != delta::ColumnMapping::kNone;
  std::vector<delta::PhysicalPath> paths;
  for (const duckdb::ParsedExpression* key : keys) {
    SMELT_ASSIGN(const std::vector<std::string> names, NamesOf(*key));
    SMELT_ASSIGN(delta::PhysicalPath path, PathOf(schema, names, is_mapped));
    if (std::ranges::find(paths, path) != paths.end()) {
      return Fail(Invalid(fmt::format("the column '{}' is named twice", fmt::join(names, "."))));
    }
    paths.push_back(std::move(path));
  }
  SMELT_TRY(CheckDescribed(definition, schema, paths));
  if (paths.size() > kColumnsMax) {
    return Fail(Invalid(fmt::format("{} columns are too many", paths.size()))
                    .Hint(fmt::format("name up to {}: those that queries filter by most", kColumnsMax)));
  }
  if (!paths.empty() && !definition.metadata.partition_columns.empty()) {
    return Fail(Invalid("a partitioned table cannot be clustered, too")
                    .Hint("leave PARTITIONED BY out, and name its columns here"));
  }
  if (!paths.empty()) delta::EnableClustering(definition.protocol);
  definition.cluster_by = std::move(paths);
  return {};
}

}  // namespace smelt::engine
