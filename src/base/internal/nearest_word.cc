#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/config.h"

namespace smelt {
namespace {

/// Nobody mistypes a longer word; the distance of two takes time by the product of their lengths.
constexpr std::size_t kWordBytesMax = 200;

char Fold(char c) {
  return c == '-' ? '_' : LowerAscii(c);
}

/// The Damerau-Levenshtein distance (optimal string alignment) of two words, ignoring case and taking '-' for '_'.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  // Three rows of the table are alive: transpositions look two rows back.
  std::array<std::vector<std::size_t>, 3> rows;
  rows.fill(std::vector<std::size_t>(b.size() + 1));
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& two_above = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = Fold(a[i - 1]) == Fold(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && Fold(a[i - 1]) == Fold(b[j - 2]) && Fold(a[i - 2]) == Fold(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string NearestWord(std::string_view word, const std::vector<std::string_view>& known) {
  if (word.size() > kWordBytesMax) return "";
  // A third of the letters may differ; the shortest words may differ in one.
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::string_view nearest;
  for (const auto candidate : known) {
    if (candidate.size() > kWordBytesMax) continue;
    const std::size_t distance = EditDistance(word, candidate);
    if (distance < best && distance < candidate.size()) {
      best = distance;
      nearest = candidate;
    }
  }
  return std::string(nearest);
}

}  // namespace smelt
