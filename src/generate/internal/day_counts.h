#pragma once

#include <cstdint>
#include <vector>

#include "generate/internal/description.h"

namespace smelt::generate {

/// The rows of a daily table on each day from the first of the period to `last_day`. Those of the period add up to
/// `total`; later days go on in the same way, and do not change earlier ones.
std::vector<std::int64_t> RowsPerDay(const DataSet& data, std::int64_t total, std::int64_t last_day);

}  // namespace smelt::generate
