#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "generate/internal/csv_file.h"
#include "generate/internal/market.h"
#include "generate/olist.h"

namespace smelt::generate {

/// What a table writer needs. The market must outlive it; writers of different files run side by side.
struct TableContext {
  const Market& market;
  std::uint64_t seed;
  double scale;
  std::string out_dir;
  RowCounter& rows;
  std::stop_token stop;
};

/// One file to write.
using TableWriter = std::function<Result<GeneratedFile>()>;

/// The writers of the nine files of the base period, in the order of the data set's documentation.
std::vector<TableWriter> BaseWriters(const TableContext& context);

/// The writers of one daily drop into "<out_dir>/<folder>/"; `day` counts from 1.
std::vector<TableWriter> DayWriters(const TableContext& context, int day, const std::string& folder);

}  // namespace smelt::generate
