#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/internal/lake.h"

/// Ids of rows that move: "Row Tracking" of the protocol. Where a table tracks its rows, files that hold rows of other
/// files keep these rows' ids and versions in two columns that no schema shows.
namespace smelt::engine {

/// The state as it is to be lent to a statement of CopyStatement: with what says the ids of its rows, where the table
/// tracks them. `state` has the shape that files have. Errors: none but of broken partition values.
Result<TableStatePtr> WithRowIds(TableState state);

/// What stands in a list of SELECT behind the columns of such a state: ids and versions, ", … as …". Empty where the
/// table does not track its rows.
std::string RowIdColumns(const TableShape& shape);
/// The same under names of the caller's.
std::string RowIdColumns(const TableShape& shape, const std::string& id_name, const std::string& version_name);

/// The columns of files that hold updated rows: those of the table, and the ids that these rows had. Their version is
/// that of the commit.
TableShape WithRowIdColumn(TableShape shape);

/// Looks up the ids of rows that an update replaces. Thread-safe.
class RowIdLookup {
 public:
  /// `state` is the table's, whose files row identifiers count.
  RowIdLookup(Lake& lake, TableStatePtr state) : lake_(lake), state_(std::move(state)) {}

  /// The ids of the rows of a chunk whose identifiers stand at `column` and `column + 1`; NULL where there is none.
  duckdb::Vector Find(duckdb::DataChunk& chunk, duckdb::idx_t column);

 private:
  struct FileIds {
    std::optional<std::int64_t> base;
    std::unordered_map<std::int64_t, std::int64_t> kept;  ///< row number → id that the file itself says
  };
  const FileIds& Load(std::uint64_t file);

  Lake& lake_;
  TableStatePtr state_;
  std::mutex lock_;
  std::map<std::uint64_t, FileIds> files_;
};

}  // namespace smelt::engine
