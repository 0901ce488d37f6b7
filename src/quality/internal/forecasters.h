#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "quality/series.h"

namespace smelt::quality {

/// Foretells the next value of a series from what it was told so far. Confined to a thread.
class Forecaster {
 public:
  explicit Forecaster(Forecast kind) : kind_(kind) {}
  virtual ~Forecaster() = default;
  Forecast kind() const { return kind_; }
  /// The value expected at `at_us`; nothing while too little is known.
  virtual std::optional<double> Next(std::int64_t at_us) const = 0;
  /// Tells the value that came.
  virtual void Tell(std::int64_t at_us, double value) = 0;

 private:
  Forecast kind_;
};

/// The forecasters that fit a grain. Each seasonal one needs three seasons before it says anything.
std::vector<std::unique_ptr<Forecaster>> ForecastersFor(Grain grain);

/// The observations of one season: 7 days, 24 hours, 12 months; 1 without seasons.
std::size_t SeasonLength(Grain grain);

/// The middle value, the mean of the two middle ones; 0 of none.
double Median(std::vector<double> values);

}  // namespace smelt::quality
