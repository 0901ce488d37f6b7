#include <gtest/gtest.h>

#include "transform/warnings.h"

namespace smelt::transform {
namespace {

WarningFate FateIn(const char* options, std::string_view name, bool is_deprecation = false) {
  const auto rules = ReadWarningRules(Json::parse(options));
  EXPECT_TRUE(rules) << options;
  return rules ? rules->FateOf(name, is_deprecation) : WarningFate::kTell;
}

TEST(WarningRules, NamesCountMoreThanAll) {
  EXPECT_EQ(FateIn("{}", "A"), WarningFate::kTell);
  EXPECT_EQ(FateIn(R"({"error": "all"})", "A"), WarningFate::kFail);
  EXPECT_EQ(FateIn(R"({"include": "*", "exclude": ["A"]})", "A"), WarningFate::kTell);
  EXPECT_EQ(FateIn(R"({"error": "*", "silence": ["A"]})", "A"), WarningFate::kSilence);
  EXPECT_EQ(FateIn(R"({"error": ["A", "B"], "warn": ["B"]})", "A"), WarningFate::kFail);
  EXPECT_EQ(FateIn(R"({"error": ["A", "B"], "warn": ["B"]})", "B"), WarningFate::kTell);
}

TEST(WarningRules, DeprecationsHaveANameForAll) {
  EXPECT_EQ(FateIn(R"({"error": "all", "silence": ["Deprecations"]})", "A", true), WarningFate::kSilence);
  EXPECT_EQ(FateIn(R"({"error": "all", "silence": ["Deprecations"]})", "A"), WarningFate::kFail);
  EXPECT_EQ(FateIn(R"({"error": ["A"], "silence": ["Deprecations"]})", "A", true), WarningFate::kFail);
}

TEST(WarningRules, RefuseWhatTheyDoNotKnow) {
  for (const char* wrong : {R"({"errors": "all"})", R"({"error": "some"})", R"({"warn": [1]})"}) {
    EXPECT_FALSE(ReadWarningRules(Json::parse(wrong))) << wrong;
  }
}

}  // namespace
}  // namespace smelt::transform
