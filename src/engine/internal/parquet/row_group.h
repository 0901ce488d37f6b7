#pragma once

#include <memory>
#include <vector>

#include "engine/internal/parquet/column_encoder.h"

namespace smelt::engine::parquet {

/// Rows of a file that were encoded together.
struct EncodedRowGroup {
  std::size_t rows = 0;
  std::vector<EncodedColumn> columns;
};

/// Encodes rows as they come, and keeps nothing of them but that. Confined to a thread.
class RowGroupEncoder {
 public:
  /// Of types for which `CanEncode`.
  RowGroupEncoder(const duckdb::vector<duckdb::LogicalType>& types, PageCodec codec);

  static bool CanEncode(const duckdb::vector<duckdb::LogicalType>& types);

  void Append(duckdb::DataChunk& rows);
  void Append(const RowGroupEncoder& others);
  std::size_t rows() const { return rows_; }
  /// Whether there are as many rows, or as many bytes, as a row group is to have.
  bool IsFull(std::size_t row_group_rows) const;
  /// The rows that were appended since the last time.
  EncodedRowGroup Finish();

 private:
  std::vector<std::unique_ptr<ColumnEncoder>> columns_;
  std::size_t rows_ = 0;
  PageWriter pages_;
};

}  // namespace smelt::engine::parquet
