#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "serve/postgres/sql_tokens.h"

namespace smelt::serve::pg_catalog {

/// The names that PostgreSQL gives to columns of select lists which have none: by the position of the token after which
/// `AS "name"` is to stand. Names that the engine gives alike are not among them.
std::map<std::size_t, std::string> MissingLabels(const std::vector<postgres::SqlToken>& tokens);

}  // namespace smelt::serve::pg_catalog
