#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "transform/internal/selection/criterion.h"

namespace smelt::transform {

/// Reads one criterion as the command line has it:
///   orders, silver.*, shop.silver     nodes by their qualified name, with patterns
///   models/silver, orders.sql         by file
///   tag:nightly, config.meta.owner:x  by one of the other methods
///   +a  2+a  a+  a+1  @a              with ancestors, descendants, or descendants and all that they need
/// Errors: kDbtSelectorInvalid for a method that does not exist, and for @ together with a + at the end.
Result<Criterion> ParseCriterion(std::string_view text);

/// Checks a criterion that did not come as a text: sets method and arguments from `method`, "config.meta.owner".
/// Errors: as ParseCriterion.
Status SetMethod(std::string_view method, Criterion& criterion);

/// The selection of --select and --exclude: words are united, what commas join is intersected. Without `select` it
/// starts with everything. Errors: as ParseCriterion.
Result<Selection> ParseSelection(const std::vector<std::string>& select, const std::vector<std::string>& exclude,
                                 IndirectSelection indirect);

/// "eager", "cautious", "buildable" or "empty". Errors: kDbtSelectorInvalid.
Result<IndirectSelection> ParseIndirectSelection(std::string_view text);

/// The criterion taken apart, as dbt's manifest holds selectors.
Json DescribeCriterion(const Criterion& criterion);

}  // namespace smelt::transform
