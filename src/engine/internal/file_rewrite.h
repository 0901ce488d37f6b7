#pragma once

#include <string>
#include <vector>

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

/// A partition value in the form of the protocol ("Partition Value Serialization"). `value` is neither NULL nor ''.
std::string PartitionText(const duckdb::Value& value, const duckdb::LogicalType& type);

/// Copies the rows that are left in `files` (those not deleted) into new files, one per partition folder, through a
/// connection of its own. Files without rows left produce nothing. The names of all new files contain `mark`, by which
/// the caller finds those that an error leaves behind.
/// Errors: kStoreIo, kStoreFull, kCancelled ….
Result<std::vector<WrittenFile>> RewriteSurvivors(Lake& lake, const TableState& state,
                                                  const std::vector<LiveFile>& files, const std::string& mark);

}  // namespace smelt::engine
