#pragma once

#include <string>

#include "app/internal/terminal/terminal.h"
#include "quality/profile.h"

namespace smelt::app {

/// Draws a profile for a terminal of that width: a line per column, then keys, correlations and what needs a look.
std::string RenderProfile(const quality::TableProfile& profile, const Terminal& terminal);

/// The range of a column in few words: "0.85 .. 6735", "3 .. 28 chars", "62 % true"; empty when there is none.
std::string RangeText(const quality::ColumnProfile& column);

/// What in a column needs a look: nulls alone, blanks, spaces at the ends, values that are no numbers, one value only.
std::vector<std::string> OdditiesOf(const quality::ColumnProfile& column, std::int64_t rows);

/// A share as people read it: "0 %", "< 0.1 %", "12.3 %", "100 %" only when it is all.
std::string ShareText(std::int64_t part, std::int64_t whole);

}  // namespace smelt::app
