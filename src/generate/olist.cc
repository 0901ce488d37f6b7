#include "generate/olist.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>
#include <thread>

#include "base/file.h"
#include "base/parallel.h"
#include "generate/internal/csv_file.h"
#include "generate/internal/market.h"
#include "generate/internal/tables.h"

namespace smelt::generate {
namespace {

constexpr double kScaleMin = 0.001, kScaleMax = 100;
constexpr int kExtraDaysMax = 3650;

Status CheckOptions(const OlistOptions& options) {
  if (!(options.scale >= kScaleMin && options.scale <= kScaleMax)) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("the scale {} is out of range", options.scale))
                    .Hint(fmt::format("give a scale from {} to {}", kScaleMin, kScaleMax)));
  }
  if (options.out_dir.empty()) {
    return Fail(Error(ErrorCode::kUsage, "no folder for the generated files").Hint("name one with --out"));
  }
  if (options.extra_days < 0 || options.first_extra_day < 1 ||
      options.first_extra_day + std::int64_t{options.extra_days} - 1 > kExtraDaysMax) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("{} extra days from day {} are out of range", options.extra_days,
                                                     options.first_extra_day))
                    .Hint(fmt::format("days count from 1 to {}", kExtraDaysMax)));
  }
  return {};
}

/// About how many rows the files will have. Of a day, its orders with the customer, an item, a payment and a review
/// each: most have no more, and the other rows are few.
std::int64_t RowsExpected(const Market& market, const OlistOptions& options) {
  constexpr double kBaseRows = 1'550'922;
  constexpr std::size_t kRowsPerOrder = 5;
  std::int64_t rows = options.base ? std::llround(kBaseRows * options.scale) : 0;
  for (std::size_t i = 1; i < market.batches.size(); ++i) {
    const bool wanted = static_cast<int>(i) >= options.first_extra_day;
    rows += wanted ? static_cast<std::int64_t>(market.batches[i].count * kRowsPerOrder) : 0;
  }
  return rows;
}

/// Runs the writers on all cores; the reports come in the order of the writers. After a failure no further
/// file is begun.
Result<std::vector<GeneratedFile>> RunWriters(const std::vector<TableWriter>& writers) {
  std::vector<std::optional<Result<GeneratedFile>>> results(writers.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < writers.size(); i = next++) {
      results[i] = writers[i]();
      if (!results[i]->has_value()) next = writers.size();
    }
  };
  {
    const std::size_t threads = std::clamp<std::size_t>(ProcessorCount(), 1, writers.size());
    std::vector<std::jthread> pool;
    for (std::size_t i = 1; i < threads; ++i) pool.emplace_back(work);
    work();
  }
  std::vector<GeneratedFile> files;
  for (auto& result : results) {
    if (result && !*result) return Fail(std::move(*result).error());
    if (result) files.push_back(std::move(**result));
  }
  return files;
}

}  // namespace

int OlistLastBaseDay() {
  return LastBaseDay();
}

Result<GenerateReport> GenerateOlist(const OlistOptions& options, std::stop_token stop, GenerateProgress progress) {
  SMELT_TRY(CheckOptions(options));
  SMELT_TRY(CreateFolders(options.out_dir));
  const int last_day = options.extra_days == 0 ? 0 : options.first_extra_day + options.extra_days - 1;
  SMELT_ASSIGN(const Market market, Market::Generate(options.seed, options.scale, last_day, stop));
  RowCounter rows(std::move(progress), RowsExpected(market, options));
  const TableContext context{market, options.seed, options.scale, options.out_dir, rows, stop};

  std::vector<TableWriter> writers;
  if (options.base) writers = BaseWriters(context);
  for (int day = options.first_extra_day; day <= last_day; ++day) {
    const std::string folder = DateText(LastBaseDay() + day) + "/";
    SMELT_TRY(CreateFolders(options.out_dir + "/" + folder));
    const std::vector<TableWriter> of_day = DayWriters(context, day, folder);
    writers.insert(writers.end(), of_day.begin(), of_day.end());
  }
  if (writers.empty()) return GenerateReport{};
  SMELT_ASSIGN(std::vector<GeneratedFile> files, RunWriters(writers));
  return GenerateReport{std::move(files)};
}

}  // namespace smelt::generate
