#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "generate/internal/description.h"
#include "generate/internal/table_plan.h"

namespace smelt::generate {

/// One of the files that a table's rows of a day are dealt out to.
struct FileSlice {
  std::size_t number = 0;  ///< from 0
  std::size_t count = 1;
};

/// The rows of a daily table in the period, at a scale.
std::int64_t RowsOfPeriod(const DataTable& root, double scale);

/// Queries for the keys of the root's rows that a file of `table` is made of, each giving a part of the file.
/// `table` is `root` or below it.
std::vector<std::string> KeyQueries(const DataSet& data, const DataTable& table, const DataTable& root,
                                    const PlanSettings& settings, FileSlice slice);

/// About how many rows `table` has in the files of a day, or of the base period.
std::int64_t RowsExpected(const DataSet& data, const DataTable& table, const PlanSettings& settings);

}  // namespace smelt::generate
