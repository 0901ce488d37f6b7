#include "engine/internal/maintenance/dropped_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "engine/internal/maintenance/footer_statistics.h"

namespace smelt::engine {
namespace {

using Path = std::span<const std::string>;

bool IsDroppedFrom(const std::vector<delta::Field>& fields, Path path, bool is_mapped);

/// The fields of lists and maps stand behind groups that writers name as they like: the first name from which on all of
/// the path is known is theirs.
bool IsDroppedWithin(const delta::DataType& type, Path path, bool is_mapped) {
  using Kind = delta::DataType::Kind;
  if (path.empty()) return false;
  // A variant is a group of its own making.
  if (type.kind == Kind::kPrimitive) return !type.is_primitive("variant");
  if (type.kind == Kind::kStruct) return IsDroppedFrom(type.fields, path, is_mapped);
  for (std::size_t begin = 1; begin <= path.size(); ++begin) {
    const Path rest = path.subspan(begin);
    if (type.key && !IsDroppedWithin(*type.key, rest, is_mapped)) return false;
    if (!IsDroppedWithin(*type.element, rest, is_mapped)) return false;
    // The groups of a list are two at most.
    if (begin == 2) break;
  }
  return true;
}

bool IsDroppedFrom(const std::vector<delta::Field>& fields, Path path, bool is_mapped) {
  const auto found = std::ranges::find_if(
      fields, [&](const delta::Field& field) { return field.physical_name(is_mapped) == path.front(); });
  return found == fields.end() || IsDroppedWithin(found->type, path.subspan(1), is_mapped);
}

/// The paths of a statement's first column, as text, that belong to no column.
std::vector<std::string> DroppedPaths(duckdb::QueryResult& paths, const TableShape& shape) {
  const bool is_mapped = shape.mapping != delta::ColumnMapping::kNone;
  std::vector<std::string> dropped;
  for (auto chunk = paths.Fetch(); chunk && chunk->size() > 0; chunk = paths.Fetch()) {
    for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
      const std::string text = chunk->GetValue(0, row).ToString();
      const auto parts = duckdb::StringUtil::Split(text, ", ");
      const auto& hidden = shape.row_tracking;
      if (hidden && (text == hidden->id || text == hidden->version)) continue;
      if (IsDropped(shape.fields, {parts.begin(), parts.end()}, is_mapped)) dropped.push_back(QuoteLiteral(text));
    }
  }
  return dropped;
}

}  // namespace

bool IsDropped(const std::vector<delta::Field>& fields, const std::vector<std::string>& path, bool is_mapped) {
  return !path.empty() && IsDroppedFrom(fields, path, is_mapped);
}

Result<std::set<std::string>> FilesWithDroppedColumns(const CommandCall& call, const TableState& state) {
  std::vector<std::string> addresses;
  for (const LiveFile& live : state.files) addresses.push_back(live.file->address());
  std::set<std::string> found;
  if (addresses.empty()) return found;
  duckdb::Connection connection(call.lake().database());
  SMELT_TRY(
      call.Run(connection, fmt::format("create temp table smelt_columns as select distinct path_in_schema as path, "
                                       "file_name as file from parquet_metadata({})",
                                       AddressListSql(addresses))));
  SMELT_ASSIGN(const auto paths, call.Run(connection, "select distinct path from smelt_columns"));
  const std::vector<std::string> dropped = DroppedPaths(*paths, state.shape);
  if (dropped.empty()) return found;
  SMELT_ASSIGN(const auto files,
               call.Run(connection, fmt::format("select distinct file from smelt_columns where path in ({})",
                                                fmt::join(dropped, ", "))));
  for (auto chunk = files->Fetch(); chunk && chunk->size() > 0; chunk = files->Fetch()) {
    for (duckdb::idx_t row = 0; row < chunk->size(); ++row) found.insert(chunk->GetValue(0, row).ToString());
  }
  return found;
}

}  // namespace smelt::engine
