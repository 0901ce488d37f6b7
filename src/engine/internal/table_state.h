#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "delta/features.h"
#include "delta/row_set.h"
#include "delta/row_tracking.h"
#include "delta/snapshot.h"
#include "delta/statistics.h"
#include "engine/internal/duck.h"

namespace smelt::engine {

/// The columns of a table as SQL sees them.
struct TableShape {
  duckdb::vector<std::string> names;
  duckdb::vector<std::string> stored_names;  ///< in files, partition values and statistics
  duckdb::vector<duckdb::LogicalType> types;
  std::vector<bool> nullable;
  std::vector<std::size_t> partition_columns;  ///< positions in `names`, in the order of the table's definition
  delta::ColumnMapping mapping = delta::ColumnMapping::kNone;
  std::vector<delta::Field> fields;                       ///< the same columns, as the log describes them
  std::optional<delta::RowTrackingColumns> row_tracking;  ///< where the table tracks its rows
  std::string compression = "snappy";                     ///< codec of new files, DuckDB's name of it
  /// The columns that statistics of new files describe, as delta::DescribedColumns has them; null: all.
  std::shared_ptr<const std::set<std::string>> described;

  /// The same columns under the names that they have in files, at every level. With it, a scan yields rows as they are
  /// to be written.
  TableShape Stored() const;
  /// The position of a column, compared without case.
  std::optional<std::size_t> Find(std::string_view name) const;
  bool IsPartition(std::size_t column) const;
  /// Whether files may hold a column, or a field within it, in a narrower type than the table's ("Type Widening").
  /// Bounds in the log are of no use then: 0.7 as a float is less than 0.7.
  bool IsWidened(std::size_t column) const;
  bool HasWidenedColumns() const;
};

/// Reads a shape from table metadata. Errors: kDeltaCorrupt, kDeltaUnsupported.
Result<TableShape> ShapeOf(const delta::Protocol& protocol, const delta::Metadata& metadata,
                           const delta::Schema& schema);

/// Where a table's files lie, for what is read of them later.
struct TablePlace {
  storage::ObjectStore* store = nullptr;         ///< outlives the table's states
  std::shared_ptr<storage::ObjectStore> keeper;  ///< of `store`, for tables outside the lake
  std::string folder;

  /// The address of a file that the log names, for the Parquet reader. Absolute paths stay ("file:/x" becomes "/x").
  /// Errors: kDeltaCorrupt (no path, or one that leads out of the folder).
  Result<std::string> AddressOf(const std::string& logged_path) const;

  TablePlace(storage::ObjectStore* store_p, std::shared_ptr<storage::ObjectStore> keeper_p, std::string folder_p);

 private:
  std::string root_;  ///< the address of the folder, with a '/' at the end
};

/// One data file of a table, with what the log knows of its content. Immutable; statistics and deletion vector are
/// read on first use. Thread-safe.
class DataFile {
 public:
  /// The values of partition columns are those of the log, but for the column `stored`, which the file has.
  /// Errors: kDeltaCorrupt (a partition value that is none of its column's type).
  static Result<std::shared_ptr<const DataFile>> Make(std::shared_ptr<const delta::Add> add, std::string address,
                                                      const TableShape& shape, std::shared_ptr<const TablePlace> place,
                                                      std::optional<std::size_t> stored = std::nullopt);

  /// The same file with more columns that are the same for all of its rows, behind the partition columns.
  std::shared_ptr<const DataFile> WithConstants(std::vector<duckdb::Value> values) const;

  const delta::Add& add() const { return *add_; }
  const std::string& address() const { return address_; }
  /// Rows in the file, deleted ones included; nothing when the log does not say.
  std::optional<std::int64_t> rows() const { return rows_; }
  /// Rows that the table still has; nothing when the log does not say or contradicts itself.
  std::optional<std::int64_t> live_rows() const;
  /// The rows that the log says are deleted; null when none is. Errors: those of delta::ReadDeletionVector.
  Result<std::shared_ptr<const delta::RowSet>> DeletedRows() const;
  /// The value of the i-th partition column, nothing when it stands in the file.
  const std::optional<duckdb::Value>& partition_value(std::size_t i) const { return partition_values_[i]; }

  /// Rows with NULL in a column, nothing when the log does not say exactly.
  std::optional<std::int64_t> NullCount(const TableShape& shape, std::size_t column) const;
  /// Whether rows that pass `filter` on a column may be in this file; true when in doubt.
  bool MayMatch(const TableShape& shape, std::size_t column, const duckdb::TableFilter& filter) const;

 private:
  DataFile(std::shared_ptr<const delta::Add> add, std::string address, std::shared_ptr<const TablePlace> place);

  /// What the log says of a column that is no partition column.
  struct Bounds {
    std::size_t column = 0;
    duckdb::Value min, max;  ///< NULL where they are of no use
    delta::ColumnPart part;  ///< with kBounds, the counts below were not looked for where there are both bounds
    std::optional<std::int64_t> null_count;
    bool tight_bounds = true;
  };
  using BoundsPtr = std::shared_ptr<const Bounds>;

  BoundsPtr BoundsOf(const TableShape& shape, std::size_t column, delta::ColumnPart part) const;

  std::shared_ptr<const delta::Add> add_;
  std::string address_;
  std::optional<std::int64_t> rows_;
  std::vector<std::optional<duckdb::Value>> partition_values_;
  std::shared_ptr<const TablePlace> place_;
  mutable std::mutex lock_;
  mutable std::vector<BoundsPtr> bounds_;  ///< of the columns that were asked for last
  mutable std::shared_ptr<const delta::RowSet> deleted_;
};

struct LiveFile {
  std::shared_ptr<const DataFile> file;
  std::shared_ptr<const delta::RowSet> deleted;  ///< by the transaction, beyond the file's own; null when no row is
  std::shared_ptr<const delta::RowSet> only =
      nullptr;  ///< all rows that count, whatever else; null without such a choice

  std::optional<std::int64_t> live_rows() const;
};

/// The number of a state's rows, once it was asked for. A copy of a state may be given other files: it counts anew.
class RowTotal {
 public:
  RowTotal() = default;
  RowTotal(const RowTotal&) {}
  RowTotal& operator=(const RowTotal&) = delete;

  /// Thread-safe.
  std::optional<std::int64_t> Of(const std::vector<LiveFile>& files) const;

 private:
  mutable std::once_flag counted_;
  mutable std::optional<std::int64_t> rows_;
};

/// A table as one reader sees it: a snapshot, plus the uncommitted work of its transaction. Immutable, shared.
/// The position of a file in `files` is its id within row identifiers.
struct TableState {
  std::string folder;  ///< within the lake's store, or an address for tables outside
  std::shared_ptr<const TablePlace> place;
  delta::SnapshotPtr snapshot;  ///< null when the table was created by the transaction
  delta::Protocol protocol;
  delta::Metadata metadata;
  TableShape shape;
  std::vector<LiveFile> files;

  /// Sum of live rows, nothing when a file does not tell. Counted once: the files are complete when it is asked for.
  std::optional<std::int64_t> rows() const;
  std::int64_t bytes() const;
  /// Live rows with NULL in a column, nothing when a file does not tell or rows of it are masked.
  std::optional<std::int64_t> NullCount(std::size_t column) const;

  RowTotal row_total = {};
};

using TableStatePtr = std::shared_ptr<const TableState>;

/// Builds the state of a committed snapshot. Files that `previous` (an earlier state of the same table) holds already
/// are taken over from it. The log's store outlives the state, or is `keeper`. Errors: kDeltaCorrupt,
/// kDeltaUnsupported.
Result<TableStatePtr> BuildState(const delta::Log& log, delta::SnapshotPtr snapshot, const TableStatePtr& previous,
                                 std::shared_ptr<storage::ObjectStore> keeper = nullptr);

}  // namespace smelt::engine
