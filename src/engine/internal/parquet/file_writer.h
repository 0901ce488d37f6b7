#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/internal/parquet/file_footer.h"

namespace smelt::engine::parquet {

/// Writes one file, on the disk or in an object store, row group by row group. Errors of the store are thrown. A file
/// that is not closed is none that a reader could read. Thread-safe but for Close.
class FileWriter {
 public:
  /// Makes the file; the folder must be there. `columns` outlive this.
  FileWriter(duckdb::ClientContext& context, const std::vector<FileColumn>& columns, const std::string& address);

  void Append(EncodedRowGroup group);
  /// What was written until now, in bytes.
  std::size_t size() const;
  /// Writes the footer. What the file has is then told in the form of DuckDB's writers.
  void Close(duckdb::CopyFunctionFileStatistics* statistics);

 private:
  void Write(std::string_view bytes);
  void Flush();
  void WriteOut(std::string_view bytes);
  void Describe(duckdb::CopyFunctionFileStatistics& statistics) const;

  const std::vector<FileColumn>& columns_;
  mutable std::mutex lock_;
  duckdb::unique_ptr<duckdb::FileHandle> file_;
  ByteBuffer waiting_;  ///< bytes that are written together
  std::int64_t size_ = 0;
  std::vector<RowGroup> row_groups_;
  std::vector<ColumnFacts> facts_;
};

}  // namespace smelt::engine::parquet
