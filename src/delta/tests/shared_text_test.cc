#include "delta/shared_text.h"

#include <gtest/gtest.h>

#include <vector>

namespace smelt::delta {
namespace {

TEST(SharedTextTest, OwnsATextThatItIsGiven) {
  std::string given(100, 'x');
  SharedText text = given;
  given.clear();
  const SharedText copy = text;
  EXPECT_EQ(copy, std::string(100, 'x'));
  EXPECT_EQ(text, copy);
  text = "other";
  EXPECT_EQ(text, "other");
  EXPECT_FALSE(text == copy);
  const SharedText moved = std::move(text);
  EXPECT_EQ(moved, "other");
  EXPECT_TRUE(SharedText(std::string()).empty());
}

TEST(SharedTextTest, KeepsTheMemoryThatItShares) {
  auto memory = std::make_shared<std::string>("one two");
  const std::weak_ptr<std::string> watched = memory;
  std::vector<SharedText> texts = {SharedText(memory, std::string_view(*memory).substr(0, 3)),
                                   SharedText(memory, std::string_view(*memory).substr(4))};
  memory.reset();
  EXPECT_EQ(texts[0], "one");
  EXPECT_EQ(texts[1], "two");
  texts[0].clear();
  EXPECT_TRUE(texts[0].empty());
  EXPECT_EQ(texts[1], "two");
  EXPECT_FALSE(watched.expired());
  texts.clear();
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace smelt::delta
