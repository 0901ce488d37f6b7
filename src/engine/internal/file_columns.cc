#include "engine/internal/file_columns.h"

#include <fmt/format.h>

namespace smelt::engine {
namespace {

using delta::ColumnMapping;
using delta::DataType;
using delta::Field;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::MultiFileColumnDefinition;

bool IsFieldOf(const MultiFileColumnDefinition& column, const Field& field, ColumnMapping mapping) {
  // The columns that a change feed adds have no id.
  if (const auto id = field.id(); mapping == ColumnMapping::kId && id) {
    return !column.identifier.IsNull() && column.identifier.type().IsIntegral() &&
           column.identifier.GetValue<std::int64_t>() == *id;
  }
  return duckdb::StringUtil::CIEquals(column.name, field.physical_name(mapping != ColumnMapping::kNone));
}

const Field* FieldOf(const MultiFileColumnDefinition& column, const std::vector<Field>& fields, ColumnMapping mapping) {
  const auto found =
      std::ranges::find_if(fields, [&](const Field& field) { return IsFieldOf(column, field, mapping); });
  return found == fields.end() ? nullptr : &*found;
}

bool IsTimestamp(const LogicalType& type) {
  return type.id() == LogicalTypeId::TIMESTAMP || type.id() == LogicalTypeId::TIMESTAMP_TZ;
}

void AdoptType(MultiFileColumnDefinition& column, const DataType& type, ColumnMapping mapping);

void AdoptStruct(MultiFileColumnDefinition& column, const DataType& type, ColumnMapping mapping) {
  AdoptColumns(column.children, type.fields, mapping);
  duckdb::child_list_t<LogicalType> members;
  for (const MultiFileColumnDefinition& child : column.children) members.emplace_back(child.name, child.type);
  column.type = LogicalType::STRUCT(std::move(members));
}

void AdoptType(MultiFileColumnDefinition& column, const DataType& type, ColumnMapping mapping) {
  auto& children = column.children;
  if (type.kind == DataType::Kind::kStruct && column.type.id() == LogicalTypeId::STRUCT) {
    AdoptStruct(column, type, mapping);
  } else if (type.kind == DataType::Kind::kArray && column.type.id() == LogicalTypeId::LIST && children.size() == 1) {
    AdoptType(children[0], *type.element, mapping);
    column.type = LogicalType::LIST(children[0].type);
  } else if (type.kind == DataType::Kind::kMap && column.type.id() == LogicalTypeId::MAP && children.size() == 1 &&
             children[0].children.size() == 2) {
    auto& entry = children[0].children;
    AdoptType(entry[0], *type.key, mapping);
    AdoptType(entry[1], *type.element, mapping);
    column.type = LogicalType::MAP(entry[0].type, entry[1].type);
  } else if (type.is_primitive("timestamp") && IsTimestamp(column.type)) {
    column.type = LogicalType::TIMESTAMP_TZ;
  } else if (type.is_primitive("timestamp_ntz") && IsTimestamp(column.type)) {
    column.type = LogicalType::TIMESTAMP;
  }
}

}  // namespace

void AdoptColumns(duckdb::vector<MultiFileColumnDefinition>& columns, const std::vector<Field>& fields,
                  ColumnMapping mapping) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    MultiFileColumnDefinition& column = columns[i];
    if (const Field* field = FieldOf(column, fields, mapping)) {
      column.name = field->name;
      AdoptType(column, field->type, mapping);
    } else if (mapping != ColumnMapping::kNone) {
      column.name = fmt::format("\x1f{}", i);
    }
  }
}

}  // namespace smelt::engine
