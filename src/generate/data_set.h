#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "generate/report.h"

namespace smelt::generate {

/// What to generate of a described data set. The bytes of every file depend on the description, `scale`, `seed`, `dirt`
/// and the day only: not on the number of threads or extra days, not on what was generated before.
struct DataSetOptions {
  std::string built_in = {};     ///< the name of a data set that is part of the program; or
  std::string description = {};  ///< the path of a description of one's own
  double scale = 1.0;            ///< row counts relative to the description's; 0.001 to 1000
  std::uint64_t seed = 1;
  double rate = 0;        ///< rows a day of the first daily table; 0: as `scale` says
  double dirt = 1.0;      ///< what the shares of bad values and rows are multiplied by, 0 to 100; 0: all is clean
  double bad_share = -1;  ///< instead of `dirt`: the share of rows of each table with dirt in them, 0 to 1; -1: unset
  std::string out_dir = {};  ///< created when it is missing; existing files of the same names are replaced
  bool base = true;          ///< write the files of the base period
  int first_extra_day = 1;   ///< the first daily drop to write; day 1 is the day after the base period
  int extra_days = 0;        ///< how many daily drops to write, at most 3650 days after the base period
  int threads = 0;           ///< 0: one per core
};

/// Writes a CSV file for each table of a description, and daily drops under "<out_dir>/<YYYY-MM-DD>/" that continue
/// them; of a description with `drops`, many files "<table>_<YYYY-MM-DD>_<NNN>.csv". Each file appears under its name
/// only when it is complete. Memory does not grow with the number of rows. Errors: kUsage (an option out of range),
/// kConfigSyntax, kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid (the description, with file and line),
/// kStoreNotFound, kStoreDenied, kStoreFull, kStoreIo, kSql…, kCancelled.
Result<GenerateReport> GenerateDataSet(const DataSetOptions& options, std::stop_token stop = {},
                                       GenerateProgress progress = {});

}  // namespace smelt::generate
