#pragma once

#include <string>

#include "engine/internal/file_rewrite.h"

namespace smelt::engine {

/// A format of COPY that writes Parquet, bound to columns and settings. Both outlive the files that are written with
/// it.
struct ParquetWriter {
  const duckdb::CopyFunction& function;
  duckdb::FunctionData& settings;

  duckdb::idx_t RowGroupRows(duckdb::ClientContext& context) const {
    return function.desired_batch_size(context, settings);
  }
};

/// A Parquet file that is written row group by row group. Errors of the writer are thrown. A file that is not closed is
/// none that a reader could read.
class ParquetFile {
 public:
  using Rows = duckdb::unique_ptr<duckdb::ColumnDataCollection>;
  using RowGroup = duckdb::unique_ptr<duckdb::PreparedBatchData>;

  /// Makes the file; the folder must be there.
  ParquetFile(duckdb::ClientContext& context, const ParquetWriter& writer, const std::string& address);

  /// Encodes rows, which is nearly all of the work. Thread-safe.
  RowGroup Encode(Rows rows) const;
  /// Writes them behind those that are there. Thread-safe.
  void Append(const RowGroup& rows) const;
  /// Writes the footer, after which nothing may be appended. The file is described for a table of this shape at this
  /// address; the caller sets its partition.
  WrittenFile Close(const std::string& folder_address, const TableShape& shape);

 private:
  duckdb::ClientContext& context_;
  const ParquetWriter& writer_;
  duckdb::CopyToFileInfo info_;
  duckdb::unique_ptr<duckdb::GlobalFunctionData> file_;
};

}  // namespace smelt::engine
