#pragma once

#include <string>

#include "base/error.h"
#include "delta/schema.h"
#include "engine/internal/duck.h"

namespace smelt::engine {

/// The SQL type of a Delta type ("Primitive Types" of the protocol): timestamp is TIMESTAMPTZ, timestamp_ntz is
/// TIMESTAMP. Errors: kDeltaUnsupported.
Result<duckdb::LogicalType> ToSqlType(const delta::DataType& type);

/// The Delta type that stores a SQL type without loss; unsigned integers and HUGEINT widen (UBIGINT to decimal(20,0)),
/// enums, UUID and JSON become strings.
/// Errors: kSqlUnsupported for types that Delta has no place for (TIME, INTERVAL, BIT, UNION …).
Result<delta::DataType> ToDeltaType(const duckdb::LogicalType& type);

}  // namespace smelt::engine
