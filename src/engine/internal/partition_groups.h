#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/internal/duck.h"

namespace smelt::engine {

/// Gathers rows until there are many of each partition, and hands them on partition by partition: to keep few rows of
/// each of many apart is as much work as to keep many rows of one. Rows of a partition keep their order. Confined to
/// one thread.
class PartitionGroups {
 public:
  /// Takes rows of one partition, or of several whose hashes are equal, up to a vector's size of them; what it does not
  /// copy is gone when it returns.
  using Give = std::function<void(duckdb::DataChunk&)>;

  PartitionGroups(duckdb::ClientContext& context, const duckdb::vector<duckdb::LogicalType>& types,
                  const duckdb::vector<duckdb::idx_t>& partition_columns);

  void Add(duckdb::DataChunk& rows, const Give& give);
  /// Hands on what is left. To be called once more at the end.
  void Flush(const Give& give);

 private:
  /// The partitions of the rows, as hashes.
  std::vector<std::uint64_t> PartitionsOf(duckdb::DataChunk& rows);
  /// Empties what is gathered, and keeps the memory for the next rows.
  void Forget();

  duckdb::vector<duckdb::idx_t> partition_columns_;
  duckdb::DataChunk gathered_;
  std::vector<std::uint64_t> partitions_;  ///< of the rows in gathered_
  duckdb::DataChunk part_;
};

}  // namespace smelt::engine
