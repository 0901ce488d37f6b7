#include "quality/internal/forecasters.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <numeric>

namespace smelt::quality {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kDayUs = 24 * kHourUs;
constexpr std::int64_t kDaysOfWeek = 7;
constexpr std::int64_t kHoursOfDay = 24;
constexpr std::size_t kSeasonsMin = 3;

std::int64_t FloorDivide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

/// Which of the alike moments one is: its weekday, its hour, its hour of the week, its month.
std::int64_t PlaceOf(Forecast kind, std::int64_t at_us) {
  // Half an hour earlier or later is the same hour to a job that runs once in it.
  const std::int64_t hour = FloorDivide(at_us, kHourUs);
  const std::int64_t day = FloorDivide(at_us, kDayUs);
  switch (kind) {
    case Forecast::kHour: return ((hour % kHoursOfDay) + kHoursOfDay) % kHoursOfDay;
    case Forecast::kHourOfWeek: {
      constexpr std::int64_t kHoursOfWeek = kHoursOfDay * kDaysOfWeek;
      return ((hour % kHoursOfWeek) + kHoursOfWeek) % kHoursOfWeek;
    }
    case Forecast::kSeason: {
      // Months have unequal lengths; a twelfth of the mean year tells them apart when they begin on the first.
      constexpr double kDaysOfMonth = 365.2425 / 12;
      return std::llround(static_cast<double>(day) / kDaysOfMonth) % 12;
    }
    default: return ((day % kDaysOfWeek) + kDaysOfWeek) % kDaysOfWeek;
  }
}

/// The last values, up to a number.
class Window {
 public:
  explicit Window(std::size_t values_max) : values_max_(values_max) {}
  void Add(double value) {
    values_.push_back(value);
    if (values_.size() > values_max_) values_.pop_front();
  }
  std::size_t size() const { return values_.size(); }
  /// The mean without the sixth part at either end, one value at least: nearly as steady as the mean, and blind to
  /// single values that lie out. Of up to three values the median.
  double Middle() const {
    std::vector<double> sorted(values_.begin(), values_.end());
    if (sorted.size() < 4) return Median(std::move(sorted));
    std::ranges::sort(sorted);
    const auto end = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, sorted.size() / 6));
    const double sum = std::accumulate(sorted.begin() + end, sorted.end() - end, 0.0);
    return sum / static_cast<double>(std::ssize(sorted) - 2 * end);
  }

 private:
  std::size_t values_max_;
  std::deque<double> values_;
};

/// The middle of what the same places of former seasons were, apart from the level of their time, on top of the level
/// of now. Levels are the middle of the last two seasons.
class SeasonalMedian : public Forecaster {
 public:
  SeasonalMedian(Forecast kind, std::size_t season) : Forecaster(kind), season_(season), level_(2 * season) {}

  std::optional<double> Next(std::int64_t at_us) const override {
    const auto place = places_.find(PlaceOf(kind(), at_us));
    if (told_ < kSeasonsMin * season_ || place == places_.end() || place->second.size() < 2) return std::nullopt;
    return level_.Middle() + place->second.Middle();
  }

  void Tell(std::int64_t at_us, double value) override {
    ++told_;
    level_.Add(value);
    if (told_ < season_) return;
    const auto [place, is_new] = places_.try_emplace(PlaceOf(kind(), at_us), kSeasonsKept);
    place->second.Add(value - level_.Middle());
  }

 private:
  static constexpr std::size_t kSeasonsKept = 8;
  std::size_t season_;
  std::size_t told_ = 0;
  Window level_;
  std::map<std::int64_t, Window> places_;
};

/// Additive exponential smoothing of level, trend and season (Holt, Winters), for one choice of the weights.
class Smoothing {
 public:
  Smoothing(double alpha, double beta, double gamma, std::size_t season)
      : alpha_(alpha), beta_(beta), gamma_(gamma), season_(season) {}

  std::optional<double> Next() const {
    if (!begun_) return std::nullopt;
    return level_ + trend_ + (season_ > 1 ? seasons_[at_ % season_] : 0);
  }

  void Tell(double value) {
    if (!begun_) return Begin(value);
    if (const auto expected = Next()) error_ = kErrorKept * error_ + (1 - kErrorKept) * std::abs(value - *expected);
    double* const season = season_ > 1 ? &seasons_[at_ % season_] : nullptr;
    const double before = level_;
    level_ = alpha_ * (value - (season ? *season : 0)) + (1 - alpha_) * (level_ + trend_);
    trend_ = beta_ * (level_ - before) + (1 - beta_) * trend_;
    if (season) *season = gamma_ * (value - level_) + (1 - gamma_) * *season;
    ++at_;
  }

  /// The mean of the last absolute errors, the newest weighing most.
  double error() const { return error_; }

 private:
  /// The first two seasons make the first level, trend and season.
  void Begin(double value) {
    first_.push_back(value);
    const std::size_t needed = season_ > 1 ? 2 * season_ : 4;
    if (first_.size() < needed) return;
    const std::size_t half = needed / 2;
    double means[2] = {0, 0};
    for (std::size_t i = 0; i < needed; ++i) means[i / half] += first_[i] / static_cast<double>(half);
    trend_ = (means[1] - means[0]) / static_cast<double>(half);
    level_ = means[1] + trend_ * (static_cast<double>(half) - 1) / 2;
    if (season_ > 1) {
      seasons_.resize(season_);
      for (std::size_t i = 0; i < season_; ++i) {
        const double offset = trend_ * (static_cast<double>(i) - (static_cast<double>(half) - 1) / 2);
        seasons_[i] = ((first_[i] - means[0] - offset) + (first_[i + season_] - means[1] - offset)) / 2;
      }
    }
    at_ = needed;
    begun_ = true;
    first_.clear();
  }

  static constexpr double kErrorKept = 0.95;
  double alpha_, beta_, gamma_;
  std::size_t season_;
  bool begun_ = false;
  std::vector<double> first_;
  double level_ = 0, trend_ = 0, error_ = 0;
  std::vector<double> seasons_;
  std::size_t at_ = 0;
};

/// The choice of weights that did best so far.
class HoltWinters : public Forecaster {
 public:
  HoltWinters(Forecast kind, std::size_t season) : Forecaster(kind), season_(season) {
    constexpr std::array<double, 3> kAlphas = {0.1, 0.3, 0.6};
    constexpr std::array<double, 2> kBetas = {0.01, 0.1};
    constexpr std::array<double, 2> kGammas = {0.1, 0.3};
    for (const double alpha : kAlphas) {
      for (const double beta : kBetas) {
        for (const double gamma : kGammas) {
          if (season > 1 || gamma == kGammas[0]) choices_.emplace_back(alpha, beta, gamma, season);
        }
      }
    }
  }

  std::optional<double> Next(std::int64_t) const override {
    if (told_ < std::max(kSeasonsMin * season_, kHistoryMin)) return std::nullopt;
    return std::ranges::min_element(choices_, {}, &Smoothing::error)->Next();
  }

  void Tell(std::int64_t, double value) override {
    ++told_;
    for (Smoothing& choice : choices_) choice.Tell(value);
  }

 private:
  std::size_t season_;
  std::size_t told_ = 0;
  std::vector<Smoothing> choices_;
};

class RecentMedian : public Forecaster {
 public:
  RecentMedian() : Forecaster(Forecast::kMedian), window_(kValues) {}
  std::optional<double> Next(std::int64_t) const override {
    return window_.size() < 4 ? std::nullopt : std::optional(window_.Middle());
  }
  void Tell(std::int64_t, double value) override { window_.Add(value); }

 private:
  static constexpr std::size_t kValues = 15;
  Window window_;
};

/// The last value and the median of the last steps: for what grows step by step.
class Drift : public Forecaster {
 public:
  Drift() : Forecaster(Forecast::kTrend), steps_(kSteps) {}
  std::optional<double> Next(std::int64_t) const override {
    return steps_.size() < 4 ? std::nullopt : std::optional(*last_ + steps_.Middle());
  }
  void Tell(std::int64_t, double value) override {
    if (last_) steps_.Add(value - *last_);
    last_ = value;
  }

 private:
  static constexpr std::size_t kSteps = 15;
  Window steps_;
  std::optional<double> last_;
};

}  // namespace

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::size_t SeasonLength(Grain grain) {
  switch (grain) {
    case Grain::kHour: return kHoursOfDay;
    case Grain::kDay: return kDaysOfWeek;
    case Grain::kMonth: return 12;
    case Grain::kWeek:
    case Grain::kIrregular: return 1;
  }
  return 1;
}

std::vector<std::unique_ptr<Forecaster>> ForecastersFor(Grain grain) {
  std::vector<std::unique_ptr<Forecaster>> forecasters;
  const std::size_t season = SeasonLength(grain);
  if (grain == Grain::kDay) forecasters.push_back(std::make_unique<SeasonalMedian>(Forecast::kWeekday, season));
  if (grain == Grain::kHour) {
    forecasters.push_back(std::make_unique<SeasonalMedian>(Forecast::kHourOfWeek, season * kDaysOfWeek));
    forecasters.push_back(std::make_unique<SeasonalMedian>(Forecast::kHour, season));
  }
  if (grain == Grain::kMonth) forecasters.push_back(std::make_unique<SeasonalMedian>(Forecast::kSeason, season));
  // Hours repeat by the week: smoothing by the day would stumble over every weekend.
  const std::size_t cycle = grain == Grain::kHour ? season * kDaysOfWeek : season;
  if (season > 1) forecasters.push_back(std::make_unique<HoltWinters>(Forecast::kHoltWinters, cycle));
  forecasters.push_back(std::make_unique<RecentMedian>());
  forecasters.push_back(std::make_unique<Drift>());
  forecasters.push_back(std::make_unique<HoltWinters>(Forecast::kSmoothing, 1));
  return forecasters;
}

}  // namespace smelt::quality
