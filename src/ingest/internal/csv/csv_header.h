#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "ingest/internal/csv/csv_reader.h"
#include "ingest/source.h"

namespace smelt::ingest {

/// How the fields of a file's records belong to the columns of the contract.
struct ColumnMapping {
  std::vector<std::size_t> field_of_column;  ///< per column of the contract
  std::size_t fields = 0;                    ///< that every record must have
};

/// Maps a file's header to the contract.
/// Errors: kCsvHeaderInvalid (a name twice, no text), kCsvColumnMissing, kCsvColumnUnexpected (mode strict); each with
/// line, without file.
Result<ColumnMapping> MapHeader(const CsvRecord& header, const SourceTable& table);

/// The mapping of a file without a header: its fields are the columns in their order.
ColumnMapping MapPositions(const SourceTable& table);

}  // namespace smelt::ingest
