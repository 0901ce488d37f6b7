#include "serve/reports/report.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "serve/reports/internal/layout.h"
#include "serve/reports/internal/pivot.h"

namespace smelt::serve::reports {
namespace {

using engine::TypeKind;

Tile MakeTile(TileType type, const char* drawing) {
  Tile tile{.name = "t", .type = type};
  tile.title = "Sales";
  tile.file = "reports/daily.yml";
  tile.line = 7;
  tile.width = 6;
  tile.height = 4;
  tile.drawing = Json::parse(drawing);
  return tile;
}

TileRows Days() {
  return {.columns = {{"date", "DATE", TypeKind::kDate},
                      {"revenue", "DECIMAL(18,2)", TypeKind::kDecimal},
                      {"before", "DECIMAL(18,2)", TypeKind::kDecimal}},
          .rows = {{"2018-08-30", "1000.00", "800.00"}, {"2018-08-31", "1234.60", std::nullopt}}};
}

constexpr const char* kMoney = R"({"value": "revenue", "x": "date",
  "columns": {"revenue": {"format": "currency", "currency": "BRL", "decimals": 0, "good": "up"}}})";

TEST(ReportPictures, BigNumbersShowTheLastRowAgainstTheRowBefore) {
  const auto picture = MakePicture(MakeTile(TileType::kBigNumber, kMoney), Days());
  ASSERT_TRUE(picture);
  const auto& number = std::get<chart::BigNumber>(picture->chart);
  EXPECT_EQ(number.figure, "R$\u00A01,235");
  EXPECT_EQ(number.change, "+23.5%");
  EXPECT_EQ(number.against, "vs. 30 Aug 2018");
  EXPECT_EQ(number.verdict, chart::Verdict::kGood);
  EXPECT_EQ(number.history.size(), 2U);
}

TEST(ReportPictures, ComparisonsOfSharesAreInPoints) {
  const TileRows rows{.columns = {{"rate", "DOUBLE", TypeKind::kFloat}, {"before", "DOUBLE", TypeKind::kFloat}},
                      .rows = {{"0.92", "0.95"}}};
  const Tile tile = MakeTile(TileType::kBigNumber, R"({"value": "rate", "compare": "before",
    "columns": {"rate": {"format": "percent", "good": "up"}, "before": {"label": "last month"}}})");
  const auto picture = MakePicture(tile, rows);
  ASSERT_TRUE(picture);
  const auto& number = std::get<chart::BigNumber>(picture->chart);
  EXPECT_EQ(number.change, "-3.0 pp");
  EXPECT_EQ(number.against, "vs. last month");
  EXPECT_EQ(number.verdict, chart::Verdict::kBad);
}

TEST(ReportPictures, NoChangeIsToldAgainstNothing) {
  const ColumnView view{.style = ColumnStyle::kNumber};
  EXPECT_FALSE(ChangeOf(1, std::nullopt, view));
  EXPECT_FALSE(ChangeOf(1, 0, view));
  EXPECT_EQ(ChangeOf(1, 1, view)->direction, 0);
}

TEST(ReportPictures, LinesOverTimeAreInItsOrder) {
  TileRows rows = Days();
  std::ranges::reverse(rows.rows);
  const auto picture =
      MakePicture(MakeTile(TileType::kLine, R"({"x": "date", "y": ["revenue"], "previous": "before"})"), rows);
  ASSERT_TRUE(picture);
  const auto& line = std::get<chart::LineChart>(picture->chart);
  EXPECT_TRUE(std::ranges::is_sorted(line.at_us));
  EXPECT_EQ(line.lines[0].values.front(), 1000);
  EXPECT_EQ(line.previous->values.front(), 800);
  EXPECT_EQ(line.previous->values.back(), std::nullopt);
  EXPECT_EQ(picture->table.rows[0][0], "31 Aug 2018");
}

TEST(ReportPictures, StacksKeepTheLargestSeriesAndAddUpTheRest) {
  TileRows rows{.columns = {{"m", "VARCHAR", TypeKind::kText},
                            {"kind", "VARCHAR", TypeKind::kText},
                            {"n", "INTEGER", TypeKind::kInteger}}};
  for (int kind = 1; kind <= 12; ++kind) {
    rows.rows.push_back({"a", "kind " + std::to_string(kind), std::to_string(kind)});
  }
  const Json drawing = Json::object();
  const auto pivot = internal::PivotRows(rows, drawing, {.x = 0, .y = {2}, .series = 1, .adds_up = true});
  ASSERT_EQ(pivot.series.size(), 8U);
  EXPECT_EQ(pivot.series[0].name, "kind 6");
  EXPECT_EQ(pivot.series.back().name, "other (5)");
  EXPECT_EQ(pivot.series.back().values[0], 1 + 2 + 3 + 4 + 5);
}

TEST(ReportPictures, CohortsHaveTheirPeriodsInOrder) {
  const TileRows rows{.columns = {{"month", "DATE", TypeKind::kDate},
                                  {"later", "INTEGER", TypeKind::kInteger},
                                  {"rate", "DOUBLE", TypeKind::kFloat}},
                      .rows = {{"2018-01-01", "0", "1"}, {"2018-01-01", "10", "0.1"}, {"2018-02-01", "2", "0.2"}}};
  const chart::HeatMap map = internal::GridRows(rows, Json::object(), 1, 0, 2);
  EXPECT_EQ(map.columns, (std::vector<std::string>{"0", "2", "10"}));
  EXPECT_EQ(map.rows, (std::vector<std::string>{"Jan 2018", "Feb 2018"}));
  EXPECT_EQ(map.values[0][2], 0.1);
  EXPECT_EQ(map.values[1][1], 0.2);
}

TEST(ReportPictures, ColumnsThatAreNotThereAreNamedWithTheirPlace) {
  const auto picture = MakePicture(MakeTile(TileType::kLine, R"({"x": "date", "y": ["revenu"]})"), Days());
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().code(), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(picture.error().file(), "reports/daily.yml");
  EXPECT_EQ(picture.error().line(), 7);
  EXPECT_NE(picture.error().hint().find("'revenue'"), std::string::npos);
}

TEST(Commentary, FillsInFiguresAndLeavesOtherBraces) {
  const FindFigure find = [](std::string_view owner, std::string_view what) -> std::optional<std::string> {
    if (owner == "revenue" && what == "trend") return "up 12.3%";
    return std::nullopt;
  };
  EXPECT_EQ(*FillIn("Revenue is {revenue.trend}; {this} and {a b.c} stay {", find, "f", 1),
            "Revenue is up 12.3%; {this} and {a b.c} stay {");
  const auto missing = FillIn("{orders.trend}", find, "reports/daily.yml", 12);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().line(), 12);
}

TEST(Commentary, ReadsItsPartOfMarkdown) {
  const auto blocks =
      ReadMarkdown("# Head\nOne **two** *three*\nfour `x < y`\n\n- item [here](https://e.org/)\n- [no](javascript:x)");
  ASSERT_EQ(blocks.size(), 4U);
  EXPECT_EQ(blocks[0].kind, BlockKind::kHeading);
  EXPECT_EQ(blocks[1].spans[1], (Span{.text = "two", .bold = true}));
  EXPECT_EQ(blocks[1].spans[3], (Span{.text = "three", .italic = true}));
  EXPECT_EQ(blocks[1].spans[5], (Span{.text = "x < y", .code = true}));
  EXPECT_EQ(blocks[2].spans[1].link, "https://e.org/");
  EXPECT_EQ(blocks[3].spans[0], (Span{.text = "no"}));
}

TEST(ReportLayout, PutsTilesIntoRowsOfTwelveColumns) {
  const std::vector<ReportTile> tiles = {{.width = 6}, {.width = 6}, {.width = 8}, {.width = 6}};
  const auto rows = internal::PackRows(tiles);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].size(), 2U);
  EXPECT_EQ(rows[1].size(), 1U);
  EXPECT_DOUBLE_EQ(internal::TileWidth(6) * 2 + internal::kGutter, internal::kContentWidth);
}

TEST(ReportLayout, BreaksLinesBetweenWordsAndKeepsAmountsTogether) {
  const auto lines = internal::BreakLines({{.text = "Revenue was "}, {.text = "R$\u00A01,235", .bold = true}}, 70, 10);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1][0].text, "R$\u00A01,235");
}

Dashboard Definition() {
  Dashboard definition{.name = "daily"};
  definition.title = "Daily figures";
  definition.description = "On {day.to}.";
  definition.file = "reports/daily.yml";
  definition.filters = {{.name = "day", .url = "day", .type = FilterType::kDateRange, .label = "Day"}};
  Tile revenue = MakeTile(TileType::kBigNumber, kMoney);
  revenue.name = "revenue";
  revenue.title = "Revenue <of the day>";
  Tile text{.name = "text", .type = TileType::kText};
  text.text = "Revenue was **{revenue.revenue}**, {revenue.trend}.";
  text.width = 12;
  Tile table = MakeTile(TileType::kTable, R"({"page_size": 1})");
  table.name = "table";
  definition.pages = {{.name = "p", .title = "Sales", .tiles = {revenue, text, table}}};
  return definition;
}

Result<Report> Example() {
  Selection selection;
  selection.filters["day"].range = {.from = "2018-08-31", .to = "2018-08-31"};
  return MakeReport(Definition(), selection, {.project = "olist", .made_us = 1'535'760'000'000'000},
                    [](const Tile&, const Selection&) -> Result<ReportAnswer> {
                      return ReportAnswer{.rows = Days(),
                                          .tables = {{.table = "gold.daily_revenue",
                                                      .version = 12,
                                                      .committed_at_ms = 1'535'750'000'000,
                                                      .verdict = "passed"}},
                                          .sql = "select 1 < 2"};
                    });
}

TEST(Reports, TellFiguresPeriodAndSources) {
  const auto report = Example();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->period, "Day: 31 Aug 2018");
  EXPECT_EQ(report->description, "On 31 Aug 2018.");
  EXPECT_EQ(PlainText(report->pages[0].tiles[1].text), "Revenue was R$\u00A01,235, up 23.5%.");
  ASSERT_EQ(report->sources.size(), 1U);
  EXPECT_EQ(report->sources[0].version, 12);
}

TEST(Reports, AsHtmlNeedNothingFromElsewhere) {
  const std::string html = WriteHtml(*Example());
  EXPECT_NE(html.find("Revenue &lt;of the day&gt;"), std::string::npos);
  EXPECT_NE(html.find("select 1 &lt; 2"), std::string::npos);
  EXPECT_NE(html.find("1 more rows are left out"), std::string::npos);
  EXPECT_NE(html.find("gold.daily_revenue"), std::string::npos);
  EXPECT_NE(html.find("1 Sep 2018 00:00 UTC"), std::string::npos);
  for (const char* forbidden : {"<script", "src=", "@import", "url(", "<link"}) {
    EXPECT_EQ(html.find(forbidden), std::string::npos) << forbidden;
  }
}

TEST(Reports, AsPdfGoOnOverPagesAsLongAsTheirTables) {
  auto report = *Example();
  WrittenTable& table = report.pages[0].tiles[2].picture->table;
  report.pages[0].tiles[2].width = 12;
  const auto short_pdf = WritePdf(report);
  ASSERT_TRUE(short_pdf);
  EXPECT_NE(short_pdf->find("/Count 1 >>"), std::string::npos);
  table.rows.resize(120, table.rows.front());
  const auto long_pdf = WritePdf(report);
  ASSERT_TRUE(long_pdf);
  EXPECT_NE(long_pdf->find("/Type /Pages"), std::string::npos);
  EXPECT_NE(long_pdf->find("/Count 3 >>"), std::string::npos);
}

TEST(Reports, TellTheWorstVerdict) {
  EXPECT_EQ(WorstVerdict({{.verdict = "passed"}, {.verdict = "warned"}, {.verdict = "unknown"}}), "warned");
  EXPECT_EQ(WorstVerdict({}), "unknown");
}

}  // namespace
}  // namespace smelt::serve::reports
