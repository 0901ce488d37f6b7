#include "engine/internal/partition_groups.h"

#include <algorithm>
#include <unordered_map>

namespace smelt::engine {
namespace {

using duckdb::DataChunk;
using duckdb::idx_t;

/// Some hundreds of rows for each of some hundred partitions, in some tens of megabytes.
constexpr idx_t kRowsMax = 32 * STANDARD_VECTOR_SIZE;

/// The rows of each partition, in their order: `rows` from begins[i] to begins[i + 1] are those of the i-th.
struct Grouping {
  std::vector<idx_t> begins;
  duckdb::SelectionVector rows;
};

Grouping GroupRows(const std::vector<std::uint64_t>& partitions) {
  std::unordered_map<std::uint64_t, idx_t> numbers;
  std::vector<idx_t> number_of;
  number_of.reserve(partitions.size());
  std::vector<idx_t> counts;
  for (const std::uint64_t partition : partitions) {
    const auto [found, is_new] = numbers.try_emplace(partition, counts.size());
    if (is_new) counts.push_back(0);
    ++counts[found->second];
    number_of.push_back(found->second);
  }
  Grouping grouping{{0}, duckdb::SelectionVector(partitions.size())};
  for (const idx_t count : counts) grouping.begins.push_back(grouping.begins.back() + count);
  std::vector<idx_t> next = grouping.begins;
  for (idx_t row = 0; row < number_of.size(); ++row) grouping.rows.set_index(next[number_of[row]]++, row);
  return grouping;
}

}  // namespace

PartitionGroups::PartitionGroups(duckdb::ClientContext& context, const duckdb::vector<duckdb::LogicalType>& types,
                                 const duckdb::vector<idx_t>& partition_columns)
    : partition_columns_(partition_columns) {
  gathered_.Initialize(context, types, kRowsMax);
  part_.InitializeEmpty(types);
}

std::vector<std::uint64_t> PartitionGroups::PartitionsOf(DataChunk& rows) {
  duckdb::Vector hashes(duckdb::LogicalType::HASH);
  rows.Hash(partition_columns_, hashes);
  hashes.Flatten(rows.size());
  const auto* data = duckdb::FlatVector::GetData<duckdb::hash_t>(hashes);
  return {data, data + rows.size()};
}

void PartitionGroups::Add(DataChunk& rows, const Give& give) {
  if (rows.size() == 0) return;
  const std::vector<std::uint64_t> coming = PartitionsOf(rows);
  const bool is_one = std::ranges::all_of(coming, [&](std::uint64_t hash) { return hash == coming.front(); });
  if (is_one && partitions_.empty()) {
    give(rows);
    return;
  }
  if (gathered_.size() + rows.size() > kRowsMax) Flush(give);
  gathered_.Append(rows);
  partitions_.insert(partitions_.end(), coming.begin(), coming.end());
}

void PartitionGroups::Flush(const Give& give) {
  if (partitions_.empty()) return;
  Grouping grouping = GroupRows(partitions_);
  for (std::size_t group = 0; group + 1 < grouping.begins.size(); ++group) {
    const idx_t end = grouping.begins[group + 1];
    for (idx_t begin = grouping.begins[group]; begin < end; begin += STANDARD_VECTOR_SIZE) {
      const idx_t count = std::min<idx_t>(end - begin, STANDARD_VECTOR_SIZE);
      duckdb::SelectionVector rows(grouping.rows.data() + begin);
      part_.Slice(gathered_, rows, count);
      give(part_);
    }
  }
  Forget();
}

void PartitionGroups::Forget() {
  partitions_.clear();
  const bool has_nested =
      std::ranges::any_of(gathered_.data, [](const duckdb::Vector& column) { return column.GetType().IsNested(); });
  if (has_nested) {
    gathered_.Reset();
    return;
  }
  gathered_.SetCardinality(0);
  for (duckdb::Vector& column : gathered_.data) {
    duckdb::FlatVector::Validity(column).Reset(kRowsMax);
    if (column.GetType().InternalType() != duckdb::PhysicalType::VARCHAR) continue;
    duckdb::StringVector::GetStringBuffer(column).GetStringAllocator().Reset();
  }
}

}  // namespace smelt::engine
