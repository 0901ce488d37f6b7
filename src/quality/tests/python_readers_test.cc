// What Python's `strptime` and `json.loads` read; the answers are those of Python 3.11.
#include <gtest/gtest.h>

#include "quality/internal/python_json.h"
#include "quality/internal/time_format.h"

namespace smelt::quality {
namespace {

bool Reads(std::string_view format, std::string_view text) {
  const auto compiled = TimeFormat::Compile(format);
  EXPECT_TRUE(compiled) << format << ": " << compiled.error().ToString();
  return compiled && (*compiled)->Reads(text);
}

TEST(TimeFormatTest, ReadsWhatPythonReads) {
  EXPECT_TRUE(Reads("%Y-%m-%d", "2024-02-29"));
  EXPECT_TRUE(Reads("%Y-%m-%d", "2024-2-9"));
  EXPECT_TRUE(Reads("%Y-%m-%d", "٢٠٢٤-01-01"));
  EXPECT_TRUE(Reads("%Y-%m-%dT%H:%M:%S%z", "2024-01-01T00:00:00Z"));
  EXPECT_TRUE(Reads("%Y-%m-%dT%H:%M:%S%z", "2024-01-01T00:00:00-03:30"));
  EXPECT_TRUE(Reads("%Y-%m-%dT%H:%M:%S.%f%z", "2024-01-01T00:00:00.5+0200"));
  EXPECT_TRUE(Reads("%d %B %Y", "1 MARCH 2024"));
  EXPECT_TRUE(Reads("%d  %b %Y", "31 dec 1999"));
  EXPECT_TRUE(Reads("%I:%M %p", "11:59 pm"));
  EXPECT_TRUE(Reads("%c", "Mon Jan  1 10:00:00 2024"));
  EXPECT_TRUE(Reads("100%% %Y", "100% 2024"));
  EXPECT_TRUE(Reads("(%Y.)", "(2024.)"));
  EXPECT_TRUE(Reads("%d/%m/%y", "29/02/68"));
}

TEST(TimeFormatTest, ReadsNothingElse) {
  for (const char* text : {" 2024-01-01", "2024-01-01 ", "2024-01-01\n", "2024-02-30", "2023-02-29", "0000-01-01",
                           "24-01-01", "2024-13-01", "2024-00-01", "2024-01-01x", "", "soon"}) {
    EXPECT_FALSE(Reads("%Y-%m-%d", text)) << text;
  }
  EXPECT_FALSE(Reads("%Y", "99"));
  EXPECT_FALSE(Reads("%b", "Feb "));
  EXPECT_FALSE(Reads("%H:%M:%S", "23:59:60")) << "a leap second is no second of a datetime";
  EXPECT_FALSE(Reads("%H", "24"));
  EXPECT_FALSE(Reads("%m-%d", "02-29")) << "of 1900";
  EXPECT_FALSE(Reads("%z", "z"));
  EXPECT_FALSE(Reads("%Y.%m", "2024x01"));
}

TEST(TimeFormatTest, RefusesCodesThatPythonDoesNotHave) {
  for (const char* format : {"%F", "%T", "%Q", "%s", "%Y %Y", "%"}) {
    const auto compiled = TimeFormat::Compile(format);
    ASSERT_FALSE(compiled) << format;
    EXPECT_EQ(compiled.error().code(), ErrorCode::kQualityNotApplicable);
  }
}

TEST(PythonJsonTest, ReadsWhatPythonReads) {
  for (const char* text :
       {"{}", "[1, 2]", " null\n", "\"é😀\"", "NaN", "[-Infinity, Infinity]", R"("\ud800")", R"({"a": 1e400})",
        R"(["\\NaN", "e5"])", "1e5", "12345678901234567890123", R"("\ud83d\ude00")"}) {
    EXPECT_TRUE(IsPythonJson(text)) << text;
  }
  for (const char* text : {R"({"a":1,})", "[1,2,]", "nan", "inf", "-inf", "'a'", "", "{", "NaNNaN", "1e", "[1 2]", "+1",
                           "01", R"("\ud8")", R"("\udxyz")", "// no\n1", "true false", "\"\t\""}) {
    EXPECT_FALSE(IsPythonJson(text)) << text;
  }
}

}  // namespace
}  // namespace smelt::quality
