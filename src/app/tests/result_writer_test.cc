#include "app/internal/result_writer.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/json.h"

namespace smelt::app {
namespace {

using engine::Cell;
using engine::ResultColumn;
using engine::ResultKind;
using engine::TypeKind;

std::vector<ResultColumn> Columns() {
  return {{"name", "VARCHAR", TypeKind::kText},
          {"amount", "DECIMAL(20,2)", TypeKind::kDecimal},
          {"share", "DOUBLE", TypeKind::kFloat},
          {"at", "TIMESTAMP", TypeKind::kTimestamp},
          {"items", "DOUBLE[]", TypeKind::kNested}};
}

std::string Write(OutputFormat format, const std::vector<ResultColumn>& columns,
                  const std::vector<std::vector<Cell>>& rows, std::int64_t rows_max = 10) {
  std::ostringstream out;
  const auto writer = MakeResultWriter(format, out, 0, rows_max, {.unicode = false});
  EXPECT_TRUE(writer->Columns(columns, ResultKind::kRows));
  EXPECT_TRUE(writer->Rows(rows));
  EXPECT_TRUE(writer->Finish());
  return out.str();
}

std::string WriteText(OutputFormat format, const Cell& text) {
  return Write(format, {{"t", "VARCHAR", TypeKind::kText}}, {{text}});
}

TEST(Csv, QuotesWhatNeedsIt) {
  EXPECT_EQ(WriteText(OutputFormat::kCsv, "plain"), "t\nplain\n");
  EXPECT_EQ(WriteText(OutputFormat::kCsv, "a,b"), "t\n\"a,b\"\n");
  EXPECT_EQ(WriteText(OutputFormat::kCsv, "say \"x\""), "t\n\"say \"\"x\"\"\"\n");
  EXPECT_EQ(WriteText(OutputFormat::kCsv, "two\nlines"), "t\n\"two\nlines\"\n");
  EXPECT_EQ(WriteText(OutputFormat::kCsv, "cr\r"), "t\n\"cr\r\"\n");
}

TEST(Csv, TellsNullFromTheEmptyText) {
  EXPECT_EQ(WriteText(OutputFormat::kCsv, ""), "t\n\"\"\n");
  EXPECT_EQ(Write(OutputFormat::kCsv, Columns(), {{std::nullopt, "1.10", std::nullopt, std::nullopt, std::nullopt}}),
            "name,amount,share,at,items\n,1.10,,,\n");
}

TEST(Json, KeepsDigitsAndEscapesTexts) {
  const std::string text = Write(OutputFormat::kNdjson, Columns(),
                                 {{"a\"b\n", "123456789012345678.90", "0.1", "2018-10-17 12:00:00", "[1.5,null]"}});
  EXPECT_EQ(text,
            "{\"name\":\"a\\\"b\\n\",\"amount\":123456789012345678.90,\"share\":0.1,\"at\":\"2018-10-17 12:00:00\","
            "\"items\":[1.5,null]}\n");
}

TEST(Json, HasNoWordsForNanAndInfinity) {
  for (const char* number : {"nan", "inf", "-inf"}) {
    EXPECT_EQ(Write(OutputFormat::kNdjson, {{"x", "DOUBLE", TypeKind::kFloat}}, {{number}}), "{\"x\":null}\n");
  }
  const std::string text = Write(OutputFormat::kNdjson, {{"x", "STRUCT", TypeKind::kNested}},
                                 {{R"({"a":NaN,"b":[-Infinity,Infinity],"NaN":"Infinity \" NaN"})"}});
  EXPECT_EQ(text, "{\"x\":{\"a\":null,\"b\":[null,null],\"NaN\":\"Infinity \\\" NaN\"}}\n");
  EXPECT_TRUE(Json::accept(text));
}

TEST(Json, AnEmptyResultIsAnEmptyArray) {
  EXPECT_EQ(Write(OutputFormat::kJson, Columns(), {}), "[]\n");
  EXPECT_EQ(Write(OutputFormat::kNdjson, Columns(), {}), "");
}

TEST(Json, SeveralRowsAreOneArray) {
  const std::string text =
      Write(OutputFormat::kJson, {{"x", "INTEGER", TypeKind::kInteger}}, {{"1"}, {std::nullopt}, {"3"}});
  EXPECT_EQ(Json::parse(text), Json::parse(R"([{"x":1},{"x":null},{"x":3}])"));
}

TEST(Table, ShowsTheFirstRowsAndCountsAll) {
  const std::string text =
      Write(OutputFormat::kTable, {{"x", "INTEGER", TypeKind::kInteger}}, {{"1"}, {"2"}, {"3"}}, 2);
  EXPECT_EQ(text, "+---+\n| x |\n+---+\n| 1 |\n| 2 |\n+---+\n3 rows, 1 left out\n");
}

TEST(Table, ShowsAPlanAsItIsDrawn) {
  const std::string text =
      Write(OutputFormat::kTable,
            {{"explain_key", "VARCHAR", TypeKind::kText}, {"explain_value", "VARCHAR", TypeKind::kText}},
            {{"physical_plan", "┌──────┐\n│ SCAN │\n\n└──────┘\n"}});
  EXPECT_EQ(text, "┌──────┐\n│ SCAN │\n\n└──────┘\n");
}

TEST(Table, SaysHowManyRowsAStatementChanged) {
  for (const auto& [count, expected] : {std::pair{"1", "1 row changed\n"}, std::pair{"20", "20 rows changed\n"}}) {
    std::ostringstream out;
    const auto writer = MakeResultWriter(OutputFormat::kTable, out, 0, 10);
    ASSERT_TRUE(writer->Columns({{"Count", "BIGINT", TypeKind::kInteger}}, ResultKind::kChangedRows));
    ASSERT_TRUE(writer->Rows({{count}}));
    ASSERT_TRUE(writer->Finish());
    EXPECT_EQ(out.str(), expected);
  }
}

TEST(Writers, StopWhenTheStreamTakesNoMore) {
  for (const OutputFormat format : {OutputFormat::kCsv, OutputFormat::kJson, OutputFormat::kNdjson}) {
    std::ostringstream out;
    const auto writer = MakeResultWriter(format, out, 0, 10);
    ASSERT_TRUE(writer->Columns(Columns(), ResultKind::kRows));
    out.setstate(std::ios::badbit);
    EXPECT_FALSE(writer->Rows({{"a", "1", "1", "x", "[]"}}));
  }
}

}  // namespace
}  // namespace smelt::app
