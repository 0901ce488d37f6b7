#include "app/internal/terminal/table_view.h"

#include <gtest/gtest.h>

#include <sstream>

#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

TableContent Revenue() {
  TableContent table;
  table.columns = {{"month"}, {"orders", true}, {"revenue", true}, {"comment"}};
  table.rows = {{"2018-01", "7269", "1115004.18", "a good month"},
                {"2018-02", "28", std::nullopt, "café com 日本語\nand more"}};
  table.rows_total = 2;
  return table;
}

int WidestLine(const std::string& text) {
  std::istringstream lines(text);
  int widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, DisplayWidth(line));
  return widest;
}

TEST(RenderTable, DrawsBoxesWithNumbersAtTheRight) {
  EXPECT_EQ(RenderTable(Revenue(), 0), R"(┌─────────┬────────┬────────────┬───────────────────────────┐
│ month   │ orders │    revenue │ comment                   │
├─────────┼────────┼────────────┼───────────────────────────┤
│ 2018-01 │   7269 │ 1115004.18 │ a good month              │
│ 2018-02 │     28 │       NULL │ café com 日本語\nand more │
└─────────┴────────┴────────────┴───────────────────────────┘
2 rows
)");
}

TEST(RenderTable, ShortensTheWidestTextInTheMiddle) {
  EXPECT_EQ(RenderTable(Revenue(), 50, {.unicode = false}), R"(+---------+--------+------------+----------------+
| month   | orders |    revenue | comment        |
+---------+--------+------------+----------------+
| 2018-01 |   7269 | 1115004.18 | a good month   |
| 2018-02 |     28 |       NULL | café co~d more |
+---------+--------+------------+----------------+
2 rows
)");
}

TEST(RenderTable, SaysHowManyRowsAreLeftOut) {
  TableContent table = Revenue();
  table.rows_total = 12'345;
  EXPECT_TRUE(RenderTable(table, 80).ends_with("12,345 rows, 12,343 left out\n"));
  table.rows.pop_back();
  table.rows_total = 1;
  EXPECT_TRUE(RenderTable(table, 80).ends_with("\n1 row\n"));
}

TEST(RenderTable, LeavesOutMiddleColumnsWhenNothingElseHelps) {
  TableContent table;
  table.rows.emplace_back();
  for (int i = 0; i < 20; ++i) {
    table.columns.push_back({"column_" + std::to_string(i), true});
    table.rows[0].emplace_back("1234567");
  }
  const std::string text = RenderTable(table, 60);
  EXPECT_EQ(text, R"(┌──────────┬──────────┬───┬───────────┬───────────┐
│ column_0 │ column_1 │ … │ column_18 │ column_19 │
├──────────┼──────────┼───┼───────────┼───────────┤
│  1234567 │  1234567 │ … │   1234567 │   1234567 │
└──────────┴──────────┴───┴───────────┴───────────┘
1 row; 20 columns, 16 left out
)");
}

TEST(RenderTable, FitsAnyWidthThatCanHoldIt) {
  TableContent table = Revenue();
  table.rows.push_back({std::string(5'000'000, 'x'), "1", "2", std::string(300, 'y')});
  for (int width = 30; width <= 120; ++width) EXPECT_LE(WidestLine(RenderTable(table, width)), width) << width;
}

TEST(RenderTable, AnEmptyResultStillHasItsColumns) {
  TableContent table;
  table.columns = {{"a"}, {"b", true}};
  EXPECT_EQ(RenderTable(table, 80), "┌───┬───┐\n│ a │ b │\n├───┼───┤\n└───┴───┘\n0 rows\n");
  EXPECT_EQ(RenderTable({}, 80), "0 rows\n");
}

TEST(RenderTable, ColourTouchesNoWidths) {
  const std::string plain = RenderTable(Revenue(), 70);
  const std::string painted = RenderTable(Revenue(), 70, {.color = true});
  EXPECT_NE(plain, painted);
  EXPECT_EQ(WidestLine(plain), WidestLine(painted));
}

}  // namespace
}  // namespace smelt::app
