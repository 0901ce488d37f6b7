#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace smelt::generate {

struct GeneratedFile {
  std::string name;       ///< relative to the folder written to, e.g. "2018-10-18/olist_orders_dataset.csv"
  std::int64_t rows = 0;  ///< without the header
  std::int64_t bytes = 0;
};

struct GenerateReport {
  std::vector<GeneratedFile> files;  ///< the base files in the order of the data set's documentation, then the drops
  std::int64_t rows() const;
  std::int64_t bytes() const;
};

/// Hears from several threads, one at a time, how many rows have been written, and of about how many.
using GenerateProgress = std::function<void(std::int64_t rows_done, std::int64_t rows_total)>;

}  // namespace smelt::generate
