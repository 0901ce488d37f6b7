#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "generate/internal/description.h"
#include "generate/internal/table_plan.h"
#include "generate/report.h"

namespace smelt::generate {

/// What becomes of a file on its way to the folder where files arrive.
enum class Fate {
  kWhole,
  kRepeated,  ///< it comes once more, as "…_again.csv"
  kBroken,    ///< it comes without the name of its last column, and then whole, as "…_corrected.csv"
};

inline constexpr std::string_view kAgain = "_again", kCorrected = "_corrected";

/// The share of a table's rows that have dirt in them, as described; about, where several columns have.
double DirtOf(const DataTable& table);

/// How many files `rows` of a table and day are dealt out to.
std::size_t FilesFor(const DataSet& data, std::int64_t rows);

/// The column names of a file, with the line's end.
std::string HeaderOf(const DataTable& table);

/// "orders_2025-01-03_002.csv"
std::string DropName(const DataTable& table, std::int64_t day, std::size_t number);

/// "orders.csv" → "orders_again.csv"
std::string WithEnding(std::string_view name, std::string_view ending);

Fate FateOf(const Drops& drops, const PlanSettings& settings, std::string_view name);

/// Writes what else comes of a file that is there: `name`, which begins with `header` and has `bytes`.
/// Errors: kStoreFull, kStoreIo.
Result<std::vector<GeneratedFile>> Deliver(const std::string& folder, const std::string& name, std::string_view header,
                                           std::int64_t bytes, Fate fate);

}  // namespace smelt::generate
