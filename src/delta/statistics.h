#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

/// "Per-file Statistics" of the protocol.
namespace smelt::delta {

/// Bounds of one leaf column in one file. `min`/`max` are JSON scalars as the protocol writes them; null JSON when not
/// known. A number that a double cannot hold to the last digit (a long decimal) is a string of its digits, so that it
/// never widens or narrows: convert by the column's type, from text. For text, `max` may be a truncated value that was
/// made larger, `min` a prefix.
struct ColumnBounds {
  Json min, max;
  std::optional<std::int64_t> null_count;
};

/// Between the names that lead to a leaf, in the keys of statistics.
inline constexpr char kPathSeparator = '\x1f';

struct FileStatistics {
  std::optional<std::int64_t> rows;
  std::map<std::string, ColumnBounds> columns;  ///< key: path of the leaf, parts joined by kPathSeparator
  bool tight_bounds = true;
};

/// Parses Add::stats; an empty or damaged text gives empty statistics: they only ever help.
FileStatistics ParseStatistics(std::string_view stats);

/// What statistics say of one column.
struct ColumnStatistics {
  ColumnBounds bounds;
  bool tight_bounds = true;
};

enum class ColumnPart {
  kAll,
  kBounds,  ///< where it has both bounds, these alone: the text behind them is not looked at
};

/// What ParseStatistics finds for one column that is not nested, at a fraction of the cost: the other columns' values
/// are passed over, so that damage in them may not be noticed.
ColumnStatistics ParseColumnStatistics(std::string_view stats, std::string_view column,
                                       ColumnPart part = ColumnPart::kAll);

/// The number of rows alone, without parsing the rest into values.
std::optional<std::int64_t> RowCount(std::string_view stats);

/// The JSON scalar of a number in decimal notation as ColumnBounds holds it: an integer or a double when that is exact,
/// else the text; null when `number` is no number.
Json NumberFromText(std::string_view number);

/// Serialises for Add::stats. Bounds that JSON cannot express (infinities, NaN) are left out.
std::string StatisticsToString(const FileStatistics& statistics);

/// Shortens a text minimum to at most 32 characters: a prefix.
std::string TruncateMin(std::string_view text);
/// Shortens a text maximum to at most 32 characters and makes it sort at or after the original; nothing when no such
/// value exists (leave the maximum out).
std::optional<std::string> TruncateMax(std::string_view text);

}  // namespace smelt::delta
