#pragma once

#include <string>
#include <vector>

#include "quality/internal/expectation.h"

/// What the expectations on several columns of a row have in common.
namespace smelt::quality {

/// column_list and ignore_row_if.
std::vector<Kwarg> MulticolumnKwargs();
/// column_A, column_B and ignore_row_if.
std::vector<Kwarg> PairKwargs();

/// A check on the columns of `column_list`, still without `expected`. `ignore_row_if` says which rows are not judged.
/// Errors: kQualityNotApplicable.
Result<RowCheck> RecordCheck(const Call& call);
/// The same for column_A and column_B.
Result<RowCheck> PairCheck(const Call& call);

/// `"a", "b"`.
std::string JoinSql(const std::vector<Column>& columns);

}  // namespace smelt::quality
