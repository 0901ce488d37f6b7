#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "generate/internal/random.h"

namespace smelt::generate {

/// A town, with the range of its postal code prefixes.
struct City {
  std::string_view name;   ///< lower case, with accents (UTF-8)
  std::string_view state;  ///< two letters
  int zip_first, zip_last;
  int latitude, longitude;  ///< hundredths of a degree
  int weight;               ///< relative number of customers
};

/// All towns, larger ones first within a state.
std::span<const City> Cities();

/// The name without its accents: "são paulo" → "sao paulo".
std::string WithoutAccents(std::string_view name);

/// A postal code prefix and where it lies.
struct Place {
  int zip = 0;
  std::uint16_t city = 0;  ///< index into Cities()
};

/// The postal code prefixes of the generated country, ascending. Immutable.
class Places {
 public:
  Places();

  std::span<const Place> all() const { return places_; }
  /// A prefix whose town is drawn by weight; the same draws give the same place.
  std::uint32_t Draw(Random& random) const;
  /// Likewise, where sellers live: mostly in the industrial south-east.
  std::uint32_t DrawSeller(Random& random) const;
  const City& city(std::uint32_t place) const { return Cities()[places_[place].city]; }

 private:
  std::uint32_t DrawIn(std::size_t city, Random& random) const;

  std::vector<Place> places_;
  std::vector<std::uint32_t> first_place_;  ///< per town, and one past the last
  std::vector<std::uint32_t> cumulative_;   ///< customers' weights
  std::vector<std::uint32_t> seller_cumulative_;
};

/// A rough road distance in kilometres.
int DistanceKm(const City& from, const City& to);

}  // namespace smelt::generate
