#pragma once

#include <memory>

#include "engine/internal/parquet/page_writer.h"

namespace smelt::engine::parquet {

/// Encodes the values of one column, a row group after the other, as they come: into a dictionary while few of them
/// differ, plainly from where many do.
class ColumnEncoder {
 public:
  /// False for types that this writer leaves to DuckDB's: nested ones, and those that Delta does not have.
  static bool CanEncode(const duckdb::LogicalType& type);
  /// Of a type for which `CanEncode`.
  static std::unique_ptr<ColumnEncoder> Make(const duckdb::LogicalType& type);
  virtual ~ColumnEncoder() = default;
  ColumnEncoder(const ColumnEncoder&) = delete;
  ColumnEncoder& operator=(const ColumnEncoder&) = delete;

  virtual void Append(duckdb::Vector& values, std::size_t count) = 0;
  /// Appends the values of another encoder of the same type, which the caller throws away.
  virtual void Append(const ColumnEncoder& others) = 0;
  /// Roughly what is kept, in bytes.
  virtual std::size_t size() const = 0;
  /// What was appended since the last time; the encoder is as new. `pages` may be used for other columns then.
  virtual EncodedColumn Finish(PageWriter& pages) = 0;

 protected:
  ColumnEncoder() = default;
};

}  // namespace smelt::engine::parquet
