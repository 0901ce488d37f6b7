#pragma once

#include <cstdint>
#include <vector>

#include "engine/internal/duck.h"
#include "engine/internal/parquet/byte_buffer.h"

namespace smelt::engine::parquet {

/// Which rows of a column have a value: Parquet's definition levels of an optional column. As long as all have one,
/// nothing is kept.
class Levels {
 public:
  std::size_t rows() const { return rows_; }
  std::size_t nulls() const { return nulls_; }

  void AddPresent(std::size_t count);
  void AddNulls(std::size_t count);
  void Add(const duckdb::UnifiedVectorFormat& format, std::size_t count);
  void Add(const Levels& others);
  /// Appends the levels of the rows from `begin` to before `end` as a data page (version 1) has them.
  void AppendPage(std::size_t begin, std::size_t end, ByteBuffer& page) const;
  /// The row behind the next `values` rows that have a value, counted from `begin`.
  std::size_t RowBehind(std::size_t begin, std::size_t values) const;
  void Clear();
  std::size_t bytes() const { return flags_.capacity(); }

 private:
  std::size_t rows_ = 0;
  std::size_t nulls_ = 0;
  std::vector<std::uint8_t> flags_;  ///< empty while there are no nulls
};

}  // namespace smelt::engine::parquet
