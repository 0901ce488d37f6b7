#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "transform/internal/run/input_columns.h"

namespace smelt::transform {

/// The query of the rows that a unit test gives for `name`: every column of the input in its type, null where a row
/// does not tell. Without `columns`, which are then not known, the rows' own columns as they are written.
/// Errors: kDbtConfigInvalid for columns that the input does not have, with the nearest one, or when nothing is known.
Result<std::string> FixtureSql(const std::string& name, const Json& rows, const std::optional<NamedTypes>& columns);

/// The query of the rows that a unit test expects, in the columns of the first row and the types of `columns`; without
/// rows, a query with all columns and no rows. Errors: kDbtConfigInvalid as above, and for rows with other columns than
/// the first.
Result<std::string> ExpectedSql(const Json& rows, const NamedTypes& columns);

/// The column of `columns` that a fixture calls `name`, whatever its case; or null.
const engine::ResultColumn* FindColumn(const NamedTypes& columns, const std::string& name);

}  // namespace smelt::transform
