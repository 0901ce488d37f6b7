#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "quality/internal/expectation.h"
#include "quality/result.h"

/// The unexpected rows of a check as results tell of them: their values, where they are, the rows themselves.
namespace smelt::quality {

/// How many unexpected rows a result of this detail needs; 0: none.
int UnexpectedRowsWanted(const ResultOptions& options);

/// SQL of what is needed of one unexpected row, as JSON: [value, position, index columns, row], null where the result
/// does not tell it.
std::string UnexpectedRowSql(const RowCheck& check, const Frame& frame, const ResultOptions& options);

/// Whether results tell where unexpected rows are: by the columns asked for, or by position when the frame has one.
bool TellsWhere(const Frame& frame, const ResultOptions& options);

/// The fields of a result about unexpected rows: partial_unexpected_list, partial_unexpected_counts,
/// partial_unexpected_index_list, unexpected_list, unexpected_index_list, unexpected_index_column_names and
/// unexpected_rows, as far as `options` asks for them. `rows` are those of UnexpectedRowSql, first rows first.
Json UnexpectedFields(const Json& rows, bool tells_where, const ResultOptions& options);

}  // namespace smelt::quality
