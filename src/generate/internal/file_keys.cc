#include "generate/internal/file_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "generate/internal/day_counts.h"

namespace smelt::generate {
namespace {

/// Keys of a root in one part of a file: parts are made side by side and put together in order.
constexpr std::int64_t kPartKeys = 100'000;
/// Of rows that can change, few do on a day: what is guessed of them.
constexpr double kChangedShare = 0.001;

/// Collects stretches of rows of days, and closes a part when it has enough of them.
class DayParts {
 public:
  void Add(std::int64_t day, std::int64_t first, std::int64_t last) {
    if (last < first) return;
    stretches_.push_back(fmt::format("({}::BIGINT, {}::BIGINT, {}::BIGINT)", day, first, last));
    rows_ += last - first + 1;
    if (rows_ >= kPartKeys) Close();
  }

  /// At least one part: a file without rows has its header.
  std::vector<std::string> Take() {
    Close();
    if (queries_.empty()) queries_.emplace_back("select 0::BIGINT as \"root key\" where false");
    return std::move(queries_);
  }

 private:
  void Close() {
    if (stretches_.empty()) return;
    queries_.push_back(
        fmt::format("select day * 134217728 + unnest(range(first, last + 1)) as \"root key\" from (values {}) "
                    "days(day, first, last)",
                    fmt::join(stretches_, ", ")));
    stretches_.clear();
    rows_ = 0;
  }

  std::vector<std::string> stretches_, queries_;
  std::int64_t rows_ = 0;
};

}  // namespace

std::int64_t RowsOfPeriod(const DataTable& root, double scale) {
  return std::max<std::int64_t>(1, std::llround(root.rows * (root.scaled ? scale : 1.0)));
}

std::vector<std::string> KeyQueries(const DataSet& data, const DataTable& table, const DataTable& root,
                                    const PlanSettings& settings, FileSlice slice) {
  if (root.source == RowSource::kRows) {
    std::vector<std::string> queries;
    const std::int64_t rows = RowsAt(data, root, settings.scale, settings.day);
    for (std::int64_t row = 0; row < rows; row += kPartKeys) {
      queries.push_back(
          fmt::format("select range as \"root key\" from range({}, {})", row, std::min(row + kPartKeys, rows)));
    }
    return queries;
  }
  const std::vector<std::int64_t> counts = RowsPerDay(data, RowsOfPeriod(root, settings.scale), settings.day);
  const std::int64_t first = settings.drop ? settings.day - table.within_days : data.first_day;
  const auto number = static_cast<std::int64_t>(slice.number), of = static_cast<std::int64_t>(slice.count);
  DayParts parts;
  for (std::int64_t day = std::max(first, data.first_day); day <= settings.day; ++day) {
    const std::int64_t count = counts[static_cast<std::size_t>(day - data.first_day)];
    const std::int64_t begin = count * number / of + 1, end = count * (number + 1) / of;
    for (std::int64_t row = begin; row <= end; row += kPartKeys) {
      parts.Add(day, row, std::min(row + kPartKeys - 1, end));
    }
  }
  return parts.Take();
}

std::int64_t RowsExpected(const DataSet& data, const DataTable& table, const PlanSettings& settings) {
  const DataTable* root = &table;
  double per_key = 1;
  for (; root->source == RowSource::kEach; root = data.Find(root->parent)) per_key *= root->children_mean;
  if (root->source == RowSource::kRows) {
    const auto keys = static_cast<double>(RowsAt(data, *root, settings.scale, settings.day));
    return std::llround(keys * per_key * (settings.drop ? kChangedShare : 1));
  }
  const std::int64_t rows = RowsOfPeriod(*root, settings.scale);
  if (!settings.drop) return std::llround(static_cast<double>(rows) * per_key);
  return std::llround(static_cast<double>(RowsPerDay(data, rows, settings.day).back()) * per_key);
}

}  // namespace smelt::generate
