#include "generate/internal/geolocation.h"

#include <algorithm>
#include <string>
#include <vector>

#include "generate/internal/random.h"

namespace smelt::generate {
namespace {

constexpr std::int64_t kRows = 1'000'163, kDistinctRows = 738'332;

/// The rows of each place: `ends[p]` is one past the last row of place p.
std::vector<std::int64_t> RowEnds(const Places& places, std::int64_t rows) {
  std::vector<std::int64_t> prefixes_of_city(Cities().size(), 0);
  for (const Place& place : places.all()) ++prefixes_of_city[place.city];
  const auto weight = [&](const Place& place) {
    return std::int64_t{Cities()[place.city].weight} * 1000 / prefixes_of_city[place.city];
  };
  std::int64_t total = 0, passed = 0;
  for (const Place& place : places.all()) total += weight(place);
  std::vector<std::int64_t> ends;
  for (const Place& place : places.all()) {
    passed += weight(place);
    ends.push_back(rows * passed / total);
  }
  return ends;
}

/// Writes the point number `content`, which lies in `place`.
void WritePoint(const Places& places, const std::vector<std::string>& plain_names, std::uint64_t seed,
                std::uint64_t content, std::uint32_t place, CsvFile& file) {
  constexpr std::int64_t kHundredth = 1'000'000'000'000;
  constexpr std::uint64_t kSpread = 8 * kHundredth;
  Random random(seed, Stream::kGeolocation, content);
  const City& city = places.city(place);
  const auto offset = [&] {
    return static_cast<std::int64_t>(random.Next() % (2 * kSpread)) - static_cast<std::int64_t>(kSpread);
  };
  const std::int64_t latitude = city.latitude * kHundredth + offset();
  const std::int64_t longitude = city.longitude * kHundredth + offset();
  file.ZipPrefix(places.all()[place].zip).Degrees(latitude).Degrees(longitude);
  if (random.Chance(200)) {
    file.Text(city.name);
  } else {
    file.Text(plain_names[places.all()[place].city]);
  }
  file.Text(city.state).EndRow();
}

}  // namespace

Result<GeneratedFile> WriteGeolocation(const Places& places, std::uint64_t seed, double scale, CsvFile& file) {
  file.Header(
      {"geolocation_zip_code_prefix", "geolocation_lat", "geolocation_lng", "geolocation_city", "geolocation_state"});
  std::vector<std::string> plain_names;
  for (const City& city : Cities()) plain_names.push_back(WithoutAccents(city.name));

  const std::int64_t rows = Scaled(kRows, scale), distinct = Scaled(kDistinctRows, scale);
  const std::vector<std::int64_t> ends = RowEnds(places, rows);
  std::int64_t begin = 0;
  for (std::uint32_t place = 0; place < ends.size() && file.ok(); ++place) {
    const Scatter scatter(static_cast<std::uint64_t>(ends[place] - begin), 8);
    for (std::int64_t i = 0; begin + i < ends[place]; ++i) {
      const std::int64_t row = begin + static_cast<std::int64_t>(scatter(static_cast<std::uint64_t>(i)));
      // Rows share a point with a neighbour where this quotient stands still; the point lies where the first of them
      // does.
      const std::int64_t content = row * distinct / rows;
      const std::int64_t first_row = (content * rows + distinct - 1) / distinct;
      const auto home = first_row >= begin
                            ? place
                            : static_cast<std::uint32_t>(std::ranges::upper_bound(ends, first_row) - ends.begin());
      WritePoint(places, plain_names, seed, static_cast<std::uint64_t>(content), home, file);
    }
    begin = ends[place];
  }
  return file.Finish();
}

}  // namespace smelt::generate
