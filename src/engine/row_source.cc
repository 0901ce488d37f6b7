#include "engine/row_source.h"

#include <fmt/format.h>

namespace smelt::engine {

std::string SourceColumn::SqlType() const {
  switch (type) {
    case ColumnType::kText: return "VARCHAR";
    case ColumnType::kInteger: return "BIGINT";
    case ColumnType::kReal: return "DOUBLE";
    case ColumnType::kBoolean: return "BOOLEAN";
    case ColumnType::kDate: return "DATE";
    case ColumnType::kTimestamp: return "TIMESTAMP";
    case ColumnType::kTimestampTz: return "TIMESTAMPTZ";
    case ColumnType::kDecimal: return fmt::format("DECIMAL({},{})", precision, scale);
  }
  return "VARCHAR";
}

}  // namespace smelt::engine
