#pragma once

#include <cstdint>
#include <string>

namespace smelt::serve::pg_catalog {

/// What a column of type regproc shows for a function's number: its name, `-` for none, the number itself for functions
/// that the catalogue has not. Thread-safe.
std::string FunctionName(std::uint32_t oid);

}  // namespace smelt::serve::pg_catalog
