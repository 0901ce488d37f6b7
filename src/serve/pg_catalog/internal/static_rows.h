#pragma once

#include <string_view>

namespace smelt::serve::pg_catalog {

/// The functions of pg_proc that types and access methods refer to.
std::string_view FunctionRows();

/// Rows of small tables of PostgreSQL 15 that are the same in every database: pg_range, pg_cast, pg_am,
/// pg_collation, pg_language, pg_description.
std::string_view StaticRows();

/// The keywords of PostgreSQL 15: word:category, and - where it cannot be a label without AS.
std::string_view Keywords();

}  // namespace smelt::serve::pg_catalog
