#include "engine/internal/column_alter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <duckdb/parser/parser.hpp>

#include "delta/column_mapping.h"
#include "delta/features.h"
#include "delta/statistics_columns.h"
#include "delta/type_widening.h"
#include "engine/internal/row_rules.h"
#include "engine/internal/type_mapping.h"

namespace smelt::engine {
namespace {

using Fields = std::vector<delta::Field>;

std::string PathText(const ColumnPath& path) {
  return fmt::format("{}", fmt::join(path, "."));
}

std::unexpected<Error> NoColumn(const ColumnPath& path) {
  return Fail(ErrorCode::kSqlBinding, fmt::format("there is no column '{}'", PathText(path)));
}

Fields::iterator FindField(Fields& fields, const std::string& name) {
  return std::ranges::find_if(
      fields, [&](const delta::Field& field) { return duckdb::StringUtil::CIEquals(field.name, name); });
}

/// Calls `change` with the fields among which the one that the rest of `path` names is, or would be, and its name.
Status ChangeAmong(Fields& fields, std::span<const std::string> path,
                   const std::function<Status(Fields&, const std::string&)>& change);

/// Leads on into a type: through lists and maps by the names that their parts have.
Status ChangeWithin(delta::DataType& type, std::span<const std::string> path,
                    const std::function<Status(Fields&, const std::string&)>& change) {
  using Kind = delta::DataType::Kind;
  if (type.kind == Kind::kStruct) return ChangeAmong(type.fields, path, change);
  const bool is_key = type.kind == Kind::kMap && path.front() == "key";
  const char* element = type.kind == Kind::kMap ? "value" : "element";
  if (type.kind == Kind::kPrimitive || path.size() < 2 || (!is_key && path.front() != element)) {
    return NoColumn({path.begin(), path.end()});
  }
  std::shared_ptr<const delta::DataType>& inner = is_key ? type.key : type.element;
  delta::DataType changed = *inner;
  SMELT_TRY(ChangeWithin(changed, path.subspan(1), change));
  inner = std::make_shared<const delta::DataType>(std::move(changed));
  return {};
}

Status ChangeAmong(Fields& fields, std::span<const std::string> path,
                   const std::function<Status(Fields&, const std::string&)>& change) {
  if (path.size() == 1) return change(fields, path.front());
  const auto found = FindField(fields, path.front());
  if (found == fields.end()) return NoColumn({path.begin(), path.end()});
  return ChangeWithin(found->type, path.subspan(1), change);
}

Status ChangeSchema(TableDefinition& definition, const ColumnPath& path,
                    const std::function<Status(Fields&, const std::string&)>& change) {
  SMELT_ASSIGN(delta::Schema schema, delta::ParseSchema(definition.metadata.schema_string));
  SMELT_TRY(ChangeAmong(schema.fields, path, change));
  definition.metadata.schema_string = delta::SchemaToString(schema);
  return {};
}

Status CheckMapped(const TableDefinition& definition, const char* what) {
  if (delta::ColumnMappingOf(definition.protocol, definition.metadata) != delta::ColumnMapping::kNone) return {};
  return Fail(Error(ErrorCode::kDeltaUnsupported,
                    fmt::format("{} a column needs column mapping, which the table does not have", what))
                  .Hint("ALTER TABLE … SET ('delta.columnMapping.mode' = 'name') first: no file is rewritten"));
}

/// Whether a reference leads to what `path` names, to a part of it, or to what it is a part of.
bool LeadsTo(const duckdb::vector<std::string>& reference, const ColumnPath& path) {
  for (std::size_t begin = 0; begin < reference.size(); ++begin) {
    std::size_t i = 0;
    while (i < path.size() && begin + i < reference.size() &&
           duckdb::StringUtil::CIEquals(reference[begin + i], path[i])) {
      ++i;
    }
    if (i == path.size() || (i > 0 && begin + i == reference.size())) return true;
  }
  return false;
}

/// Whether an expression needs the column or field; true when it cannot be understood.
bool Mentions(const std::string& sql, const ColumnPath& path) {
  bool found = false;
  const std::function<void(const duckdb::ParsedExpression&)> look = [&](const duckdb::ParsedExpression& expression) {
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
      found |= LeadsTo(expression.Cast<duckdb::ColumnRefExpression>().column_names, path);
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(expression, look);
  };
  try {
    for (const auto& expression : duckdb::Parser::ParseExpressionList(sql)) look(*expression);
  } catch (const std::exception&) {
    return true;
  }
  return found;
}

/// Refuses when a constraint or a generated column goes by the column, as the reference implementation does: their
/// expressions are texts of whoever wrote them, which nobody rewrites.
Status CheckNotNeeded(const TableDefinition& definition, const ColumnPath& path) {
  SMELT_ASSIGN(const RowRules rules, ReadRules(definition.metadata));
  const auto refuse = [&](const std::string& what, const std::string& sql, const std::string& hint) {
    return Fail(
        Error(ErrorCode::kDeltaInvalidTable, fmt::format("{} needs the column '{}': {}", what, PathText(path), sql))
            .Hint(hint));
  };
  for (const RowRules::Check& check : rules.checks) {
    if (!Mentions(check.sql, path)) continue;
    return refuse(fmt::format("the constraint '{}'", check.name), check.sql,
                  fmt::format("ALTER TABLE … RESET ('delta.constraints.{}'), then set it anew for the changed column",
                              check.name));
  }
  SMELT_ASSIGN(const delta::Schema schema, delta::ParseSchema(definition.metadata.schema_string));
  for (const RowRules::Generated& generated : rules.generated) {
    if (!Mentions(generated.sql, path)) continue;
    return refuse(fmt::format("the generated column '{}'", schema.Columns()[generated.column]->name), generated.sql,
                  "drop the generated column before, or CREATE OR REPLACE TABLE … AS SELECT");
  }
  return {};
}

}  // namespace

Status RenameColumn(TableDefinition& definition, const ColumnPath& path, const std::string& name) {
  SMELT_TRY(CheckMapped(definition, "renaming"));
  SMELT_TRY(CheckNotNeeded(definition, path));
  std::string before;
  SMELT_TRY(ChangeSchema(definition, path, [&](Fields& fields, const std::string& old) -> Status {
    const auto found = FindField(fields, old);
    if (found == fields.end()) return NoColumn(path);
    const auto other = FindField(fields, name);
    if (other != fields.end() && other != found) {
      return Fail(ErrorCode::kDeltaInvalidTable, fmt::format("the column '{}' exists already", name));
    }
    before = std::exchange(found->name, name);
    return {};
  }));
  delta::RenameStatisticsColumn(definition.metadata, path, name);
  if (path.size() > 1) return {};
  std::ranges::replace(definition.metadata.partition_columns, before, name);
  return {};
}

Status DropColumn(TableDefinition& definition, const ColumnPath& path) {
  SMELT_TRY(CheckMapped(definition, "dropping"));
  SMELT_TRY(CheckNotNeeded(definition, path));
  const auto& partition = definition.metadata.partition_columns;
  SMELT_TRY(ChangeSchema(definition, path, [&](Fields& fields, const std::string& name) -> Status {
    const auto found = FindField(fields, name);
    if (found == fields.end()) return NoColumn(path);
    const bool is_column = path.size() == 1;
    if (is_column && std::ranges::find(partition, found->name) != partition.end()) {
      return Fail(ErrorCode::kDeltaInvalidTable, fmt::format("the table is partitioned by '{}'", found->name));
    }
    if (fields.size() == (is_column ? partition.size() : 0) + 1) {
      return Fail(ErrorCode::kDeltaInvalidTable, fmt::format("'{}' is the last of its kind", PathText(path)));
    }
    fields.erase(found);
    return {};
  }));
  delta::DropStatisticsColumn(definition.metadata, path);
  return {};
}

Status AddField(TableDefinition& definition, const ColumnPath& path, const duckdb::LogicalType& type) {
  delta::Field added;
  added.name = path.back();
  SMELT_ASSIGN(added.type, ToDeltaType(type));
  if (added.type.Uses("variant")) {
    return Fail(
        Error(ErrorCode::kSqlUnsupported, fmt::format("'{}' would be a VARIANT within a struct", PathText(path)))
            .Hint("add a whole column of the type VARIANT"));
  }
  if (added.type.Uses("timestamp_ntz")) delta::EnableFeature(definition.protocol, "timestampNtz");
  SMELT_TRY(ChangeSchema(definition, path, [&](Fields& fields, const std::string& name) -> Status {
    if (FindField(fields, name) != fields.end()) {
      return Fail(ErrorCode::kDeltaInvalidTable, fmt::format("the column '{}' exists already", PathText(path)));
    }
    fields.push_back(added);
    return {};
  }));
  return delta::MapNewColumns(definition.protocol, definition.metadata);
}

Result<bool> HasColumn(const TableDefinition& definition, const ColumnPath& path) {
  TableDefinition looked_at = definition;
  bool found = false;
  const Status status = ChangeSchema(looked_at, path, [&](Fields& fields, const std::string& name) -> Status {
    found = FindField(fields, name) != fields.end();
    return {};
  });
  if (!status && status.error().code() != ErrorCode::kSqlBinding) return Fail(status.error());
  return found;
}

Status WidenColumn(TableDefinition& definition, const std::string& column, const duckdb::LogicalType& type) {
  SMELT_ASSIGN(const delta::DataType wanted, ToDeltaType(type));
  bool changed = false;
  SMELT_TRY(ChangeSchema(definition, {column}, [&](Fields& fields, const std::string& name) -> Status {
    const auto found = FindField(fields, name);
    if (found == fields.end()) return NoColumn({column});
    SMELT_ASSIGN(changed, delta::WidenField(*found, wanted));
    return {};
  }));
  if (!changed) return {};
  if (!delta::AllowsTypeWidening(definition.protocol, definition.metadata)) {
    return Fail(Error(ErrorCode::kDeltaUnsupported, "the table does not allow to widen the types of its columns")
                    .Hint("ALTER TABLE … SET ('delta.enableTypeWidening' = 'true') first: no file is rewritten"));
  }
  if (wanted.Uses("timestamp_ntz")) delta::EnableFeature(definition.protocol, "timestampNtz");
  return CheckNotNeeded(definition, {column});
}

}  // namespace smelt::engine
