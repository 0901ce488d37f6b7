#include "engine/internal/parquet/row_group.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace smelt::engine::parquet {

/// Row groups of wide rows are ended beyond this size: it is what a writer, and a reader of whole columns, keeps.
constexpr std::size_t kRowGroupBytes = 64 << 20;

RowGroupEncoder::RowGroupEncoder(const duckdb::vector<duckdb::LogicalType>& types, PageCodec codec) : pages_(codec) {
  for (const duckdb::LogicalType& type : types) columns_.push_back(ColumnEncoder::Make(type));
}

bool RowGroupEncoder::CanEncode(const duckdb::vector<duckdb::LogicalType>& types) {
  return std::ranges::all_of(types, ColumnEncoder::CanEncode);
}

void RowGroupEncoder::Append(duckdb::DataChunk& rows) {
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i]->Append(rows.data[i], rows.size());
  rows_ += rows.size();
}

void RowGroupEncoder::Append(const RowGroupEncoder& others) {
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i]->Append(*others.columns_[i]);
  rows_ += others.rows_;
}

bool RowGroupEncoder::IsFull(std::size_t row_group_rows) const {
  const std::size_t bytes = std::accumulate(columns_.begin(), columns_.end(), std::size_t{0},
                                            [](std::size_t sum, const auto& column) { return sum + column->size(); });
  return rows_ >= row_group_rows || bytes >= kRowGroupBytes;
}

EncodedRowGroup RowGroupEncoder::Finish() {
  EncodedRowGroup group{.rows = std::exchange(rows_, 0), .columns = {}};
  for (const auto& column : columns_) group.columns.push_back(column->Finish(pages_));
  return group;
}

}  // namespace smelt::engine::parquet
