#pragma once

#include <string>

#include "base/error.h"
#include "generate/internal/description.h"

namespace smelt::generate {

/// The value of a column as an expression in the language of descriptions: SQL over names of columns, with
/// `draw(name)`, `bell(name)` and `digits(name, pattern)` for its random numbers.
/// Errors: kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid, with file and line.
Result<std::string> ColumnText(const DataSet& data, const DataTable& table, const DataColumn& column);

/// The number, from 0, of the row that a reference stands for, in the same language; for `of:` the key.
/// `column` is of kind reference. Errors: as ColumnText.
Result<std::string> ReferenceText(const DataSet& data, const DataTable& table, const DataColumn& column);

/// The table that a reference is to. Errors: kConfigValueInvalid.
Result<const DataTable*> ReferencedTable(const DataSet& data, const DataColumn& column);

/// What goes into the file: `value` (SQL) with the column's dirt, each share multiplied by `dirt`. `draw` is SQL for
/// one uniform number.
std::string DirtySql(const DataColumn& column, const std::string& value, const std::string& draw, double dirt,
                     const std::string& no_such_id);

}  // namespace smelt::generate
