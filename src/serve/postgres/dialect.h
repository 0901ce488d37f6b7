#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "serve/postgres/sql_tokens.h"

namespace smelt::serve::postgres {

/// The relation or schema of PostgreSQL's catalogue that a statement is about to make, change or drop, as
/// "pg_catalog.pg_class"; empty for others.
std::string CatalogTarget(const ScriptPart& part);

/// Writes a statement of PostgreSQL's so that the engine can read it. Texts and comments are left as they are, and so
/// is everything that both read alike, or that has another meaning in the lake's own views, whose SQL is the engine's.
/// What differs: `pg_catalog.` before functions and types falls away; `public.` is the lake's schema `main`; `jsonb` is
/// `json`; FOR UPDATE and FOR SHARE at the end of a query fall away, as nothing is locked; so do casts of parameters to
/// `numeric` without a scale, which keep all digits there. A column that is NULL is text; generate_series in a select
/// list gives rows, and in FROM its name is that of its column, too; FLOAT has 53 bits; NUMERIC has ten digits behind
/// the point; a descending order begins with NULL; ~ looks for a pattern anywhere; a backslash escapes in patterns of
/// LIKE. `oids` are the types that the client gave parameters.
std::string ToEngineSql(const ScriptPart& part, const std::vector<std::uint32_t>& oids);

/// What stands for a parameter whose type is known.
enum class Stand : std::uint8_t {
  kParameter,  ///< itself, cast to the type
  kNull,       ///< NULL of the type; also where no type is known
};

/// The same statement with every parameter cast to the type that the client gave it, where it gave one: for finding out
/// types and names before there are values.
std::string WithTypedParameters(const std::string& sql, const std::vector<std::uint32_t>& oids, Stand stand);

}  // namespace smelt::serve::postgres
