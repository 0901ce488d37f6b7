#include "base/json.h"

#include <gtest/gtest.h>

namespace smelt {
namespace {

TEST(ParseJson, KeepsKeyOrder) {
  EXPECT_EQ(JsonText(*ParseJson(R"({"z":1,"a":2})", "x")), R"({"z":1,"a":2})");
}

TEST(ParseJson, ErrorsCarryOriginLineAndColumn) {
  const auto broken = ParseJson("{\n  \"a\": tru\n}", "00000.json");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code(), ErrorCode::kConfigSyntax);
  EXPECT_EQ(broken.error().file(), "00000.json");
  EXPECT_EQ(broken.error().line(), 2);
  EXPECT_GE(broken.error().column(), 8);
}

TEST(ParseJson, ColumnsCountCharacters) {
  const auto broken = ParseJson("[\"\u00e9\u00e9\u00e9\" x]", "x");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().column(), 8);
}

TEST(ParseJson, RefusesTruncatedAndEmptyText) {
  EXPECT_FALSE(ParseJson("", "x"));
  EXPECT_FALSE(ParseJson("{\"a\":", "x"));
  EXPECT_FALSE(ParseJson("{} {}", "x"));
  EXPECT_FALSE(ParseJson("1e999999", "x"));
}

}  // namespace
}  // namespace smelt
