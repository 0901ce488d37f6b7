#pragma once

#include <vector>

#include "quality/internal/expectation.h"
#include "quality/internal/literal.h"

namespace smelt::quality {

/// min_value, max_value, strict_min and strict_max.
std::vector<Kwarg> RangeKwargs();

/// The range that those kwargs give. One whose lower bound is above the upper holds nothing.
Result<Range> RangeOf(const Call& call);

/// The same where Great Expectations does not take such a range.
/// Errors: kQualityNotApplicable when the lower bound is above the upper one.
Result<Range> OrderedRangeOf(const Call& call);

/// A judgement of one figure: the first of `figures` is the observed value, the second whether it is in the range.
Judgement JudgeObserved(const std::vector<Json>& figures);

/// A column that stands for an SQL expression which yields a number.
Column NumberColumn(const std::string& sql);

}  // namespace smelt::quality
