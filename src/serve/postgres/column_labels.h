#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/postgres/sql_tokens.h"

namespace smelt::serve::postgres {

/// The names that PostgreSQL gives to columns of select lists which have none: by the position of the token after which
/// `AS "name"` is to stand. Names that the engine gives alike are not among them.
std::map<std::size_t, std::string> MissingLabels(const std::vector<SqlToken>& tokens);

/// What PostgreSQL calls the columns of a statement's rows, one entry for each of so many columns: nothing for those
/// that have the same name in the engine. Empty where the statement's text does not tell.
std::vector<std::optional<std::string>> OutputNames(const std::vector<SqlToken>& tokens, std::size_t columns);

/// Whether a word without quotes is a value of its own: current_user and the like.
bool IsValueWord(std::string_view lower);

}  // namespace smelt::serve::postgres
