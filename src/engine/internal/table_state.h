#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "delta/snapshot.h"
#include "delta/statistics.h"
#include "engine/internal/duck.h"

namespace smelt::engine {

/// The columns of a table as SQL sees them.
struct TableShape {
  duckdb::vector<std::string> names;
  duckdb::vector<duckdb::LogicalType> types;
  std::vector<bool> nullable;
  std::vector<std::size_t> partition_columns;  ///< positions in `names`, in the order of the table's definition

  /// The position of a column, compared without case.
  std::optional<std::size_t> Find(std::string_view name) const;
  bool IsPartition(std::size_t column) const;
};

/// Reads a shape from table metadata. Errors: kDeltaCorrupt, kDeltaUnsupported.
Result<TableShape> ShapeOf(const delta::Metadata& metadata, const delta::Schema& schema);

/// One data file of a table, with what the log knows of its content. Immutable; statistics are parsed on first use.
/// Thread-safe.
class DataFile {
 public:
  DataFile(std::shared_ptr<const delta::Add> add, std::string address, const TableShape& shape);

  const delta::Add& add() const { return *add_; }
  const std::string& address() const { return address_; }
  /// Rows in the file, nothing when the log does not say.
  std::optional<std::int64_t> rows() const { return rows_; }
  /// The value of the i-th partition column.
  const duckdb::Value& partition_value(std::size_t i) const { return partition_values_[i]; }

  /// Rows with NULL in a column, nothing when the log does not say exactly.
  std::optional<std::int64_t> NullCount(const TableShape& shape, std::size_t column) const;
  /// Whether rows that pass `filter` on a column may be in this file; true when in doubt.
  bool MayMatch(const TableShape& shape, std::size_t column, const duckdb::TableFilter& filter) const;

 private:
  const delta::FileStatistics& statistics() const;

  std::shared_ptr<const delta::Add> add_;
  std::string address_;
  std::optional<std::int64_t> rows_;
  duckdb::vector<duckdb::Value> partition_values_;
  mutable std::once_flag parsed_;
  mutable delta::FileStatistics statistics_;
};

/// Row numbers of one file that a transaction has deleted. Confined while it is filled, immutable when shared.
class RowMask {
 public:
  /// Marks a row; returns false when it was marked already.
  bool Set(std::uint64_t row);
  bool Test(std::uint64_t row) const { return row / 64 < words_.size() && (words_[row / 64] >> (row % 64) & 1) != 0; }
  std::uint64_t count() const { return count_; }
  void Merge(const RowMask& other);
  /// Whether any row of [first, first + length) is marked.
  bool AnyIn(std::uint64_t first, std::uint64_t length) const;

 private:
  std::vector<std::uint64_t> words_;
  std::uint64_t count_ = 0;
};

struct LiveFile {
  std::shared_ptr<const DataFile> file;
  std::shared_ptr<const RowMask> deleted;  ///< null when no row is

  std::optional<std::int64_t> live_rows() const;
};

/// A table as one reader sees it: a snapshot, plus the uncommitted work of its transaction. Immutable, shared.
/// The position of a file in `files` is its id within row identifiers.
struct TableState {
  std::string folder;           ///< within the lake's store, or an address for tables outside
  delta::SnapshotPtr snapshot;  ///< null when the table was created by the transaction
  delta::Protocol protocol;
  delta::Metadata metadata;
  TableShape shape;
  std::vector<LiveFile> files;

  /// Sum of live rows, nothing when a file does not tell.
  std::optional<std::int64_t> rows() const;
  std::int64_t bytes() const;
  /// Live rows with NULL in a column, nothing when a file does not tell or rows of it are masked.
  std::optional<std::int64_t> NullCount(std::size_t column) const;
};

using TableStatePtr = std::shared_ptr<const TableState>;

/// Builds the state of a committed snapshot. Files that `previous` (an earlier state of the same table) holds already
/// are taken over from it. Errors: kDeltaCorrupt, kDeltaUnsupported.
Result<TableStatePtr> BuildState(const delta::Log& log, delta::SnapshotPtr snapshot, const TableStatePtr& previous);

}  // namespace smelt::engine
