#include "base/id.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace smelt {
namespace {

TEST(Id, UuidsAreVersionFourAndDistinct) {
  const std::regex shape("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = NewUuid();
    ASSERT_TRUE(std::regex_match(uuid, shape)) << uuid;
    ASSERT_TRUE(seen.insert(uuid).second) << uuid;
  }
}

TEST(Id, RunIdsCarryTheTime) {
  EXPECT_TRUE(std::regex_match(NewRunId(), std::regex("20[0-9]{6}T[0-9]{6}Z-[0-9a-f]{10}")));
  EXPECT_NE(NewRunId(), NewRunId());
}

TEST(Id, ContentHashIsXxh3) {
  // From the reference implementation: `printf '' | xxhsum -H2` and `printf abc | xxhsum -H2`.
  EXPECT_EQ(ContentHash(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(ContentHash("abc"), "06b05ab6733a618578af5f94892f3950");
  EXPECT_NE(ContentHash("abc"), ContentHash("abd"));
}

TEST(Id, ContentHasherTakesPieces) {
  ContentHasher hasher;
  EXPECT_EQ(hasher.Finish(), ContentHash(""));
  std::string all;
  for (int i = 0; i < 300; ++i) {
    const std::string piece(static_cast<std::size_t>(i), static_cast<char>(i));
    hasher.Update(piece);
    all += piece;
  }
  EXPECT_EQ(hasher.Finish(), ContentHash(all));
}

}  // namespace
}  // namespace smelt
