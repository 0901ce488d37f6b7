#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "delta/actions.h"
#include "delta/features.h"
#include "delta/schema.h"

/// Which columns writers describe with statistics. The table property `delta.dataSkippingStatsColumns` lists their
/// names, "a, s.x, `odd, name`": those that columns have, so that it changes with them.
/// `delta.dataSkippingNumIndexedCols` says how many of the first; -1 for all.
namespace smelt::delta {

inline constexpr const char* kStatisticsColumnsProperty = "delta.dataSkippingStatsColumns";
inline constexpr const char* kStatisticsCountProperty = "delta.dataSkippingNumIndexedCols";

/// A column, or a field within one, by the names that lead to it.
using NamePath = std::vector<std::string>;

/// The columns of such a list, as far as it can be read.
std::vector<NamePath> ParseColumnList(std::string_view text);
/// The inverse: parts that are no plain words stand between backticks.
std::string ColumnListText(const std::vector<NamePath>& columns);

/// The columns, and fields within structs, that are to be described: by their names in files, those of one path joined
/// as in FileStatistics. Nothing for all of them, as where the table does not say.
std::optional<std::set<std::string>> DescribedColumns(const Protocol& protocol, const Metadata& metadata,
                                                      const Schema& schema);
/// Whether a value of one of the two properties means something for a table. Errors: kDeltaInvalidTable.
Status CheckStatisticsProperty(const std::string& name, const std::string& value, const Schema& schema);

/// Gives the column at `path`, and the fields within it, another name in the property, where the table has it.
void RenameStatisticsColumn(Metadata& metadata, const NamePath& path, const std::string& name);
/// Takes the column at `path`, and the fields within it, out of the property. An empty list stays one: no column.
void DropStatisticsColumn(Metadata& metadata, const NamePath& path);

}  // namespace smelt::delta
