#pragma once

#include <string_view>

#include "quality/internal/frame.h"

namespace smelt::quality {

/// Whether a column has the type that a suite names in the words of SQL, Spark, pandas or Python, compared without
/// case. A name of a family covers the family: `int` every whole number, `float` every binary floating-point number,
/// `str` every text, `datetime`, `datetime64[ns]` and `TIMESTAMP` every time stamp, `DECIMAL` every decimal. A name
/// that tells a width is meant exactly: `BIGINT`, `int64`, `LongType`, `DECIMAL(10,2)`. A name that smelt does not know
/// matches only a column whose SQL type is written the same.
bool HasType(const Column& column, std::string_view type_name);

}  // namespace smelt::quality
