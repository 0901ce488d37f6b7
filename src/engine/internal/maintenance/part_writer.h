#pragma once

#include <string>
#include <vector>

#include "engine/internal/file_rewrite.h"
#include "engine/internal/maintenance/command.h"

/// Copies whose rows are put in order without being sorted: each row has the number of a part, and parts are written
/// one after the other. Within a part, rows lie as they come. Readers skip row groups, and parts are much smaller than
/// those: for them the order is as good as one of single rows, and it costs half as much to make.
namespace smelt::engine {

struct PartTarget {
  std::string folder_address;
  std::string mark;            ///< in the names of all files
  std::int64_t file_rows = 0;  ///< another file is begun when one has so many
};

/// Copies the live rows of a state of this shape (TableShape::Stored), lent as `handle`, into new files. `part` is an
/// expression over its columns: an unsigned 32-bit number below `parts`. The caller sets the partition of the files.
/// Errors: kSql…, kStore…, kCancelled.
Result<std::vector<WrittenFile>> CopyInParts(const CommandCall& call, duckdb::Connection& connection,
                                             const TableShape& shape, const std::string& handle,
                                             const std::string& part, std::size_t parts, const PartTarget& target);

/// Registers the writer behind it.
void RegisterPartWriter(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine
