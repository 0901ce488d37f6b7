#include "base/ascii.h"

#include <gtest/gtest.h>

namespace smelt {
namespace {

TEST(Ascii, OnlyTheLettersAToZBecomeLowerCase) {
  EXPECT_EQ(LowerAscii('A'), 'a');
  EXPECT_EQ(LowerAscii('Z'), 'z');
  EXPECT_EQ(LowerAscii("ORDER_ID 42 @[`{ z"), "order_id 42 @[`{ z") << "what stands beside the letters stays";
  EXPECT_EQ(LowerAscii(""), "");
}

TEST(Ascii, BytesAbove127Stay) {
  EXPECT_EQ(LowerAscii('\xc4'), '\xc4');
  EXPECT_EQ(LowerAscii("ÄRGER"), "Ärger");
  EXPECT_FALSE(EqualsIgnoringCase("Ä", "ä"));
}

TEST(Ascii, EqualTextsHaveTheSameLettersInAnyCase) {
  EXPECT_TRUE(EqualsIgnoringCase("Order_ID", "oRDER_id"));
  EXPECT_TRUE(EqualsIgnoringCase("", ""));
  EXPECT_FALSE(EqualsIgnoringCase("order", "orders")) << "a beginning is not the whole";
  EXPECT_FALSE(EqualsIgnoringCase("orders", "order"));
  EXPECT_FALSE(EqualsIgnoringCase("@", "`")) << "which lie as far apart as a letter's two cases";
}

}  // namespace
}  // namespace smelt
