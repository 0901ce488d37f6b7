#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace smelt::quality {

/// One observation of a metric.
struct Observation {
  std::int64_t at_us = 0;  ///< since 1970-01-01
  double value = 0;
  double noise = 0;  ///< the standard deviation that chance alone gives the value, as far as it is known
  double size = 0;   ///< how many values it was worked out from; 0: not known
};

/// How a value was foretold.
enum class Forecast {
  kWeekday,      ///< the middle of the same weekdays, at the present level
  kHour,         ///< the middle of the same hours of the day
  kHourOfWeek,   ///< the middle of the same hours of the week
  kSeason,       ///< the middle of the same places in another season: months of the year
  kHoltWinters,  ///< triple exponential smoothing
  kTrend,        ///< the last value and the middle of the steps before
  kSmoothing,    ///< double exponential smoothing, without seasons
  kMedian,       ///< the middle of the recent values
};

/// "weekday", "hour", "hour of the week", "season", "Holt-Winters", "trend", "smoothing", "recent values".
std::string ForecastText(Forecast forecast);

/// What is thought of one observation, given the ones before it.
struct SeriesVerdict {
  bool judged = false;  ///< false: too little history before it
  bool anomalous = false;
  double expected = 0, low = 0, high = 0;
  double deviation = 0;  ///< from `expected`, in robust standard deviations of the forecast's errors
  Forecast forecast = Forecast::kMedian;
};

struct SeriesOptions {
  /// The chance that a value is called anomalous although nothing is wrong.
  double false_alarm = 0.001;
  /// Values are amounts that vary in proportion to their size, as counts and sums do: they are compared by their
  /// logarithms. Only for series without negative values.
  bool proportional = false;
  /// Values count things: chance alone makes them vary by their square root. Only with `proportional`.
  bool counts = false;
  /// Values are shares of `size` values each: chance makes them vary as it does the expected share.
  bool shares = false;
  std::optional<double> floor = {}, ceiling = {};  ///< values cannot lie beyond: 0 of counts, 0 and 1 of rates
};

/// How often observations come, as seasons need to know.
enum class Grain { kIrregular, kHour, kDay, kWeek, kMonth };

/// The grain that most of the distances between observations have.
Grain GrainOf(const std::vector<Observation>& series);

/// The fewest observations before one that is judged.
inline constexpr std::size_t kHistoryMin = 8;

/// Judges every observation by those before it alone. Several forecasts run side by side; the one whose errors were
/// smallest lately is used, and its errors' median absolute deviation is the yardstick. What was anomalous is replaced
/// by its forecast in the history, until it lasts for a season: then it is the new level. A value is called anomalous
/// when it is further off than chance allows and than all but the rarest of the errors before it. `series` is ordered
/// by time; values are finite.
std::vector<SeriesVerdict> JudgeSeries(const std::vector<Observation>& series, const SeriesOptions& options);

/// The population stability index of two distributions over the same categories: sum of (p - q) ln(p / q), each share
/// at least half a value's. 0 is the same; from about 0.2 on they are called different.
double PopulationStability(const std::vector<double>& counts_a, const std::vector<double>& counts_b);

/// x such that a standard normal value is greater with probability `tail` (0 < tail < 0.5).
double NormalQuantile(double tail);

}  // namespace smelt::quality
