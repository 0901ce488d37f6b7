#pragma once

#include <string_view>

namespace smelt::serve::pg_catalog {

/// PostgreSQL's functions that the engine has not, or has otherwise, as macros in the schema pgc. What depends on the
/// client is in variables of its session: pg_user, pg_pid, pg_address, pg_application, pg_settings (a MAP), pg_path
/// (schemas of the search path that exist, pg_catalog not among them), pg_visible (oids of relations that can be named
/// without their schema), pg_version.
std::string_view FunctionMacros();

}  // namespace smelt::serve::pg_catalog
