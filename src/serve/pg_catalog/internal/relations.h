#pragma once

#include <string_view>

namespace smelt::serve::pg_catalog {

/// What there is in pg_catalog of PostgreSQL 15, one relation at a time: name, oid, kind, then column:type, with !
/// where it is never NULL. A line that begins with a blank goes on.
std::string_view SystemRelations();

/// The same for information_schema.
std::string_view InformationRelations();

}  // namespace smelt::serve::pg_catalog
