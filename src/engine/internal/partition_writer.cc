#include "engine/internal/partition_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/common/hive_partitioning.hpp>
#include <utility>

#include "base/id.h"
#include "engine/internal/parquet_writer.h"
#include "engine/internal/side_by_side.h"

namespace smelt::engine {
namespace {

using duckdb::DataChunk;
using duckdb::idx_t;

/// The folder of rows without a value, by the convention of Hive.
constexpr const char* kNullFolder = "__HIVE_DEFAULT_PARTITION__";

/// Whether all rows have the values of the first in these columns.
bool AreOfOnePartition(DataChunk& rows, const duckdb::vector<idx_t>& columns) {
  duckdb::SelectionVector same(rows.size());
  return std::ranges::all_of(columns, [&](idx_t column) {
    duckdb::Vector first(rows.data[column].GetValue(0));
    return duckdb::VectorOperations::NotDistinctFrom(rows.data[column], first, nullptr, rows.size(), &same, nullptr) ==
           rows.size();
  });
}

}  // namespace

struct PartitionWriter::Partition {
  delta::PartitionValues values;
  std::mutex lock;
  std::unique_ptr<ParquetFile> file;        ///< null before the first row group
  std::vector<ParquetFile::Rows> leavings;  ///< of the threads that have finished
};

PartitionWriter::PartitionWriter(duckdb::ClientContext& context, const duckdb::PhysicalCopyToFile& plan,
                                 const TableShape& shape, std::string mark)
    : context_(context),
      plan_(plan),
      writer_{plan.function, *plan.bind_data},
      shape_(shape),
      mark_(std::move(mark)),
      row_group_rows_(writer_.RowGroupRows(context)) {
  for (idx_t column = 0; column < plan.expected_types.size(); ++column) {
    if (std::ranges::find(plan.partition_columns, column) != plan.partition_columns.end()) continue;
    stored_columns_.push_back(column);
    stored_types_.push_back(plan.expected_types[column]);
  }
}

PartitionWriter::~PartitionWriter() = default;

PartitionWriter::Partition& PartitionWriter::PartitionOf(const delta::PartitionValues& values) {
  const std::lock_guard guard(lock_);
  std::unique_ptr<Partition>& partition = partitions_[values];
  if (!partition) {
    partition = std::make_unique<Partition>();
    partition->values = values;
  }
  return *partition;
}

delta::PartitionValues PartitionWriter::ValuesOf(const DataChunk& rows) const {
  delta::PartitionValues values;
  for (const idx_t column : plan_.partition_columns) {
    const duckdb::Value value = rows.GetValue(column, 0);
    const bool is_null = value.IsNull() || value.ToString().empty();
    values[shape_.names[column]] = is_null ? std::nullopt : std::optional(PartitionText(value, shape_.types[column]));
  }
  return values;
}

void PartitionWriter::WriteRowGroup(Partition& partition, ParquetFile::Rows rows) const {
  {
    const std::lock_guard guard(partition.lock);
    if (!partition.file) {
      std::string folder = plan_.file_path;
      for (const idx_t column : plan_.partition_columns) {
        const std::string& name = shape_.names[column];
        folder += fmt::format("/{}={}", duckdb::HivePartitioning::Escape(name),
                              duckdb::HivePartitioning::Escape(partition.values.at(name).value_or(kNullFolder)));
      }
      MakeFolder(folder);
      partition.file = std::make_unique<ParquetFile>(context_, writer_,
                                                     fmt::format("{}/part-{}-{}.parquet", folder, NewUuid(), mark_));
    }
  }
  partition.file->Append(partition.file->Encode(std::move(rows)));
}

WrittenFile PartitionWriter::Close(Partition& partition) const {
  ParquetFile::Rows group;
  for (ParquetFile::Rows& rows : partition.leavings) {
    if (group && group->Count() + rows->Count() > row_group_rows_) WriteRowGroup(partition, std::exchange(group, {}));
    if (group) {
      group->Combine(*rows);
    } else {
      group = std::move(rows);
    }
  }
  if (group) WriteRowGroup(partition, std::move(group));
  WrittenFile file = partition.file->Close(plan_.file_path, shape_);
  file.add.partition_values = partition.values;
  return file;
}

std::vector<WrittenFile> PartitionWriter::Finish() {
  std::vector<Partition*> partitions;
  for (auto& [values, partition] : partitions_) partitions.push_back(partition.get());
  std::vector<WrittenFile> files(partitions.size());
  SideBySide(context_, partitions.size(), [&](std::size_t i) { files[i] = Close(*partitions[i]); });
  return files;
}

PartitionWriter::Rows::Rows(PartitionWriter& writer)
    : writer_(writer), groups_(writer.context_, writer.plan_.expected_types, writer.plan_.partition_columns) {
  stored_.InitializeEmpty(writer.stored_types_);
}

PartitionWriter::Rows::Share& PartitionWriter::Rows::ShareOf(DataChunk& rows) {
  const delta::PartitionValues values = writer_.ValuesOf(rows);
  Share& share = shares_[values];
  if (share.partition == nullptr) share.partition = &writer_.PartitionOf(values);
  if (!share.rows) {
    share.rows = duckdb::make_uniq<duckdb::ColumnDataCollection>(writer_.context_, writer_.stored_types_);
  }
  return share;
}

void PartitionWriter::Rows::AddOf(DataChunk& rows) {
  if (!AreOfOnePartition(rows, writer_.plan_.partition_columns)) {
    // Their hashes are equal, which is as good as impossible.
    for (idx_t row = 0; row < rows.size(); ++row) {
      DataChunk one;
      one.InitializeEmpty(rows.GetTypes());
      duckdb::SelectionVector only(row, 1);
      one.Slice(rows, only, 1);
      AddOf(one);
    }
    return;
  }
  Share& share = ShareOf(rows);
  stored_.ReferenceColumns(rows, writer_.stored_columns_);
  share.rows->Append(stored_);
  if (share.rows->Count() >= writer_.row_group_rows_) writer_.WriteRowGroup(*share.partition, std::move(share.rows));
}

void PartitionWriter::Rows::Add(DataChunk& rows) {
  groups_.Add(rows, [&](DataChunk& group) { AddOf(group); });
}

void PartitionWriter::Rows::Finish() {
  groups_.Flush([&](DataChunk& group) { AddOf(group); });
  for (auto& [values, share] : shares_) {
    if (!share.rows) continue;
    const std::lock_guard guard(share.partition->lock);
    share.partition->leavings.push_back(std::move(share.rows));
  }
  shares_.clear();
}

}  // namespace smelt::engine
