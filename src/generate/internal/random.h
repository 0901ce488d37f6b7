#pragma once

#include <cstdint>
#include <string_view>

namespace smelt::generate {

/// What a random stream is for. Streams of different purposes are independent, so that adding a column to one table
/// leaves the others as they are. Never renumber: the bytes of every seed depend on it.
enum class Stream : std::uint64_t {
  kOrderTraits = 1,
  kOrderTimes = 2,
  kItems = 3,
  kPayments = 4,
  kReviews = 5,
  kProducts = 6,
  kSellers = 7,
  kHomes = 8,
  kMoves = 9,
  kGeolocation = 10,
  kProductChanges = 11,
  kSellerChanges = 12,
  kIds = 13,
};

/// Scrambles 64 bits; a bijection, so distinct inputs stay distinct.
std::uint64_t Scramble(std::uint64_t bits);

/// 64 random bits that belong to a name.
std::uint64_t NamedDraw(std::uint64_t seed, std::string_view name);

/// A small generator (a counter of odd increment, scrambled) with integer arithmetic only, so that a seed gives the
/// same bytes whatever the machine, compiler or mathematical library. Confined to one thread.
class Random {
 public:
  /// The stream of one purpose and, where values must not depend on their neighbours, of one object's index.
  Random(std::uint64_t seed, Stream stream, std::uint64_t index = 0);

  std::uint64_t Next();
  /// Uniform in [0, bound); bound > 0.
  std::uint32_t Below(std::uint32_t bound);
  /// Uniform in [low, high].
  std::int64_t Between(std::int64_t low, std::int64_t high);
  /// True `per_mille` times of a thousand.
  bool Chance(std::uint32_t per_mille) { return Below(1000) < per_mille; }
  /// In [0, bound), smaller values more often: the density falls like that of a uniform number to the power of `power`.
  std::uint32_t Skewed(std::uint32_t bound, int power);
  /// A log-normal number around `median`; `sigma_percent` is the standard deviation of its natural logarithm × 100.
  std::int64_t LogNormal(std::int64_t median, int sigma_percent);

 private:
  std::uint64_t state_;
};

/// Marks exactly `wanted` of `total` candidates, each with the same chance, as they pass one by one.
class Quota {
 public:
  Quota(std::int64_t wanted, std::int64_t total) : wanted_(wanted < total ? wanted : total), left_(total) {}
  bool Take(Random& random);

 private:
  std::int64_t wanted_, left_;
};

/// Visits 0 … count-1 once each, in an order without pattern.
class Scatter {
 public:
  /// Different `variant`s give different orders.
  Scatter(std::uint64_t count, std::uint64_t variant);
  std::uint64_t operator()(std::uint64_t i) const { return (i * stride_ + offset_) % count_; }

 private:
  std::uint64_t count_, stride_, offset_;
};

/// round(count × scale), half away from zero.
std::int64_t Scaled(std::int64_t count, double scale);

}  // namespace smelt::generate
