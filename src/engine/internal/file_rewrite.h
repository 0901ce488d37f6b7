#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "engine/internal/lake.h"

namespace smelt::engine {

/// A data file that was written, and what the log is to say of it.
struct WrittenFile {
  delta::Add add;
  std::string address;
};

/// Turns one row of the Parquet writer's report (CopyFunctionReturnType::WRITTEN_FILE_STATISTICS) into an add action.
/// `folder_address` is the table's folder as the writer knew it; partition values are those of the report.
WrittenFile FileFromReport(duckdb::DataChunk& report, std::size_t row, const std::string& folder_address,
                           const TableShape& shape);

/// A bound of a column, in the form that SQL prints, as statistics in the log have it; null when it has no exact form.
Json StatisticsBound(const std::string& text, const duckdb::LogicalType& type, bool is_max);

/// A partition value in the form of the protocol ("Partition Value Serialization"). `value` is neither NULL nor ''.
std::string PartitionText(const duckdb::Value& value, const duckdb::LogicalType& type);

/// Where the rows of one partition are copied to.
struct CopyTarget {
  std::string address;        ///< of the new file; of the folder for new files when `file_bytes_max` is set
  std::string order_by = {};  ///< expressions over the columns; empty: the rows keep their order
  std::optional<std::int64_t> file_bytes_max = {};  ///< begin another file beyond this size
  std::string name_pattern = {};                    ///< of new files, as the writer's filename_pattern
  bool any_order = false;                           ///< threads that read need not wait for each other
};

/// The statement that copies the live rows of a state of this shape, lent as `handle`, without the partition columns.
/// Its result is a report for FilesFromReport.
std::string CopyStatement(const TableShape& shape, const std::string& handle, const CopyTarget& target);

/// The functions that follow take the shape of a table as its files have it (TableShape::Stored).
/// The columns that the files of a table have, those of partitions left out, as a list for SELECT.
std::string StoredColumnList(const TableShape& shape);

/// The statement that writes the rows of a query to one file. Its result is a report for FilesFromReport.
std::string CopyQuery(const std::string& query, const TableShape& shape, const std::string& address);

/// Reads the report of a CopyStatement whose rows were all of one partition.
std::vector<WrittenFile> FilesFromReport(duckdb::QueryResult& report, const std::string& folder_address,
                                         const TableShape& shape, const delta::PartitionValues& partition);

/// Copies the rows that are left in `files` (those not deleted) into new files, one per partition folder, through a
/// connection of its own. Files without rows left produce nothing. The names of all new files contain `mark`, by which
/// the caller finds those that an error leaves behind.
/// Errors: kStoreIo, kStoreFull, kCancelled ….
Result<std::vector<WrittenFile>> RewriteSurvivors(Lake& lake, const TableState& state,
                                                  const std::vector<LiveFile>& files, const std::string& mark);

}  // namespace smelt::engine
