#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"

namespace smelt::quality {

/// Refuses a CSV file whose lines do not have as many fields as its first, where the reader made something else of it
/// than its first line says: `columns` is how many the reader found. Files that it read as they are cost nothing more
/// than their first line. Errors: kSqlRuntime (with file and line), kStore….
Status CheckCsvShape(const std::string& path, std::size_t columns);

}  // namespace smelt::quality
