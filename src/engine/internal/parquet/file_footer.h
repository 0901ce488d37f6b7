#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/internal/parquet/row_group.h"

namespace smelt::engine::parquet {

/// A column of a file.
struct FileColumn {
  std::string name;
  duckdb::LogicalType type;  ///< one that ColumnEncoder has
  std::optional<std::int32_t> field_id;
};

/// Where a column of a row group stands in a file, and what the footer says of it.
struct ColumnChunk {
  std::int64_t offset = 0;  ///< of its first page, from the file's beginning
  std::int64_t size = 0;
  std::int64_t bloom_filter_offset = 0;
  EncodedColumn column;  ///< without its bytes
};

struct RowGroup {
  std::int64_t rows = 0;
  std::vector<ColumnChunk> columns;
};

/// What a file ends with (parquet.thrift, FileMetaData), the length and the magic bytes included.
std::string FileFooter(const std::vector<FileColumn>& columns, const std::vector<RowGroup>& row_groups);

}  // namespace smelt::engine::parquet
