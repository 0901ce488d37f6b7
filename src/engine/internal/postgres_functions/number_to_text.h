#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/internal/postgres_functions/number_pattern.h"

namespace smelt::engine::postgres {

/// Each appends what to_char says of a number to `out`, which is rounded to the format's digits: halves away from zero,
/// of a floating-point number to even.
void AppendWhole(const NumberPattern& pattern, std::int64_t number, std::string& out);
void AppendDouble(const NumberPattern& pattern, double number, std::string& out);
void AppendFloat(const NumberPattern& pattern, float number, std::string& out);
/// Of a number in digits: "-12.50".
void AppendDecimal(const NumberPattern& pattern, std::string_view number, std::string& out);

}  // namespace smelt::engine::postgres
