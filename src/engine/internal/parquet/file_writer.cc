#include "engine/internal/parquet/file_writer.h"

#include <fmt/format.h>

#include <utility>

#include "engine/internal/error_bridge.h"
#include "engine/internal/parquet/format.h"

namespace smelt::engine::parquet {
namespace {

/// Writes smaller than this wait for others.
constexpr std::size_t kWaitingBytes = 256 << 10;

}  // namespace

FileWriter::FileWriter(duckdb::ClientContext& context, const std::vector<FileColumn>& columns,
                       const std::string& address)
    : columns_(columns),
      file_(duckdb::FileSystem::GetFileSystem(context).OpenFile(
          address, duckdb::FileFlags::FILE_FLAGS_WRITE | duckdb::FileFlags::FILE_FLAGS_FILE_CREATE_NEW)),
      facts_(columns.size()) {
  Write(kMagic);
}

void FileWriter::WriteOut(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::int64_t written = file_->Write(const_cast<char*>(bytes.data()), bytes.size());
    if (written <= 0) Throw(Error(ErrorCode::kStoreIo, fmt::format("cannot write {}", file_->path)));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void FileWriter::Flush() {
  WriteOut(waiting_.view());
  waiting_.clear();
}

void FileWriter::Write(std::string_view bytes) {
  size_ += static_cast<std::int64_t>(bytes.size());
  if (waiting_.size() + bytes.size() > kWaitingBytes) Flush();
  if (bytes.size() > kWaitingBytes) {
    WriteOut(bytes);
  } else {
    waiting_.Append(bytes);
  }
}

void FileWriter::Append(EncodedRowGroup group) {
  const std::lock_guard guard(lock_);
  RowGroup written{.rows = static_cast<std::int64_t>(group.rows), .columns = {}};
  for (std::size_t i = 0; i < group.columns.size(); ++i) {
    EncodedColumn& column = group.columns[i];
    ColumnChunk chunk{.offset = size_,
                      .size = static_cast<std::int64_t>(column.bytes.size()),
                      .bloom_filter_offset = 0,
                      .column = {}};
    Write(column.bytes.view());
    facts_[i].Add(column.facts);
    chunk.column = std::move(column);
    chunk.column.bytes = {};
    written.columns.push_back(std::move(chunk));
  }
  for (ColumnChunk& chunk : written.columns) {
    chunk.bloom_filter_offset = size_;
    Write(chunk.column.bloom_filter);
  }
  row_groups_.push_back(std::move(written));
}

std::size_t FileWriter::size() const {
  const std::lock_guard guard(lock_);
  return static_cast<std::size_t>(size_);
}

void FileWriter::Close(duckdb::CopyFunctionFileStatistics* statistics) {
  const std::string footer = FileFooter(columns_, row_groups_);
  Write(footer);
  Flush();
  file_->Close();
  file_.reset();
  if (statistics == nullptr) return;
  statistics->footer_size_bytes = duckdb::Value::UBIGINT(footer.size() - kMagic.size() - sizeof(std::uint32_t));
  Describe(*statistics);
}

void FileWriter::Describe(duckdb::CopyFunctionFileStatistics& statistics) const {
  std::int64_t rows = 0;
  for (const RowGroup& group : row_groups_) rows += group.rows;
  statistics.row_count = static_cast<duckdb::idx_t>(rows);
  statistics.file_size_bytes = static_cast<duckdb::idx_t>(size_);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto& column = statistics.column_statistics[duckdb::KeywordHelper::WriteQuoted(columns_[i].name, '"')];
    column["null_count"] = duckdb::Value(std::to_string(facts_[i].nulls));
    if (columns_[i].type.IsFloating()) column["has_nan"] = duckdb::Value(facts_[i].has_nan ? "true" : "false");
    if (!facts_[i].bounds) continue;
    column["min"] = duckdb::Value(facts_[i].bounds->min.ToString());
    column["max"] = duckdb::Value(facts_[i].bounds->max.ToString());
  }
}

}  // namespace smelt::engine::parquet
