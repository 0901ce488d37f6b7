#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/session.h"

namespace smelt::transform {

/// Two sets of rows with the same columns, in which rows may be there several times and order means nothing.
struct RowSets {
  std::vector<engine::ResultColumn> columns;
  std::vector<std::vector<engine::Cell>> expected, actual;
};

/// How they differ, as a table to read: "→" marks rows that have a value other than expected, "---" those that are
/// expected and not there, "+++" those that are there and not expected. Rows are set against those that they share
/// the most values with. Empty when both are the same.
std::string DescribeDifference(const RowSets& rows);

}  // namespace smelt::transform
