#include "engine/internal/maintenance/key_ranges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace smelt::engine {
namespace {

using Texts = std::vector<std::string>;

/// What RangeOf is to answer, by comparing the key with every start.
std::size_t Counted(const Texts& starts, const std::string& key) {
  return static_cast<std::size_t>(
      std::ranges::count_if(starts, [&](const std::string& start) { return start <= key; }));
}

TEST(KeyRanges, AKeyIsInTheRangeThatBeginsLastBeforeIt) {
  const KeyRanges ranges({"b", "d"});
  EXPECT_EQ(ranges.count(), 3U);
  EXPECT_EQ(ranges.RangeOf(""), 0U);
  EXPECT_EQ(ranges.RangeOf("a"), 0U);
  EXPECT_EQ(ranges.RangeOf("b"), 1U);
  EXPECT_EQ(ranges.RangeOf("c"), 1U);
  EXPECT_EQ(ranges.RangeOf("e"), 2U);
  EXPECT_EQ(KeyRanges({}).RangeOf("a"), 0U);
}

TEST(KeyRanges, KeysThatBeginAlikeAreToldApart) {
  const std::string alike(40, 'x');
  const std::string zero("a\0", 2);
  const Texts starts = {"a", zero, "b", alike, alike + "1", alike + "2", alike + "2\xFF"};
  const KeyRanges ranges(starts);
  for (const std::string& key : Texts{"a", zero, zero + zero, "b", alike, alike + "0", alike + "1", alike + "15",
                                      alike + "2", alike + "2\xFE", alike + "3", std::string(16, 'x'), "y"}) {
    EXPECT_EQ(ranges.RangeOf(key), Counted(starts, key)) << key;
  }
}

TEST(KeyRanges, AnyKeysAreComparedByAllOfTheirBytes) {
  std::mt19937 random(7);
  const auto text = [&] {
    std::string bytes(random() % 20, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 2 == 0 ? 0 : random() % 256);
    return bytes;
  };
  for (int round = 0; round < 50; ++round) {
    Texts starts;
    for (int i = 0; i < 40; ++i) starts.push_back(text());
    std::ranges::sort(starts);
    const auto repeated = std::ranges::unique(starts);
    starts.erase(repeated.begin(), repeated.end());
    const KeyRanges ranges(starts);
    for (int i = 0; i < 200; ++i) {
      const std::string key = text();
      ASSERT_EQ(ranges.RangeOf(key), Counted(starts, key)) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace smelt::engine
