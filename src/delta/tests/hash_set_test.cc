#include "delta/internal/hash_set.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_set>

namespace smelt::delta {
namespace {

TEST(HashSetTest, TellsWhatIsNew) {
  std::mt19937_64 random(7);
  std::unordered_set<std::uint64_t> expected;
  HashSet set;
  for (int i = 0; i < 20'000; ++i) {
    // Few values, so that many come again; multiples of a power of two, so that they crowd.
    const std::uint64_t hash = random() % 8'000 << 12;
    ASSERT_EQ(set.Insert(hash), expected.insert(hash).second) << hash;
  }
}

TEST(HashSetTest, TheHashThatMarksAFreePlaceIsAHash) {
  HashSet set;
  EXPECT_TRUE(set.Insert(0));
  EXPECT_FALSE(set.Insert(0));
}

}  // namespace
}  // namespace smelt::delta
