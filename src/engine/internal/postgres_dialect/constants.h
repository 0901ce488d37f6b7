#pragma once

#include "engine/internal/duck.h"

/// Constants that PostgreSQL reads and the engine does not, or reads otherwise.
namespace smelt::engine::postgres {

/// 'off'::boolean, '2024-02-29 10:00+00'::timestamptz, '{1,2}'::int[],
/// 'today'::date: writes the text of a cast to a type as the
/// engine reads it.
void RewriteConstant(duckdb::CastExpression& cast, duckdb::LogicalTypeId type);

/// generate_series(timestamp '2024-01-01', '2024-02-01', '1 day'): gives the texts their types.
void RewriteSeries(duckdb::FunctionExpression& series);

/// 1e5 is a decimal there, and double precision with the engine.
void RewriteNumber(duckdb::ConstantExpression& constant);

/// Makes a call of regexp_full_match with a pattern of SIMILAR TO one with a regular expression: % is any text there,
/// _ any character. Patterns that are not constant are left.
void RewriteSimilarPattern(duckdb::FunctionExpression& match);

}  // namespace smelt::engine::postgres
