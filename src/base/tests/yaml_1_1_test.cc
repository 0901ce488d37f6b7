#include "base/yaml_1_1.h"

#include <gtest/gtest.h>

namespace smelt {
namespace {

Json Read(const std::string& text) {
  auto node = ParseYaml11(text, "test.yml");
  EXPECT_TRUE(node) << node.error().ToString();
  return node ? node->ToJson() : Json("unreadable");
}

// What PyYAML's safe_load makes of the same texts; y and n are texts there, against the letter of YAML 1.1.
TEST(Yaml1_1, PlainScalarsAreThoseOfPyYaml) {
  EXPECT_EQ(Read("[yes, No, on, OFF, true, FALSE]"), Json::array({true, false, true, false, true, false}));
  EXPECT_EQ(Read("[y, n, oN, 'yes', \"off\"]"), Json::array({"y", "n", "oN", "yes", "off"}));
  EXPECT_EQ(Read("[010, 0x1F, -0b101, 1_000, +3, 0]"), Json::array({8, 31, -5, 1000, 3, 0}));
  EXPECT_EQ(Read("[08, 0o10, 1e3, 1.5e3, _1, 0x]"), Json::array({"08", "0o10", "1e3", "1.5e3", "_1", "0x"}));
  EXPECT_EQ(Read("[1:30, 1:30:05.5, -1:30]"), Json::array({90, 5405.5, -90}));
  EXPECT_EQ(Read("[01:30, 1:60, 1:5:x]"), Json::array({"01:30", "1:60", "1:5:x"}));
  EXPECT_EQ(Read("[1.5e+3, 1., .5, -2.5, 1_0.5]"), Json::array({1500.0, 1.0, 0.5, -2.5, 10.5}));
  EXPECT_EQ(Read("[., 2024-01-31, 1.2.3, '', ~]"), Json::array({".", "2024-01-31", "1.2.3", "", nullptr}));
}

TEST(Yaml1_1, OfEqualKeysTheLastOneCounts) {
  std::vector<Error> duplicates;
  auto node = ParseYaml11("a: 1\nb: {c: 2, c: 3}\na: [x]\n", "f.yml", &duplicates);
  ASSERT_TRUE(node) << node.error().ToString();
  EXPECT_EQ(JsonText(node->ToJson()), R"({"a":["x"],"b":{"c":3}})");
  ASSERT_EQ(duplicates.size(), 2u);
  EXPECT_EQ(duplicates[0].message(), "the key 'c' stands twice in this map, on lines 2 and 2");
  EXPECT_EQ(duplicates[1].line(), 3);
  EXPECT_TRUE(ParseYaml11("a: 1\na: 2\n", "f.yml"));
}

TEST(Yaml1_1, TypedAccessFollowsIt) {
  auto node = ParseYaml11("enabled: yes\nname: no\nquoted: 'no'\n", "test.yml");
  ASSERT_TRUE(node);
  EXPECT_EQ(*node->Find("enabled")->AsBool(), true);
  EXPECT_EQ(*node->Find("name")->AsString(), "no");
  EXPECT_TRUE(IsPlainScalar(*node->Find("name")));
  EXPECT_FALSE(IsPlainScalar(*node->Find("quoted")));
  EXPECT_FALSE(IsPlainScalar(*node));
  EXPECT_EQ(ParseYaml11("a: [", "test.yml").error().code(), ErrorCode::kConfigSyntax);
}

}  // namespace
}  // namespace smelt
