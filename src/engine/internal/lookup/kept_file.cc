#include "engine/internal/lookup/kept_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/internal/chunk_query.h"
#include "engine/internal/error_bridge.h"

namespace smelt::engine {

namespace {

/// One hash of all columns per row.
void HashRows(const std::vector<duckdb::Vector*>& columns, duckdb::idx_t rows, duckdb::Vector& hashes) {
  duckdb::VectorOperations::Hash(*columns[0], hashes, rows);
  for (std::size_t k = 1; k < columns.size(); ++k) duckdb::VectorOperations::CombineHash(hashes, *columns[k], rows);
  hashes.Flatten(rows);
}

duckdb::hash_t HashOf(const std::vector<duckdb::Value>& values) {
  std::vector<duckdb::Vector> vectors;
  vectors.reserve(values.size());
  std::vector<duckdb::Vector*> columns;
  for (const duckdb::Value& value : values) columns.push_back(&vectors.emplace_back(value));
  duckdb::Vector hashes(duckdb::LogicalType::HASH, 1);
  HashRows(columns, 1, hashes);
  return duckdb::FlatVector::GetData<duckdb::hash_t>(hashes)[0];
}

}  // namespace

std::shared_ptr<KeptFile> KeptFile::Read(Lake& lake, const TableState& state, const LiveFile& file) {
  auto part = std::make_shared<TableState>(state);
  part->files = {file};
  auto kept = std::make_shared<KeptFile>();
  kept->schema_ = state.metadata.schema_string;
  const std::string handle = lake.Lend(std::move(part));
  duckdb::Connection connection(lake.database());
  const Status read =
      RunChunkQuery(connection, fmt::format("select * from smelt_lent({})", QuoteLiteral(handle)),
                    [&](duckdb::DataChunk& chunk) -> Status {
                      auto copy = duckdb::make_uniq<duckdb::DataChunk>();
                      copy->Initialize(duckdb::Allocator::DefaultAllocator(), chunk.GetTypes(), chunk.size());
                      chunk.Copy(*copy);
                      kept->bytes_ += copy->GetAllocationSize();
                      kept->chunks_.push_back(std::move(copy));
                      return {};
                    });
  lake.TakeBack(handle);
  if (!read) Throw(read.error());
  return kept;
}

std::shared_ptr<const KeptFile::Index> KeptFile::IndexOf(const std::vector<std::size_t>& columns) {
  // Whoever asks by ever other columns makes the ways be made anew, and takes no more memory.
  constexpr std::size_t kIndexesMax = 4;
  const std::lock_guard guard(lock_);
  if (const auto found = indexes_.find(columns); found != indexes_.end()) return found->second;
  if (indexes_.size() >= kIndexesMax) indexes_.clear();
  Index index;
  duckdb::Vector hashes(duckdb::LogicalType::HASH);
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    duckdb::DataChunk& chunk = *chunks_[i];
    std::vector<duckdb::Vector*> vectors;
    for (const std::size_t column : columns) vectors.push_back(&chunk.data[column]);
    HashRows(vectors, chunk.size(), hashes);
    const auto* values = duckdb::FlatVector::GetData<duckdb::hash_t>(hashes);
    for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
      index.emplace_back(values[row], KeptRow{static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(row)});
    }
  }
  // Stable: rows of one hash stay in the order of the file.
  std::ranges::stable_sort(index, {}, &Index::value_type::first);
  return indexes_[columns] = std::make_shared<const Index>(std::move(index));
}

bool KeptFile::Has(const KeptRow& row, std::size_t column, const duckdb::Value& value) const {
  return duckdb::Value::NotDistinctFrom(chunks_[row.chunk]->GetValue(column, row.row), value);
}

std::vector<KeptRow> KeptFile::Find(const std::vector<std::size_t>& columns, const std::vector<duckdb::Value>& values) {
  const std::shared_ptr<const Index> index = IndexOf(columns);
  std::vector<KeptRow> found;
  for (const auto& [at, row] : std::ranges::equal_range(*index, HashOf(values), {}, &Index::value_type::first)) {
    bool has_all = true;
    for (std::size_t k = 0; k < columns.size() && has_all; ++k) has_all = Has(row, columns[k], values[k]);
    if (has_all) found.push_back(row);
  }
  return found;
}

}  // namespace smelt::engine
