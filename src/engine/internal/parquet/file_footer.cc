#include "engine/internal/parquet/file_footer.h"

#include <fmt/format.h>

#include "base/version.h"
#include "engine/internal/parquet/format.h"
#include "engine/internal/parquet/thrift_writer.h"

namespace smelt::engine::parquet {
namespace {

using duckdb::LogicalTypeId;
using Type = ThriftWriter::Type;

constexpr std::int32_t kWideDecimalBytes = 16;

/// The cases of LogicalType.
enum class Logical : std::uint8_t { kString = 1, kDecimal = 5, kDate = 6, kTimestamp = 8, kInteger = 10 };

Physical PhysicalOf(const duckdb::LogicalType& type) {
  switch (type.InternalType()) {
    case duckdb::PhysicalType::BOOL: return Physical::kBoolean;
    case duckdb::PhysicalType::INT64: return Physical::kInt64;
    case duckdb::PhysicalType::INT128: return Physical::kFixed;
    case duckdb::PhysicalType::FLOAT: return Physical::kFloat;
    case duckdb::PhysicalType::DOUBLE: return Physical::kDouble;
    case duckdb::PhysicalType::VARCHAR: return Physical::kBytes;
    default: return Physical::kInt32;
  }
}

void WriteConverted(ThriftWriter& thrift, const duckdb::LogicalType& type) {
  const auto write = [&](Converted converted) { thrift.I32(6, static_cast<std::int32_t>(converted)); };
  switch (type.id()) {
    case LogicalTypeId::VARCHAR: return write(Converted::kUtf8);
    case LogicalTypeId::DATE: return write(Converted::kDate);
    case LogicalTypeId::TIMESTAMP_TZ: return write(Converted::kTimestampMicros);
    case LogicalTypeId::TINYINT: return write(Converted::kInt8);
    case LogicalTypeId::SMALLINT: return write(Converted::kInt16);
    case LogicalTypeId::INTEGER: return write(Converted::kInt32);
    case LogicalTypeId::BIGINT: return write(Converted::kInt64);
    case LogicalTypeId::DECIMAL:
      write(Converted::kDecimal);
      thrift.I32(7, duckdb::DecimalType::GetScale(type));
      thrift.I32(8, duckdb::DecimalType::GetWidth(type));
      return;
    default: return;  // timestamps without a zone have no converted type
  }
}

void WriteInteger(ThriftWriter& thrift, std::int8_t bits) {
  thrift.BeginStruct(static_cast<int>(Logical::kInteger));
  thrift.Byte(1, bits);
  thrift.Bool(2, true);
  thrift.EndStruct();
}

void WriteLogical(ThriftWriter& thrift, const duckdb::LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::VARCHAR: return thrift.EmptyStruct(static_cast<int>(Logical::kString));
    case LogicalTypeId::DATE: return thrift.EmptyStruct(static_cast<int>(Logical::kDate));
    case LogicalTypeId::TINYINT: return WriteInteger(thrift, 8);
    case LogicalTypeId::SMALLINT: return WriteInteger(thrift, 16);
    case LogicalTypeId::INTEGER: return WriteInteger(thrift, 32);
    case LogicalTypeId::BIGINT: return WriteInteger(thrift, 64);
    case LogicalTypeId::DECIMAL:
      thrift.BeginStruct(static_cast<int>(Logical::kDecimal));
      thrift.I32(1, duckdb::DecimalType::GetScale(type));
      thrift.I32(2, duckdb::DecimalType::GetWidth(type));
      return thrift.EndStruct();
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ:
      thrift.BeginStruct(static_cast<int>(Logical::kTimestamp));
      thrift.Bool(1, type.id() == LogicalTypeId::TIMESTAMP_TZ);
      thrift.Case(2, 2);  // microseconds
      return thrift.EndStruct();
    default: return;
  }
}

bool HasLogical(const duckdb::LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN:
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE:
    case LogicalTypeId::BLOB: return false;
    default: return true;
  }
}

void WriteSchema(ThriftWriter& thrift, const std::vector<FileColumn>& columns) {
  thrift.BeginList(2, Type::kStruct, columns.size() + 1);
  thrift.BeginStruct();
  thrift.Binary(4, "schema");
  thrift.I32(5, static_cast<std::int32_t>(columns.size()));
  thrift.EndStruct();
  for (const FileColumn& column : columns) {
    const Physical physical = PhysicalOf(column.type);
    thrift.BeginStruct();
    thrift.I32(1, static_cast<std::int32_t>(physical));
    if (physical == Physical::kFixed) thrift.I32(2, kWideDecimalBytes);
    thrift.I32(3, static_cast<std::int32_t>(Repetition::kOptional));
    thrift.Binary(4, column.name);
    WriteConverted(thrift, column.type);
    if (column.field_id) thrift.I32(9, *column.field_id);
    if (HasLogical(column.type)) {
      thrift.BeginStruct(10);
      WriteLogical(thrift, column.type);
      thrift.EndStruct();
    }
    thrift.EndStruct();
  }
}

void WriteStatistics(ThriftWriter& thrift, const EncodedColumn& column) {
  thrift.BeginStruct(12);
  thrift.I64(3, column.facts.nulls);
  if (column.distinct) thrift.I64(4, *column.distinct);
  if (column.plain_bounds) {
    thrift.Binary(5, column.plain_bounds->max);
    thrift.Binary(6, column.plain_bounds->min);
    thrift.Bool(7, true);  // both are values that are there
    thrift.Bool(8, true);
  }
  thrift.EndStruct();
}

void WriteEncodings(ThriftWriter& thrift, const EncodedColumn& column) {
  std::vector<PageEncoding> encodings = {PageEncoding::kPlain, PageEncoding::kRle};
  if (column.dictionary_size > 0) encodings.push_back(PageEncoding::kDictionary);
  thrift.BeginList(2, Type::kI32, encodings.size());
  for (const PageEncoding encoding : encodings) thrift.Element(static_cast<std::int32_t>(encoding));
}

void WriteChunk(ThriftWriter& thrift, const FileColumn& file_column, const ColumnChunk& chunk, std::int64_t rows) {
  const EncodedColumn& column = chunk.column;
  thrift.BeginStruct();
  thrift.I64(2, chunk.offset);
  thrift.BeginStruct(3);
  thrift.I32(1, static_cast<std::int32_t>(PhysicalOf(file_column.type)));
  WriteEncodings(thrift, column);
  thrift.BeginList(3, Type::kBinary, 1);
  thrift.Element(file_column.name);
  thrift.I32(4, static_cast<std::int32_t>(column.codec));
  thrift.I64(5, rows);
  thrift.I64(6, column.uncompressed_size);
  thrift.I64(7, chunk.size);
  thrift.I64(9, chunk.offset + column.dictionary_size);
  if (column.dictionary_size > 0) thrift.I64(11, chunk.offset);
  WriteStatistics(thrift, column);
  if (!column.bloom_filter.empty()) {
    thrift.I64(14, chunk.bloom_filter_offset);
    thrift.I32(15, static_cast<std::int32_t>(column.bloom_filter.size()));
  }
  thrift.EndStruct();
  thrift.EndStruct();
}

void WriteRowGroup(ThriftWriter& thrift, const std::vector<FileColumn>& columns, const RowGroup& group) {
  std::int64_t size = 0, uncompressed_size = 0;
  for (const ColumnChunk& chunk : group.columns) {
    size += chunk.size;
    uncompressed_size += chunk.column.uncompressed_size;
  }
  thrift.BeginStruct();
  thrift.BeginList(1, Type::kStruct, columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) WriteChunk(thrift, columns[i], group.columns[i], group.rows);
  thrift.I64(2, uncompressed_size);
  thrift.I64(3, group.rows);
  if (!group.columns.empty()) thrift.I64(5, group.columns.front().offset);
  thrift.I64(6, size);
  thrift.EndStruct();
}

}  // namespace

std::string FileFooter(const std::vector<FileColumn>& columns, const std::vector<RowGroup>& row_groups) {
  std::string footer;
  ThriftWriter thrift(footer);
  std::int64_t rows = 0;
  for (const RowGroup& group : row_groups) rows += group.rows;
  thrift.BeginStruct();
  thrift.I32(1, 1);
  WriteSchema(thrift, columns);
  thrift.I64(3, rows);
  thrift.BeginList(4, Type::kStruct, row_groups.size());
  for (const RowGroup& group : row_groups) WriteRowGroup(thrift, columns, group);
  thrift.Binary(6, fmt::format("smelt version {}", kSmeltVersion));
  thrift.BeginList(7, Type::kStruct, columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    thrift.BeginStruct();
    thrift.EmptyStruct(1);  // bounds are in the order that the types define
    thrift.EndStruct();
  }
  thrift.EndStruct();
  const auto length = static_cast<std::uint32_t>(footer.size());
  footer.append(reinterpret_cast<const char*>(&length), sizeof(length));
  return footer.append(kMagic);
}

}  // namespace smelt::engine::parquet
