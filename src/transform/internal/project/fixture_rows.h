#pragma once

#include <string_view>

#include "base/json.h"

namespace smelt::transform {

/// The records of a CSV text below its header as a list of maps from column to text. Empty values are null, blank
/// lines are nothing; values beyond the header are left out, those that are missing are null.
Json CsvRows(std::string_view text);

/// Brings the first row without nulls to the front, where databases that guess types look.
void PutWholeRowFirst(Json& rows);

}  // namespace smelt::transform
