#include "engine/table_property.h"

#include "engine/internal/error_bridge.h"
#include "engine/internal/table_definition.h"

namespace smelt::engine {

Status CheckTableProperty(const std::string& name, const std::string& value) {
  try {
    duckdb::CreateTableInfo info;
    info.columns.AddColumn(duckdb::ColumnDefinition("c", duckdb::LogicalType::BIGINT));
    PropertyMap properties;
    properties[name] = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(value));
    SMELT_TRY(DefineTable(info, properties, nullptr));
    return {};
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

}  // namespace smelt::engine
