#pragma once

#include <string_view>

namespace smelt::serve::pg_catalog {

/// The types of PostgreSQL 15, as rows of smelt_types, which pg_type shows: `format` is how format_type writes it
/// where that is not its name.
std::string_view TypeRows();

}  // namespace smelt::serve::pg_catalog
