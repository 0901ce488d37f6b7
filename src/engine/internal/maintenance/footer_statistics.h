#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "delta/statistics.h"
#include "engine/internal/maintenance/command.h"

namespace smelt::engine {

/// A column that is no struct, list or map.
struct FooterColumn {
  std::string name;  ///< in files and in statistics
  duckdb::LogicalType type;
};

/// The row counts, bounds and NULL counts of Parquet files as their footers tell, by the files' addresses. Where a row
/// group does not tell, neither does the file. Reads footers only. Errors: kStore…, kSql…, kCancelled.
Result<std::unordered_map<std::string, delta::FileStatistics>> ReadFooterStatistics(
    const CommandCall& call, duckdb::Connection& connection, const std::vector<std::string>& addresses,
    const std::vector<FooterColumn>& columns);

/// The list of addresses as SQL has it.
std::string AddressListSql(const std::vector<std::string>& addresses);

}  // namespace smelt::engine
