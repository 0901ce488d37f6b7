#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "generate/report.h"

namespace smelt::generate {

/// What to generate. The bytes of every file depend on `scale`, `seed` and the day only: not on the machine, not on
/// the number of extra days, not on what was generated before.
struct OlistOptions {
  double scale = 1.0;  ///< row counts relative to the public data set; 0.001 to 100
  std::uint64_t seed = 1;
  std::string out_dir = {};  ///< created when it is missing; existing files of the same names are replaced
  bool base = true;          ///< write the nine files of the base period
  int first_extra_day = 1;   ///< the first daily drop to write; day 1 is the day after the base period
  int extra_days = 0;        ///< how many daily drops to write, at most 3650 days after the base period
};

/// The last purchase day of the base period, in days since 1970-01-01 (2018-10-17).
int OlistLastBaseDay();

/// Writes an Olist-shaped data set: nine CSV files with the names, headers and row counts of the public one, and daily
/// drops under "<out_dir>/<YYYY-MM-DD>/" that continue it. Each file appears under its name only when it is complete.
/// A drop holds the day's orders with their items, payments, customers and reviews, and changed rows of a few existing
/// products and sellers.
/// Errors: kUsage (an option out of range), kStoreDenied, kStoreFull, kStoreIo, kCancelled.
Result<GenerateReport> GenerateOlist(const OlistOptions& options, std::stop_token stop = {},
                                     GenerateProgress progress = {});

}  // namespace smelt::generate
