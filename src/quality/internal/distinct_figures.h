#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "quality/internal/expectation.h"

/// Counting different values. Integers that lie close together are counted with one bit for each possible value, which
/// costs a small part of what a table of the values does; where they lie is one figure more, asked before.
namespace smelt::quality {

/// Whether the different values of a column may be countable with bits.
bool MayHaveBits(const Column& column);

/// The figures that CountWithBits wants to know: the smallest and the greatest value.
std::vector<std::string> SpanFigures(const Call& call, const Column& column);

/// SQL of the number of different values of integers from `low` to `high`, the answers to SpanFigures, over the rows
/// that the row_condition leaves; nothing when they lie too far apart.
std::optional<std::string> CountWithBits(const Call& call, const Column& column, const Json& low, const Json& high);

/// How many values there can be from `low` to `high`; nothing when they are no numbers, or more than bits are for.
std::optional<std::int64_t> SpanOf(const Json& low, const Json& high);

/// SQL of the number of different values of any column.
std::string CountDistinct(const Call& call, const Column& column);

}  // namespace smelt::quality
