#include "engine/internal/parquet_file.h"

#include <utility>

namespace smelt::engine {

ParquetFile::ParquetFile(duckdb::ClientContext& context, const ParquetWriter& writer, const std::string& address)
    : context_(context),
      writer_(writer),
      info_(address),
      file_(writer.function.copy_to_initialize_global(context, writer.settings, address)) {
  info_.file_stats = duckdb::make_uniq<duckdb::CopyFunctionFileStatistics>();
  // The writer fills them when the file is closed.
  writer.function.copy_to_get_written_statistics(context, writer.settings, *file_, *info_.file_stats);
}

ParquetFile::RowGroup ParquetFile::Encode(Rows rows) const {
  return writer_.function.prepare_batch(context_, writer_.settings, *file_, std::move(rows));
}

void ParquetFile::Append(const RowGroup& rows) const {
  writer_.function.flush_batch(context_, writer_.settings, *file_, *rows);
}

WrittenFile ParquetFile::Close(const std::string& folder_address, const TableShape& shape) {
  writer_.function.copy_to_finalize(context_, writer_.settings, *file_);
  file_.reset();
  duckdb::DataChunk report;
  report.Initialize(context_,
                    duckdb::GetCopyFunctionReturnLogicalTypes(duckdb::CopyFunctionReturnType::WRITTEN_FILE_STATISTICS));
  duckdb::PhysicalCopyToFile::ReturnStatistics(report, 0, info_);
  report.SetCardinality(1);
  return FileFromReport(report, 0, folder_address, shape);
}

}  // namespace smelt::engine
