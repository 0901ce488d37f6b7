#pragma once

#include <duckdb/common/arrow/arrow_appender.hpp>
#include <memory>
#include <string>
#include <vector>

#include "engine/internal/duck.h"

namespace smelt::engine {

/// Rows of a result as messages of Arrow's IPC stream. Types that only DuckDB has are sent as texts, those of JSON and
/// UUID, too, and integers of 128 bits as decimals of 38 digits. Throws what DuckDB throws. Confined to one thread.
class IpcRows {
 public:
  IpcRows(duckdb::ClientContext& context, const duckdb::vector<duckdb::LogicalType>& types,
          duckdb::vector<std::string> names);
  ~IpcRows();

  std::string Schema() const;
  void Append(duckdb::DataChunk& chunk, duckdb::idx_t from, duckdb::idx_t to);
  /// Bytes that wait to become a batch, roughly.
  std::size_t bytes() const { return bytes_; }
  /// What was appended, as one batch; empty when nothing was.
  std::string TakeBatch();

 private:
  duckdb::ClientContext& context_;
  duckdb::ClientProperties properties_;
  duckdb::vector<duckdb::LogicalType> types_;
  struct SchemaOwner;
  std::unique_ptr<SchemaOwner> schema_;
  std::unique_ptr<duckdb::ArrowAppender> appender_;
  std::size_t bytes_ = 0;
};

}  // namespace smelt::engine
