#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "serve/pg_catalog/internal/names.h"

namespace smelt::serve::pg_catalog {

/// Finds the oid of a relation by its name as a client writes it: t, s.t, "S"."t"; nothing when there is none.
using RelationFinder = std::function<std::optional<std::uint32_t>(std::string_view)>;

/// Writes a client's query of the catalogue so that the engine reads it: schemas pg_catalog and information_schema are
/// pgc and infs there, functions are its macros, and what only PostgreSQL's grammar has becomes what means the same.
/// Columns get the names that PostgreSQL gives them.
/// Errors: kSqlCatalog for a name in 'name'::regclass that does not exist.
Result<std::string> TranslateQuery(std::string_view sql, const Names& names, const RelationFinder& find);

/// Whether a statement is for the catalogue and not for the lake.
bool IsForCatalog(std::string_view sql, const Names& names);

}  // namespace smelt::serve::pg_catalog
