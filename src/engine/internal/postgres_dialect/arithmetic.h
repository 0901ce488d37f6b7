#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine::postgres {

/// Registers `+@`, `-@`, `*@`, `/@` and `%@`: what these operators mean to PostgreSQL. A quotient of whole numbers is
/// one, too; that of decimals is a decimal (IsOpenNumeric); real with another number is double precision; a division by
/// zero is an error; a date less a date is an INTEGER; a text without a type takes that of the other side.
void RegisterArithmetic(duckdb::ExtensionLoader& loader);

}  // namespace smelt::engine::postgres
