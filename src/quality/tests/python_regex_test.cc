#include "quality/internal/python_regex.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

namespace smelt::quality {
namespace {

bool Finds(const std::string& pattern, const std::string& text) {
  const auto translated = Re2Pattern(pattern);
  EXPECT_TRUE(translated) << pattern << translated.error().ToString();
  const re2::RE2 compiled(translated.value_or(""));
  EXPECT_TRUE(compiled.ok()) << pattern << " became " << translated.value_or("");
  return re2::RE2::PartialMatch(text, compiled);
}

TEST(PythonRegexTest, FindsWhatPythonFinds) {
  EXPECT_TRUE(Finds(R"(^\w+$)", "naïve_1"));
  EXPECT_TRUE(Finds(R"(^\d$)", "٣")) << "a digit of another script";
  EXPECT_FALSE(Finds(R"(^\D$)", "٣"));
  EXPECT_TRUE(Finds(R"(^[\d\s]+$)", "1 \u00a02"));
  EXPECT_TRUE(Finds("^a$", "a\n")) << "$ also matches before a last line break";
  EXPECT_FALSE(Finds(R"(^a\Z)", "a\n"));
  EXPECT_FALSE(Finds("^a$", "a\nb"));
  EXPECT_TRUE(Finds("(?m)^a$", "a\nb"));
  EXPECT_TRUE(Finds("^a{,2}$", "aa"));
  EXPECT_FALSE(Finds("^a{,2}$", "aaa"));
  EXPECT_TRUE(Finds("^[]a]+$", "a]"));
  EXPECT_TRUE(Finds("[$]", "5 $"));
  EXPECT_TRUE(Finds(R"(^é$)", "é"));
  EXPECT_TRUE(Finds("(?i)br", "BR"));
  EXPECT_TRUE(Finds("(?P<x>a)(?#a note)b", "ab"));
}

TEST(PythonRegexTest, RefusesWhatTakesMoreThanLinearTime) {
  for (const char* pattern :
       {"(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", R"((a)\1)", "(?P<x>a)(?P=x)", "(a)(?(1)b|c)", "(?x) a", "a\\"}) {
    const auto translated = Re2Pattern(pattern);
    ASSERT_FALSE(translated) << pattern;
    EXPECT_EQ(translated.error().code(), ErrorCode::kQualityNotApplicable);
  }
}

}  // namespace
}  // namespace smelt::quality
