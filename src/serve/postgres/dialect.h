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
/// `json`; FOR UPDATE and FOR SHARE at the end of a query fall away, as nothing is locked.
std::string ToEngineSql(const ScriptPart& part);

/// The same statement with every parameter cast to the type that the client gave it, where it gave one: for finding out
/// types and names before there are values.
std::string WithTypedParameters(const std::string& sql, const std::vector<std::uint32_t>& oids);

}  // namespace smelt::serve::postgres
