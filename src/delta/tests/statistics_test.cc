#include "delta/statistics.h"

#include <gtest/gtest.h>

#include <limits>

namespace smelt::delta {
namespace {

TEST(StatisticsTest, NestedColumnsSurviveARoundTrip) {
  const std::string text =
      R"({"numRecords":3,"minValues":{"a":{"b":{"c":-5}},"t":"2018-05-24T06:00:00.123Z"},)"
      R"("maxValues":{"a":{"b":{"c":7}},"t":"2018-05-25T06:00:00.123Z"},"nullCount":{"a":{"b":{"c":1}},"t":0}})";
  const FileStatistics statistics = ParseStatistics(text);
  EXPECT_EQ(statistics.rows, 3);
  EXPECT_TRUE(statistics.tight_bounds);
  ASSERT_EQ(statistics.columns.size(), 2u);
  const ColumnBounds& bounds = statistics.columns.at(
      "a\x1f"
      "b\x1f"
      "c");
  EXPECT_EQ(bounds.min, -5);
  EXPECT_EQ(bounds.max, 7);
  EXPECT_EQ(bounds.null_count, 1);
  EXPECT_EQ(StatisticsToString(statistics), text);
}

TEST(StatisticsTest, WideBoundsAreSaid) {
  EXPECT_FALSE(ParseStatistics(R"({"numRecords":1,"tightBounds":false})").tight_bounds);
  EXPECT_NE(StatisticsToString({.rows = 1, .columns = {}, .tight_bounds = false}).find(R"("tightBounds":false)"),
            std::string::npos);
}

TEST(StatisticsTest, DamagedTextGivesNothing) {
  for (const std::string_view text :
       {"", "{", "[]", "7", "null", R"({"numRecords":"3"})", R"({"numRecords":3} x)",
        R"({"numRecords":3,"minValues":{"a":1})", R"({"numRecords":3,"nullCount":{"a":"x"}})",
        R"({"numRecords":3,"minValues":{"a":1.2.3}})"}) {
    const FileStatistics statistics = ParseStatistics(text);
    EXPECT_FALSE(statistics.rows.has_value()) << text;
    EXPECT_TRUE(statistics.columns.empty()) << text;
  }
}

TEST(StatisticsTest, NullMembersAreAbsent) {
  const FileStatistics statistics =
      ParseStatistics(R"({"numRecords":2,"minValues":{"a":null,"b":true},"maxValues":null,"nullCount":{"a":2}})");
  EXPECT_TRUE(statistics.columns.at("a").null_count == 2);
  EXPECT_TRUE(statistics.columns.at("a").min.is_null());
  EXPECT_EQ(statistics.columns.at("b").min, true);
}

TEST(StatisticsTest, NumbersNeverChange) {
  const FileStatistics statistics = ParseStatistics(
      R"({"minValues":{"d":12345678901234567890.123456789,"e":0.1,"i":-9223372036854775808,"x":1.0E-5 },)"
      R"("maxValues":{"d":99999999999999999999999999999999999999,"e":123456789012345.67}})");
  EXPECT_EQ(statistics.columns.at("d").min, "12345678901234567890.123456789");
  EXPECT_EQ(statistics.columns.at("d").max, "99999999999999999999999999999999999999");
  EXPECT_EQ(statistics.columns.at("e").min, 0.1);
  EXPECT_EQ(statistics.columns.at("i").min, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(statistics.columns.at("x").min, 1.0e-5);
  EXPECT_EQ(statistics.columns.at("e").max, 123456789012345.67) << "17 digits that a double happens to hold";
  EXPECT_TRUE(NumberFromText("12a").is_null());
  EXPECT_TRUE(NumberFromText("").is_null());
}

TEST(StatisticsTest, InfinitiesAreLeftOut) {
  FileStatistics statistics;
  statistics.rows = 1;
  statistics.columns["a"] = {.min = 1.5, .max = std::numeric_limits<double>::infinity(), .null_count = 0};
  EXPECT_EQ(StatisticsToString(statistics),
            R"({"numRecords":1,"minValues":{"a":1.5},"maxValues":{},"nullCount":{"a":0}})");
}

TEST(StatisticsTest, OneColumnIsReadAsAllOfThemAre) {
  const std::string text =
      R"({"numRecords":3,"minValues":{"a":1,"b":null,"\u00e9":"x","d":{"a":5}},"maxValues":{"d":{"a":7},"a":12345678901234567890.123456789},)"
      R"("nullCount":{"a":2,"é":0},"tightBounds":false})";
  const FileStatistics all = ParseStatistics(text);
  for (const std::string column : {"a", "b", "é", "d", "e"}) {
    const ColumnStatistics one = ParseColumnStatistics(text, column);
    const auto found = all.columns.find(column);
    const ColumnBounds expected = found == all.columns.end() ? ColumnBounds() : found->second;
    EXPECT_EQ(one.bounds.min, expected.min) << column;
    EXPECT_EQ(one.bounds.max, expected.max) << column;
    EXPECT_EQ(one.bounds.null_count, expected.null_count) << column;
    EXPECT_FALSE(one.tight_bounds);
    const ColumnBounds bounds = ParseColumnStatistics(text, column, ColumnPart::kBounds).bounds;
    EXPECT_EQ(bounds.min, expected.min) << column;
    EXPECT_EQ(bounds.max, expected.max) << column;
  }
  EXPECT_EQ(ParseColumnStatistics(text, "é").bounds.min, "x");
  EXPECT_EQ(ParseColumnStatistics(text, "a").bounds.max, "12345678901234567890.123456789");
}

TEST(StatisticsTest, OfAColumnThatIsThereTwiceTheFirstCounts) {
  const std::string text =
      R"({"minValues":{"a":1,"\u0061":2},"minValues":{"a":3},"maxValues":{"\u0061":4,"a":5},"nullCount":{"a":0,"a":1}})";
  const FileStatistics all = ParseStatistics(text);
  const ColumnBounds one = ParseColumnStatistics(text, "a").bounds;
  for (const ColumnBounds& bounds : {all.columns.at("a"), one}) {
    EXPECT_EQ(bounds.min, 1);
    EXPECT_EQ(bounds.max, 4);
    EXPECT_EQ(bounds.null_count, 0);
  }
  EXPECT_EQ(ParseColumnStatistics(text, "a", ColumnPart::kBounds).bounds.max, 4);
}

TEST(StatisticsTest, OneColumnOfADamagedTextHasNoBounds) {
  for (const std::string_view text :
       {"", "{", "[]", R"({"minValues":{"a":1})", R"({"minValues":{"a":1}} x)", R"({"minValues":{"a":1.2.3}})",
        R"({"minValues":{"a":1},"nullCount":{"a":"x"}})", R"({"minValues":{"a":1},"maxValues":{"a":2)"}) {
    EXPECT_TRUE(ParseColumnStatistics(text, "a").bounds.min.is_null()) << text;
  }
}

TEST(StatisticsTest, RowCountStandsAlone) {
  EXPECT_EQ(RowCount(R"({"numRecords":42})"), 42);
  EXPECT_EQ(RowCount(R"( { "numRecords" : 42 , "minValues":{}})"), 42);
  EXPECT_EQ(RowCount(R"({"numRecords":4.5,"minValues":{}})"), std::nullopt);
  EXPECT_EQ(RowCount(R"({"numRecords":"3"})"), std::nullopt);
  EXPECT_EQ(RowCount(R"({"numRecords":7)"), std::nullopt);
  EXPECT_EQ(RowCount(R"({"minValues":{"a":1},"numRecords":42})"), 42);
  EXPECT_EQ(RowCount(R"({"minValues":{}})"), std::nullopt);
  EXPECT_EQ(RowCount(""), std::nullopt);
  EXPECT_EQ(RowCount("{"), std::nullopt);
}

TEST(StatisticsTest, TruncatedTextStillBounds) {
  const std::string text(40, 'b');
  EXPECT_EQ(TruncateMin("short"), "short");
  EXPECT_EQ(TruncateMax("short"), "short");
  EXPECT_EQ(TruncateMin(text), std::string(32, 'b'));
  EXPECT_EQ(TruncateMax(text), std::string(31, 'b') + 'c');
  EXPECT_EQ(TruncateMax(std::string(32, 'b')), std::string(32, 'b'));
}

TEST(StatisticsTest, TruncationCountsCharactersAndNeverSplitsOne) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "é";
  EXPECT_EQ(TruncateMin(text).size(), 64u);
  const std::string max = TruncateMax(text).value();
  EXPECT_EQ(max.size(), 64u);
  EXPECT_GT(max, text);
  EXPECT_EQ(max.substr(62), "ê");
}

TEST(StatisticsTest, TheLastCharacterHasNoSuccessor) {
  const std::string last = "\xF4\x8F\xBF\xBF";  // U+10FFFF
  std::string text = "a";
  for (int i = 0; i < 40; ++i) text += last;
  EXPECT_EQ(TruncateMax(text), "b");
  EXPECT_EQ(TruncateMax(text.substr(1)), std::nullopt);
  // U+D7FF is followed by the surrogates, which are no characters.
  EXPECT_EQ(TruncateMax(std::string(31, 'a') + "\xED\x9F\xBF" + "z"), std::string(31, 'a') + "\xEE\x80\x80");
  EXPECT_EQ(TruncateMax(std::string(31, 'a') + "\x7F" + "z"), std::string(31, 'a') + "\xC2\x80");
  EXPECT_EQ(TruncateMax(std::string(31, 'a') + "\xEF\xBF\xBF" + "z"), std::string(31, 'a') + "\xF0\x90\x80\x80");
}

}  // namespace
}  // namespace smelt::delta
