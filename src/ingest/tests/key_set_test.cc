#include "ingest/internal/key_set.h"

#include <gtest/gtest.h>

#include <string>

namespace smelt::ingest {
namespace {

bool Insert(KeySet& keys, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) keys.Part(part);
  return keys.Insert();
}

TEST(KeySet, TellsNewFromKnown) {
  KeySet keys;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 50'000; ++i) EXPECT_EQ(Insert(keys, {std::to_string(i), "suffix"}), round == 0) << i;
  }
}

TEST(KeySet, PartsDoNotRunTogether) {
  KeySet keys;
  EXPECT_TRUE(Insert(keys, {"ab", "c"}));
  EXPECT_TRUE(Insert(keys, {"a", "bc"}));
  EXPECT_TRUE(Insert(keys, {"abc", ""}));
  EXPECT_TRUE(Insert(keys, {"", "abc"}));
  EXPECT_TRUE(Insert(keys, {"abc"}));
  EXPECT_TRUE(Insert(keys, {std::string_view("abc\0", 4)}));
  EXPECT_TRUE(Insert(keys, {}));
  EXPECT_FALSE(Insert(keys, {"ab", "c"}));
}

TEST(KeySet, ForgetsWhenCleared) {
  KeySet keys;
  EXPECT_TRUE(Insert(keys, {"a"}));
  keys.Clear();
  EXPECT_TRUE(Insert(keys, {"a"}));
}

}  // namespace
}  // namespace smelt::ingest
