#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace smelt::chart {

/// Marks of an axis of numbers: multiples of a step of 1, 2 or 5 times a power of ten.
struct Ticks {
  std::vector<double> values = {};
  double step = 0;
  int decimals = 0;  ///< that the values need
};

/// Marks from at or below `low` to at or above `high`, about `count` of them and at most twice as many. Where the two
/// are equal, or no numbers, there is room made around them.
Ticks NiceTicks(double low, double high, int count);

/// Maps an interval of numbers to one of places; also backwards. An interval of no length maps to its middle.
class Scale {
 public:
  Scale(double low, double high, double from, double to) : low_(low), high_(high), from_(from), to_(to) {}
  double operator()(double value) const;

 private:
  double low_, high_, from_, to_;
};

/// A mark of an axis of time.
struct TimeTick {
  std::int64_t at_us = 0;  ///< since the epoch
  std::string label = {};  ///< "14:00", "3 Oct", "Oct 2017", "2017"
};

/// The starts of hours, days, weeks (Mondays), months, quarters or years from `from_us` to `to_us`, at most `count` of
/// them (at least 2). The first label of a year says which year it is.
std::vector<TimeTick> TimeTicks(std::int64_t from_us, std::int64_t to_us, int count);

/// Moves labels apart that would be nearer to each other than `gap`, as little as possible, keeping their order, within
/// `low` and `high`. Where there is no room for all, they stand as far apart as it allows.
std::vector<double> SpreadLabels(const std::vector<double>& wanted, double gap, double low, double high);

}  // namespace smelt::chart
