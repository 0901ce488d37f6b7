#pragma once

#include "engine/typed_result.h"

namespace smelt::engine {

/// PostgreSQL's NUMERIC without digits has as many behind the point as its value needs. The engine's decimals have a
/// fixed number: those of 32 digits and more with ten behind the point, and those of 38 with nineteen or twenty, stand
/// for such numbers. Casts make the first, quotients and averages the others. Casts leave room: where both meet in one
/// column, all digits before the point are kept, and sixteen of a quotient's.

/// Whether decimals of a type are such numbers.
bool IsOpenNumeric(int precision, int scale);

/// How many of `scale` digits behind the point such a number shows: those up to the last that is not zero; of
/// quotients, at least as many as PostgreSQL shows of most numbers of that size (its select_div_scale).
int ShownScale(const Int128& value, int scale);

}  // namespace smelt::engine
