#pragma once

#include "base/config.h"
#include "base/error.h"
#include "base/json.h"

namespace smelt::serve {

/// Reads an entry `columns`: how the columns of an answer are shown, wherever that is written down. An object by the
/// names of columns; each has those of label, description, format, decimals, currency, unit, good, hidden and bar that
/// were given. docs/reference/dashboards.md says what they mean.
/// Errors: kConfigKeyUnknown, kConfigValueInvalid, with file and line.
Result<Json> ReadColumnFormats(const ConfigNode& columns);

}  // namespace smelt::serve
