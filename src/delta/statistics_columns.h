#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "delta/actions.h"

/// The table property `delta.dataSkippingStatsColumns`: which columns writers describe with statistics, as a list of
/// names, "a, s.x, `odd, name`". It goes by the names that columns have, so that it changes with them.
namespace smelt::delta {

/// A column, or a field within one, by the names that lead to it.
using NamePath = std::vector<std::string>;

/// The columns of such a list, as far as it can be read.
std::vector<NamePath> ParseColumnList(std::string_view text);
/// The inverse: parts that are no plain words stand between backticks.
std::string ColumnListText(const std::vector<NamePath>& columns);

/// Gives the column at `path`, and the fields within it, another name in the property, where the table has it.
void RenameStatisticsColumn(Metadata& metadata, const NamePath& path, const std::string& name);
/// Takes the column at `path`, and the fields within it, out of the property. An empty list stays one: no column.
void DropStatisticsColumn(Metadata& metadata, const NamePath& path);

}  // namespace smelt::delta
