#pragma once

#include <span>
#include <string>
#include <vector>

#include "quality/data_source.h"
#include "quality/internal/frame.h"

namespace smelt::quality {

/// A column that both sides have, by its name without regard to case, and how values of the two compare: as they are
/// where the types allow it, else as texts.
struct ColumnPair {
  std::string name;  ///< as the first side writes it
  std::string type_a, type_b;
  std::string sql_a, sql_b;  ///< expressions that compare
  bool numbers = false;      ///< both sides are numbers
  bool temporal = false;     ///< both sides are dates or timestamps
};

/// A column that one side alone has.
struct LoneColumn {
  std::string name, type;
};

struct ColumnPairs {
  std::vector<ColumnPair> both;  ///< in the order of the first side
  std::vector<LoneColumn> only_a, only_b;
};

ColumnPairs PairColumns(const DataSource& a, const DataSource& b);

/// Keeps the pairs of `columns` (empty: all), without those of `ignored`.
/// Errors: kUsage for a name that is not a column of both, with the nearest one.
Result<std::vector<ColumnPair>> SelectPairs(const ColumnPairs& pairs, std::span<const std::string> columns,
                                            std::span<const std::string> ignored);

/// The pair of that name. Errors: as SelectPairs.
Result<ColumnPair> FindPair(const ColumnPairs& pairs, std::string_view name);

}  // namespace smelt::quality
