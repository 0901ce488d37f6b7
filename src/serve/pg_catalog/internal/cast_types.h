#pragma once

#include <string>
#include <string_view>

/// The types and values of casts, as the catalogue's engine reads them.
namespace smelt::serve::pg_catalog {

/// A type of PostgreSQL's by its name in lower case, without schema.
std::string EngineType(std::string_view lower);

/// Whether a text is that of an array, as '{1,2}'.
bool IsBraces(std::string_view text);
/// '{a,"b c"}' as a list of the engine's.
std::string ListOf(std::string_view braces);

/// What PostgreSQL says of a name that 'name'::regtype and the like do not find; empty for numbers.
std::string NotFound(std::string_view type, std::string_view name);

}  // namespace smelt::serve::pg_catalog
