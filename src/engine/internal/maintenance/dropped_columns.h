#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/internal/maintenance/command.h"

/// Columns, and fields of structs, that files hold and their table has no longer.
namespace smelt::engine {

/// Whether a column of a file, by the names that lead to it in the file's schema, belongs to none of `fields`. Names
/// are those that files have; what a writer puts between a list or map and its parts does not matter.
bool IsDropped(const std::vector<delta::Field>& fields, const std::vector<std::string>& path, bool is_mapped);

/// The addresses of the table's files that hold such columns. Reads the footers of all files. Errors: kStore…,
/// kCancelled.
Result<std::set<std::string>> FilesWithDroppedColumns(const CommandCall& call, const TableState& state);

}  // namespace smelt::engine
