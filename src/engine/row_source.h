#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::engine {

/// How a column's values lie in a ColumnBatch.
enum class ColumnType {
  kText,         ///< texts
  kInteger,      ///< integers (BIGINT)
  kReal,         ///< reals (DOUBLE)
  kBoolean,      ///< integers, 0 or 1
  kDate,         ///< integers: days since 1970-01-01
  kTimestamp,    ///< integers: microseconds since the epoch, without zone (TIMESTAMP)
  kTimestampTz,  ///< integers: microseconds since the epoch, UTC (TIMESTAMPTZ)
  kDecimal,      ///< integers: the unscaled value; precision at most 18
};

struct SourceColumn {
  std::string name;
  ColumnType type = ColumnType::kText;
  int precision = 0, scale = 0;  ///< for kDecimal
  /// The column's SQL type, e.g. "DECIMAL(10,2)".
  std::string SqlType() const;
};

/// Up to kRowsMax values of one column. Only the vector that the column's type uses is filled.
struct ColumnBatch {
  std::vector<std::uint8_t> valid;  ///< 1 = a value, 0 = NULL; always filled
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  std::vector<std::string_view> texts;  ///< valid UTF-8; owned by the source until the next call of Next
};

struct RowBatch {
  static constexpr std::size_t kRowsMax = 2048;
  std::size_t rows = 0;
  std::vector<ColumnBatch> columns;  ///< one per SourceColumn
};

/// Rows that are produced outside SQL: a parsed file, a decoded topic. Read by one thread, once.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual const std::vector<SourceColumn>& columns() const = 0;
  /// Fills the next batch (its columns are sized already and may hold old values). rows = 0 is the end.
  virtual Status Next(RowBatch& batch) = 0;
};

}  // namespace smelt::engine
