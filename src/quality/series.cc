#include "quality/series.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <memory>

#include "quality/internal/forecasters.h"

namespace smelt::quality {
namespace {

/// Scales the median absolute deviation of normal values to their standard deviation.
constexpr double kMadToSigma = 1.4826;
/// Errors that are kept to choose a forecast and to judge by, in seasons, and at least.
constexpr std::size_t kSeasonsOfErrors = 8;
constexpr std::size_t kErrorsMin = 40;

/// A forecast with its errors of late.
class Contender {
 public:
  Contender(std::unique_ptr<Forecaster> forecaster, std::size_t errors_max)
      : forecaster_(std::move(forecaster)), errors_max_(errors_max) {}

  std::optional<double> Next(std::int64_t at_us) const { return forecaster_->Next(at_us); }
  Forecast kind() const { return forecaster_->kind(); }
  const std::deque<double>& errors() const { return errors_; }

  /// The median of the absolute errors; nothing while there are too few.
  std::optional<double> Typical() const {
    if (errors_.size() < kTypicalMin) return std::nullopt;
    return Median({errors_.begin(), errors_.end()});
  }

  /// `value` is what the forecast is to go on with. It leaves an error behind when it is `ordinary`.
  void Tell(std::int64_t at_us, double value, bool ordinary) {
    if (const auto expected = Next(at_us); expected && ordinary) {
      errors_.push_back(std::abs(value - *expected));
      if (errors_.size() > errors_max_) errors_.pop_front();
    }
    forecaster_->Tell(at_us, value);
  }

 private:
  static constexpr std::size_t kTypicalMin = 4;
  std::unique_ptr<Forecaster> forecaster_;
  std::size_t errors_max_;
  std::deque<double> errors_;  ///< absolute
};

/// Goes through a series once, judging and learning.
class SeriesJudge {
 public:
  SeriesJudge(Grain grain, const SeriesOptions& options)
      : options_(options),
        season_(SeasonLength(grain)),
        limit_(NormalQuantile(std::clamp(options.false_alarm, 1e-12, 0.9) / 2)) {
    // An hour's errors differ by weekday, too.
    if (grain == Grain::kHour) history_min_ = 8 * season_;
    const std::size_t errors = std::max(kErrorsMin, (grain == Grain::kHour ? 2 : 1) * kSeasonsOfErrors * season_);
    for (auto& forecaster : ForecastersFor(grain)) contenders_.emplace_back(std::move(forecaster), errors);
  }

  SeriesVerdict Judge(const Observation& next) {
    SeriesVerdict judgement;
    const double value = ToScale(next.value);
    const Contender* best = told_ < history_min_ ? nullptr : Best(next.at_us);
    if (best != nullptr) judgement = JudgeBy(*best, next, value);
    const double expected = judgement.expected;
    for (double* const bound : {&judgement.expected, &judgement.low, &judgement.high}) {
      *bound = Within(FromScale(*bound));
    }
    judgement.anomalous = judgement.anomalous && (next.value < judgement.low || next.value > judgement.high);
    if (judgement.anomalous && Continues(judgement, value, expected)) {
      judgement.anomalous = false;
      shifted_ = true;
    }
    if (!judgement.anomalous) {
      noises_.push_back(next.noise * std::sqrt(std::max(next.size, 1.0)));
      if (noises_.size() > kNoises) noises_.pop_front();
    }
    Learn(next.at_us, value, judgement.anomalous, expected);
    return judgement;
  }

 private:
  /// The contender with the smallest errors. The earlier ones are easier to explain: a later one has to be clearly
  /// better.
  const Contender* Best(std::int64_t at_us) const {
    constexpr double kClearly = 0.9;
    const Contender* best = nullptr;
    double least = 0;
    for (const Contender& one : contenders_) {
      const auto typical = one.Typical();
      if (!typical || !one.Next(at_us)) continue;
      if (best != nullptr && *typical >= kClearly * least) continue;
      best = &one;
      least = *typical;
    }
    return best;
  }

  /// Whether a series that follows a trend goes on from the anomaly just before: it was said once that the level moved.
  bool Continues(const SeriesVerdict& judgement, double value, double expected) const {
    const bool follows = judgement.forecast == Forecast::kTrend || judgement.forecast == Forecast::kSmoothing;
    if (!follows || anomalous_in_a_row_ == 0) return false;
    const double reach = std::abs(ToScale(judgement.high) - ToScale(judgement.low)) / 2;
    return std::abs(value - expected - last_shift_) <= reach;
  }

  /// On the scale of the forecasts.
  SeriesVerdict JudgeBy(const Contender& contender, const Observation& next, double value) const {
    SeriesVerdict judgement{.judged = true, .forecast = contender.kind()};
    judgement.expected = *contender.Next(next.at_us);
    const std::deque<double>& errors = contender.errors();
    const auto count = static_cast<double>(errors.size());
    std::vector<double> sorted(errors.begin(), errors.end());
    std::ranges::sort(sorted, std::greater<>());
    // The largest twentieth, which an anomaly that passed may be among, does not widen the yardstick.
    constexpr double kLargest = 0.05;
    const auto dropped = static_cast<std::ptrdiff_t>(kLargest * count);
    double mean = 0;
    for (auto error = sorted.begin() + dropped; error != sorted.end(); ++error) {
      mean += *error / static_cast<double>(sorted.end() - sorted.begin() - dropped);
    }
    // Of normal errors the mean is 0.8 deviations, without the largest twentieth 0.72; where half of them are nothing,
    // the others still tell how far values stray. A yardstick from few errors is uncertain: it is taken longer, as
    // Student's distribution is wider.
    const double to_sigma = dropped > 0 ? 1.395 : 1.2533;
    const double few = 1 + 6 / count;
    const double spread = std::max(kMadToSigma * *contender.Typical(), to_sigma * mean) * few;
    const double noise = NoiseOf(next, judgement.expected);
    const double sigma = std::max({spread, noise, kRounding * std::abs(judgement.expected)});
    // Errors seen before are no news, however far they lie out, unless rare: one in a hundred, or a single one of a
    // month's.
    constexpr double kRare = 0.01;
    constexpr std::size_t kMonth = 30;
    const auto rank = std::max<std::size_t>(static_cast<std::size_t>(kRare * count), errors.size() >= kMonth ? 1 : 0);
    const double reach = std::max(limit_ * sigma, sorted[rank]);
    judgement.low = judgement.expected - reach;
    judgement.high = judgement.expected + reach;
    const double off = std::abs(value - judgement.expected);
    judgement.deviation = sigma > 0 ? off / sigma : off > 0 ? limit_ : 0;
    judgement.anomalous = off > reach * (1 + kRounding) + kRounding * std::abs(judgement.expected);
    return judgement;
  }

  double ToScale(double value) const { return options_.proportional ? std::log(std::max(value, 0.0) + 1) : value; }
  double FromScale(double value) const { return options_.proportional ? std::exp(value) - 1 : value; }

  /// What chance alone would do to an ordinary value, on the scale of the forecasts. What is odd does not tell how
  /// wide ordinary values stray.
  double NoiseOf(const Observation& next, double expected) const {
    if (options_.proportional) {
      const double value = std::max(FromScale(expected), 0.0);
      return options_.counts ? std::sqrt(value) / (value + 1) : 0;
    }
    if (options_.shares && next.size > 0) {
      const double share = std::clamp((expected * next.size + 1) / (next.size + 2), 0.0, 1.0);
      return std::sqrt(share * (1 - share) / next.size);
    }
    if (noises_.empty()) return next.noise;
    return Median({noises_.begin(), noises_.end()}) / std::sqrt(std::max(next.size, 1.0));
  }

  double Within(double value) const {
    if (options_.floor) value = std::max(value, *options_.floor);
    if (options_.ceiling) value = std::min(value, *options_.ceiling);
    return value;
  }

  void Learn(std::int64_t at_us, double value, bool anomalous, double expected) {
    ++told_;
    anomalous_in_a_row_ = anomalous ? anomalous_in_a_row_ + 1 : 0;
    last_shift_ = value - expected;
    // What lasts is the new normal.
    const std::size_t lasting = std::max<std::size_t>(5, season_);
    const bool replaced = anomalous && anomalous_in_a_row_ < lasting;
    for (Contender& one : contenders_) one.Tell(at_us, replaced ? expected : value, !anomalous && !shifted_);
    shifted_ = false;
  }

  static constexpr double kRounding = 1e-9;
  static constexpr std::size_t kNoises = 15;
  SeriesOptions options_;
  std::size_t season_;
  double limit_;
  std::vector<Contender> contenders_;
  std::deque<double> noises_;  ///< of single values, at the last ordinary observations
  std::size_t told_ = 0;
  std::size_t history_min_ = kHistoryMin;
  std::size_t anomalous_in_a_row_ = 0;
  double last_shift_ = 0;  ///< of the last value from what was expected
  bool shifted_ = false;   ///< the level of a trend moved with the last anomaly
};

}  // namespace

std::string ForecastText(Forecast forecast) {
  switch (forecast) {
    case Forecast::kWeekday: return "weekday";
    case Forecast::kHour: return "hour";
    case Forecast::kHourOfWeek: return "hour of the week";
    case Forecast::kSeason: return "season";
    case Forecast::kHoltWinters: return "Holt-Winters";
    case Forecast::kTrend: return "trend";
    case Forecast::kSmoothing: return "smoothing";
    case Forecast::kMedian: return "recent values";
  }
  return {};
}

Grain GrainOf(const std::vector<Observation>& series) {
  constexpr double kHours = 3'600e6;
  constexpr double kMostly = 0.7;
  struct Width {
    Grain grain;
    double low, high;  ///< hours
  };
  constexpr Width kWidths[] = {
      {Grain::kHour, 0.75, 1.25}, {Grain::kDay, 18, 30}, {Grain::kWeek, 150, 186}, {Grain::kMonth, 648, 768}};
  for (const Width& width : kWidths) {
    std::size_t fitting = 0;
    for (std::size_t i = 1; i < series.size(); ++i) {
      const double hours = static_cast<double>(series[i].at_us - series[i - 1].at_us) / kHours;
      if (hours >= width.low && hours <= width.high) ++fitting;
    }
    if (series.size() > 1 && static_cast<double>(fitting) >= kMostly * static_cast<double>(series.size() - 1)) {
      return width.grain;
    }
  }
  return Grain::kIrregular;
}

std::vector<SeriesVerdict> JudgeSeries(const std::vector<Observation>& series, const SeriesOptions& options) {
  SeriesJudge judge(GrainOf(series), options);
  std::vector<SeriesVerdict> judgements;
  judgements.reserve(series.size());
  for (const Observation& one : series) judgements.push_back(judge.Judge(one));
  return judgements;
}

double PopulationStability(const std::vector<double>& counts_a, const std::vector<double>& counts_b) {
  double total_a = 0;
  double total_b = 0;
  for (const double count : counts_a) total_a += count;
  for (const double count : counts_b) total_b += count;
  if (total_a <= 0 || total_b <= 0) return 0;
  constexpr double kHalf = 0.5;
  double index = 0;
  for (std::size_t i = 0; i < std::min(counts_a.size(), counts_b.size()); ++i) {
    const double p = std::max(counts_a[i], kHalf) / total_a;
    const double q = std::max(counts_b[i], kHalf) / total_b;
    index += (p - q) * std::log(p / q);
  }
  return index;
}

double NormalQuantile(double tail) {
  // Bisection over the complementary error function: exact to the last digits that matter, and rarely called.
  double low = 0;
  double high = 40;
  constexpr int kSteps = 80;
  for (int i = 0; i < kSteps; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::sqrt(2.0)) / 2 > tail ? low : high) = middle;
  }
  return low;
}

}  // namespace smelt::quality
