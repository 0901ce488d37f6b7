#include "engine/internal/result_text.h"

namespace smelt::engine {

TypeKind KindOf(const duckdb::LogicalType& type) {
  switch (type.id()) {
    case duckdb::LogicalTypeId::BOOLEAN: return TypeKind::kBoolean;
    case duckdb::LogicalTypeId::TINYINT:
    case duckdb::LogicalTypeId::SMALLINT:
    case duckdb::LogicalTypeId::INTEGER:
    case duckdb::LogicalTypeId::BIGINT:
    case duckdb::LogicalTypeId::HUGEINT:
    case duckdb::LogicalTypeId::UTINYINT:
    case duckdb::LogicalTypeId::USMALLINT:
    case duckdb::LogicalTypeId::UINTEGER:
    case duckdb::LogicalTypeId::UBIGINT:
    case duckdb::LogicalTypeId::UHUGEINT: return TypeKind::kInteger;
    case duckdb::LogicalTypeId::DECIMAL: return TypeKind::kDecimal;
    case duckdb::LogicalTypeId::FLOAT:
    case duckdb::LogicalTypeId::DOUBLE: return TypeKind::kFloat;
    case duckdb::LogicalTypeId::VARCHAR: return type.IsJSONType() ? TypeKind::kNested : TypeKind::kText;
    case duckdb::LogicalTypeId::ENUM:
    case duckdb::LogicalTypeId::UUID: return TypeKind::kText;
    case duckdb::LogicalTypeId::BLOB: return TypeKind::kBinary;
    case duckdb::LogicalTypeId::DATE: return TypeKind::kDate;
    case duckdb::LogicalTypeId::TIME:
    case duckdb::LogicalTypeId::TIME_TZ: return TypeKind::kTime;
    case duckdb::LogicalTypeId::TIMESTAMP:
    case duckdb::LogicalTypeId::TIMESTAMP_SEC:
    case duckdb::LogicalTypeId::TIMESTAMP_MS:
    case duckdb::LogicalTypeId::TIMESTAMP_NS:
    case duckdb::LogicalTypeId::TIMESTAMP_TZ: return TypeKind::kTimestamp;
    case duckdb::LogicalTypeId::INTERVAL: return TypeKind::kInterval;
    case duckdb::LogicalTypeId::LIST:
    case duckdb::LogicalTypeId::ARRAY:
    case duckdb::LogicalTypeId::STRUCT:
    case duckdb::LogicalTypeId::MAP: return TypeKind::kNested;
    default: return TypeKind::kOther;
  }
}

std::vector<ResultColumn> DescribeColumns(const duckdb::QueryResult& result) {
  std::vector<ResultColumn> columns;
  for (std::size_t i = 0; i < result.names.size(); ++i) {
    columns.push_back({result.names[i], result.types[i].ToString(), KindOf(result.types[i])});
  }
  return columns;
}

ChunkText::ChunkText(duckdb::ClientContext& context, const duckdb::QueryResult& result) : context_(context) {
  for (const auto& type : result.types) {
    bool nested = type.IsNested() && KindOf(type) == TypeKind::kNested;
    targets_.push_back(nested ? duckdb::LogicalType::JSON() : duckdb::LogicalType::VARCHAR);
  }
}

void ChunkText::Append(duckdb::DataChunk& chunk, std::vector<std::vector<Cell>>& rows) {
  std::size_t first = rows.size();
  rows.resize(first + chunk.size(), std::vector<Cell>(chunk.ColumnCount()));
  for (std::size_t column = 0; column < chunk.ColumnCount(); ++column) {
    duckdb::Vector text(targets_[column], chunk.size());
    duckdb::VectorOperations::Cast(context_, chunk.data[column], text, chunk.size());
    duckdb::UnifiedVectorFormat format;
    text.ToUnifiedFormat(chunk.size(), format);
    const auto* strings = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
    for (std::size_t row = 0; row < chunk.size(); ++row) {
      duckdb::idx_t index = format.sel->get_index(row);
      if (format.validity.RowIsValid(index)) rows[first + row][column] = strings[index].GetString();
    }
  }
}

}  // namespace smelt::engine
