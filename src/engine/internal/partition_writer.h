#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/internal/parquet_file.h"
#include "engine/internal/partition_groups.h"

namespace smelt::engine {

/// Writes rows of many partitions, each into one file of its folder. Rows wait in memory that may spill until there is
/// a row group of them, or until no more come: as few files are open at a time as there are partitions of that many
/// rows, and none is written for what one thread happened to see first. Throws the errors of the writer.
class PartitionWriter {
  struct Partition;

 public:
  /// `plan` is PlanParquetWriter's for `shape`, a table's shape as files have it (TableShape::Stored). Names of files
  /// contain `mark`. Both references outlive this.
  PartitionWriter(duckdb::ClientContext& context, const duckdb::PhysicalCopyToFile& plan, const TableShape& shape,
                  std::string mark);
  ~PartitionWriter();

  /// The rows that one thread brings, and confined to it. They have all columns of the plan.
  class Rows {
   public:
    explicit Rows(PartitionWriter& writer);

    void Add(duckdb::DataChunk& rows);
    /// To be called once, after the last rows.
    void Finish();

   private:
    struct Share {
      Partition* partition = nullptr;
      ParquetFile::Rows rows;
    };
    void AddOf(duckdb::DataChunk& rows);
    Share& ShareOf(duckdb::DataChunk& rows);

    PartitionWriter& writer_;
    PartitionGroups groups_;
    duckdb::DataChunk stored_;  ///< without the partition columns
    std::map<delta::PartitionValues, Share> shares_;
  };

  /// Writes what is left, several files at a time, and closes all; every thread has finished its rows.
  std::vector<WrittenFile> Finish();

 private:
  Partition& PartitionOf(const delta::PartitionValues& values);
  delta::PartitionValues ValuesOf(const duckdb::DataChunk& rows) const;
  void WriteRowGroup(Partition& partition, ParquetFile::Rows rows) const;
  WrittenFile Close(Partition& partition) const;

  duckdb::ClientContext& context_;
  const duckdb::PhysicalCopyToFile& plan_;
  ParquetWriter writer_;
  const TableShape& shape_;
  std::string mark_;
  duckdb::idx_t row_group_rows_;
  duckdb::vector<duckdb::column_t> stored_columns_;
  duckdb::vector<duckdb::LogicalType> stored_types_;
  std::mutex lock_;
  std::map<delta::PartitionValues, std::unique_ptr<Partition>> partitions_;
};

}  // namespace smelt::engine
