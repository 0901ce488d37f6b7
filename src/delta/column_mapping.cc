#include "delta/column_mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "base/id.h"
#include "delta/internal/table_properties.h"
#include "delta/schema.h"

namespace smelt::delta {
namespace {

/// Calls `visit` with every field of a schema, nested ones included, a field before those within it.
void VisitFields(std::vector<Field>& fields, const std::function<void(Field&)>& visit);

void VisitType(DataType& type, const std::function<void(Field&)>& visit) {
  VisitFields(type.fields, visit);
  for (std::shared_ptr<const DataType>* inner : {&type.key, &type.element}) {
    if (!*inner) continue;
    DataType changed = **inner;
    VisitType(changed, visit);
    *inner = std::make_shared<const DataType>(std::move(changed));
  }
}

void VisitFields(std::vector<Field>& fields, const std::function<void(Field&)>& visit) {
  for (Field& field : fields) {
    visit(field);
    VisitType(field.type, visit);
  }
}

std::string NewPhysicalName() {
  return "col-" + NewUuid();
}

/// Gives what is missing to each field; `name_of` says a field's name in files.
Status MapColumns(Metadata& metadata, const std::function<std::string(const Field&)>& name_of) {
  SMELT_ASSIGN(Schema schema, ParseSchema(metadata.schema_string));
  std::int64_t max_id = PropertyInt(metadata, kColumnMappingMaxIdProperty, 0);
  VisitFields(schema.fields, [&](Field& field) { max_id = std::max<std::int64_t>(max_id, field.id().value_or(0)); });
  VisitFields(schema.fields, [&](Field& field) {
    if (!field.id()) field.metadata[kColumnIdKey] = ++max_id;
    if (!field.metadata.contains(kPhysicalNameKey)) field.metadata[kPhysicalNameKey] = name_of(field);
  });
  metadata.schema_string = SchemaToString(schema);
  metadata.configuration[kColumnMappingMaxIdProperty] = std::to_string(max_id);
  return {};
}

std::string ModeOf(const Metadata& metadata) {
  const auto found = metadata.configuration.find(kColumnMappingModeProperty);
  return found == metadata.configuration.end() ? "none" : found->second;
}

}  // namespace

bool IsRefusedInFiles(std::string_view name) {
  return name.find_first_of(" ,;{}()\n\t=") != std::string_view::npos;
}

Status EnableColumnMapping(Protocol& protocol, Metadata& metadata, std::string_view mode, bool has_files) {
  const std::string before = ModeOf(metadata);
  if (before == mode) return {};
  if (mode != "name" && mode != "id" && mode != "none") {
    return Fail(Error(ErrorCode::kDeltaUnsupported, fmt::format("there is no way to map columns '{}'", mode))
                    .Hint("delta.columnMapping.mode is 'name' or 'id'"));
  }
  if (before != "none" || mode == "none" || (mode == "id" && has_files)) {
    return Fail(Error(ErrorCode::kDeltaUnsupported,
                      fmt::format("delta.columnMapping.mode cannot change from '{}' to '{}'", before, mode))
                    .Hint("a table whose columns are not mapped can be set to 'name'; for the rest, CREATE OR REPLACE "
                          "TABLE … AS SELECT"));
  }
  EnableFeature(protocol, "columnMapping");
  metadata.configuration[kColumnMappingModeProperty] = mode;
  return MapColumns(metadata, [&](const Field& field) { return has_files ? field.name : NewPhysicalName(); });
}

Status MapNewColumns(const Protocol& protocol, Metadata& metadata) {
  if (ColumnMappingOf(protocol, metadata) == ColumnMapping::kNone) return {};
  return MapColumns(metadata, [](const Field&) { return NewPhysicalName(); });
}

Result<std::vector<std::string>> PartitionKeys(const Protocol& protocol, const Metadata& metadata) {
  std::vector<std::string> keys;
  if (metadata.partition_columns.empty()) return keys;
  const bool mapped = ColumnMappingOf(protocol, metadata) != ColumnMapping::kNone;
  SMELT_ASSIGN(const Schema schema, ParseSchema(metadata.schema_string));
  for (const std::string& column : metadata.partition_columns) {
    const Field* field = schema.Find(column);
    if (field == nullptr) {
      return Fail(ErrorCode::kDeltaCorrupt, fmt::format("the partition column '{}' is not in the schema", column));
    }
    keys.push_back(mapped ? field->physical_name(true) : column);
  }
  return keys;
}

}  // namespace smelt::delta
