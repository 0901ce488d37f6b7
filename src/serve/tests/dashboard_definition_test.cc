#include "serve/dashboards/definition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/id.h"
#include "serve/dashboards/internal/definition_keys.h"

namespace smelt::serve {
namespace {

namespace fs = std::filesystem;

class DashboardDefinitionTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / ("smelt-dashboards-" + NewUuid())).string();
    fs::create_directories(folder_ + "/templates");
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) const {
    const std::string path = folder_ + "/" + name;
    EXPECT_TRUE(WriteWholeFile(path, text));
    return path;
  }
  /// The complaint about a dashboard with this one tile, which begins in line 6.
  std::string ComplaintAbout(const std::string& tile) const {
    const std::string path = Write("one.yml", R"(title: Sales
filters:
  - {name: state, type: select, options: [SP, RJ], multiple: true}
  - {name: period, type: date_range, default: last_3_months}
pages: [{name: first, tiles: [
)" + tile + "\n]}]\n");
    const auto read = ReadDashboards(path);
    return read ? "" : read.error().ToString();
  }
  static void ExpectIn(const std::string& text, std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }

  std::string folder_;
};

TEST_F(DashboardDefinitionTest, ATileHasTheSizeOfItsTypeAndIsDrawnByItsEncodings) {
  const std::string path = Write("sales.yml", R"(
title: How do we sell?
owner: Sales
tags: [daily]
fresh_for: 26h
grains: [day, month]
filters:
  - {name: state, type: select, options: [SP, {value: RJ, label: Rio}]}
pages:
  - name: first
    tiles:
      - name: by_day
        type: line
        title: Sales by day
        sql: |
          select {{ grain('date') }} as day, sum(revenue) as revenue
          from gold.daily_revenue where {{ filter('state', 'state') }} group by 1
        x: day
        y: revenue
        columns: {revenue: {format: currency, currency: BRL, decimals: 0}}
      - {name: note, type: text, text: "# Sales"}
)");
  const auto read = ReadDashboards(path);
  ASSERT_TRUE(read) << read.error().ToString();
  const Dashboard& dashboard = read->at(0);
  EXPECT_EQ(dashboard.name, "sales");
  EXPECT_EQ(dashboard.fresh_for_ms, 26 * 3'600'000);
  EXPECT_EQ(dashboard.filters[0].options[1].label, "Rio");
  const Tile* tile = dashboard.FindTile("by_day");
  ASSERT_NE(tile, nullptr);
  EXPECT_EQ(tile->width, 6);
  EXPECT_EQ(tile->drawing["y"], Json::array({"revenue"}));
  EXPECT_EQ(tile->drawing["columns"]["revenue"]["decimals"], 0);
  EXPECT_EQ(tile->sql.filters(), std::vector<std::string>{"state"});
  EXPECT_TRUE(tile->sql.uses_grain());
}

TEST_F(DashboardDefinitionTest, MistakesAreNamedWithTheirLineAndTheNearestWord) {
  ExpectIn(ComplaintAbout("{name: a, type: lin, title: T, sql: select 1, x: a, y: b}"),
           {"one.yml:6", "'lin' is no type of a tile", "did you mean 'line'?"});
  ExpectIn(ComplaintAbout("{name: a, type: line, titel: T, sql: select 1, x: a, y: b}"),
           {"one.yml:6", "titel", "title"});
  ExpectIn(ComplaintAbout("{name: a, type: line, title: T, sql: select 1, y: b}"), {"one.yml:6", "lacks 'x'"});
  ExpectIn(ComplaintAbout("{name: a, type: table, title: T}"), {"one.yml:6", "asks nothing"});
  ExpectIn(ComplaintAbout("{name: a, type: table, title: T, sql: select 1, metric: revenue}"),
           {"both 'sql' and 'metric'"});
  ExpectIn(ComplaintAbout("{name: a, type: table, title: T, sql: select 1, width: 13}"), {"not between 1 and 12"});
  ExpectIn(ComplaintAbout("{name: a, type: line, title: T, sql: select 1, x: a, y: [b, c], series: d}"), {"series"});
  ExpectIn(ComplaintAbout("{name: a, type: table, title: T, sql: \"select {{ filter('stat', 'x') }}\"}"),
           {"one.yml:6", "the filter 'stat'", "did you mean 'state'?"});
  ExpectIn(ComplaintAbout("{name: a, type: table, title: T, sql: \"select {{ value('state') }}\"}"),
           {"several values"});
  ExpectIn(ComplaintAbout("{name: a, type: table, title: T, sql: \"select {{ previous('state', 'x') }}\"}"),
           {"no period before it"});
  ExpectIn(ComplaintAbout("{name: a, type: table, title: T, sql: \"select {{ grain('x') }}\"}"), {"grains"});
  ExpectIn(ComplaintAbout("{name: a, type: table, title: T, sql: select 1, cross_filter: {stat: x}}"), {"'state'?"});
  ExpectIn(ComplaintAbout("{name: a, type: table, title: T, sql: select 1, columns: {x: {format: money}}}"),
           {"'money' is no format"});
  ExpectIn(ComplaintAbout("{name: A b, type: table, title: T, sql: select 1}"), {"cannot name a tile"});
}

TEST_F(DashboardDefinitionTest, PlaceholdersAreAClosedLanguageAndNameTheirLine) {
  const auto complaint = [](std::string_view sql) {
    const auto parsed = TileSql::Parse(sql, "x.yml", 10);
    return parsed ? std::string() : parsed.error().ToString();
  };
  EXPECT_EQ(complaint("select 1 -- {{ no placeholder }}"), "");
  EXPECT_EQ(complaint("select '{' || \"a$b\""), "");
  ExpectIn(complaint("select\n  {{ filtr('a', 'b') }}"), {"x.yml:11", "did you mean filter?"});
  ExpectIn(complaint("select '{{ value('a') }}'"), {"x.yml:10", "within quotes"});
  ExpectIn(complaint("select $1"), {"x.yml:10", "no parameters of its own"});
  ExpectIn(complaint("select {{ filter('a') }}"), {"1 arguments, not 2"});
  ExpectIn(complaint("select {{ filter(a, b) }}"), {"quoted arguments"});
  ExpectIn(complaint("select {{ config.password }}"), {"is no placeholder"});
  ExpectIn(complaint("select {{ filter('a', 'b')"), {"no '}}'"});
}

TEST_F(DashboardDefinitionTest, ATemplateMakesManyDashboardsThatKeepItsTypes) {
  Write("templates/by.yml", R"(
parameters:
  column:
  title: {default: "Sales by ${column}"}
  grains: {default: [month]}
dashboard:
  title: ${title}
  grains: ${grains}
  pages:
    - name: first
      tiles:
        - name: sales
          type: table
          title: "What does each ${column} sell?"
          sql: |
            select ${column}, sum(revenue) as revenue
            from gold.sales group by 1
)");
  const std::string path = Write("by.yml", R"(
template: templates/by.yml
dashboards:
  - {name: by-state, with: {column: state}, owner: Sales}
  - {name: by-city, with: {column: city, title: "It's \"cities\": all", grains: [day, week]}}
)");
  const auto read = ReadDashboards(path);
  ASSERT_TRUE(read) << read.error().ToString();
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at(0).title, "Sales by state");
  EXPECT_EQ(read->at(0).owner, "Sales");
  EXPECT_EQ(read->at(0).pages[0].tiles[0].title, "What does each state sell?");
  EXPECT_EQ(read->at(1).title, "It's \"cities\": all");
  EXPECT_EQ(read->at(1).grains, (std::vector<std::string>{"day", "week"}));
  EXPECT_NE(read->at(1).pages[0].tiles[0].sql.parts()[0].sql.find("select city, sum"), std::string::npos);
}

TEST_F(DashboardDefinitionTest, ComplaintsAboutTemplatesNameTheFileThatIsWrong) {
  Write("templates/by.yml", R"(
parameters:
  column:
dashboard:
  title: By ${colum}
  pages: []
)");
  const auto wrong_name = ReadDashboards(Write("a.yml", "template: templates/by.yml\nwith: {column: x}\n"));
  ASSERT_FALSE(wrong_name);
  ExpectIn(wrong_name.error().ToString(), {"templates/by.yml:5", "did you mean ${column}?"});
  const auto missing = ReadDashboards(Write("a.yml", "template: templates/by.yml\n"));
  ASSERT_FALSE(missing);
  ExpectIn(missing.error().ToString(), {"a.yml", "needs a value for 'column'"});
  const auto unknown = ReadDashboards(Write("a.yml", "template: templates/by.yml\nwith: {colum: x}\n"));
  ASSERT_FALSE(unknown);
  ExpectIn(unknown.error().ToString(), {"a.yml:2", "column"});
  const auto outside = ReadDashboards(Write("a.yml", "template: ../../etc/passwd\n"));
  ASSERT_FALSE(outside);
  ExpectIn(outside.error().ToString(), {"a.yml:1", "does not lie within"});
}

TEST_F(DashboardDefinitionTest, PartsAreIncludedInLists) {
  Write("templates/filters.yml", R"(
- {name: state, type: select, options: [SP]}
- {name: "${name}", type: text}
)");
  const auto read = ReadDashboards(Write("a.yml", R"(
title: A
filters:
  - {include: templates/filters.yml, with: {name: city}}
pages: [{name: p, tiles: [{name: t, type: text, text: x}]}]
)"));
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(read->at(0).filters.size(), 2U);
  EXPECT_EQ(read->at(0).filters[1].name, "city");
  Write("templates/endless.yml", "- {include: templates/endless.yml}\n");
  const auto endless = ReadDashboards(Write("a.yml", "title: A\nfilters:\n  - include: templates/endless.yml\n"));
  ASSERT_FALSE(endless);
  ExpectIn(endless.error().ToString(), {"too deeply"});
}

TEST_F(DashboardDefinitionTest, AFileWithAMistakeHidesNoOther) {
  const std::string tiles = "pages: [{name: p, tiles: [{name: t, type: text, text: x}]}]\n";
  Write("a.yml", "title: A\n" + tiles);
  Write("b.yml", "titel: B\n" + tiles);
  Write("c.yml", "name: a\ntitle: C\n" + tiles);
  Write("d.yml", R"(
title: D
pages: [{name: p, tiles: [{name: t, type: table, title: T, sql: select 1, drill: {dashboard: nowhere}}]}]
)");
  const Gallery gallery = ReadGallery(folder_);
  EXPECT_NE(gallery.Find("a"), nullptr);
  EXPECT_NE(gallery.Find("d"), nullptr);
  ASSERT_EQ(gallery.faults.size(), 3U);
  ExpectIn(gallery.faults[0].error.ToString(), {"b.yml:1", "title"});
  ExpectIn(gallery.faults[1].error.ToString(), {"c.yml", "there is a dashboard 'a'", "a.yml"});
  ExpectIn(gallery.faults[2].error.ToString(), {"d.yml", "'nowhere'"});
  EXPECT_TRUE(ReadGallery(folder_ + "/none").dashboards.empty());
}

template <typename Keys>
std::vector<std::string> Sorted(const Keys& keys) {
  std::vector<std::string> sorted(keys.begin(), keys.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

std::vector<std::string> SchemaKeys(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.at("properties").items()) keys.push_back(key);
  return Sorted(keys);
}

TEST_F(DashboardDefinitionTest, TheSchemaForEditorsAgrees) {
  const auto text = ReadWholeFile(SMELT_SOURCE_DIR "/docs/schemas/dashboard.schema.json");
  ASSERT_TRUE(text) << text.error().ToString();
  const Json parts = Json::parse(*text).at("$defs");
  EXPECT_EQ(SchemaKeys(parts.at("dashboard")), Sorted(internal::kDashboardKeys));
  EXPECT_EQ(SchemaKeys(parts.at("template_use")), Sorted(internal::kTemplateUseKeys));
  EXPECT_EQ(SchemaKeys(parts.at("filter")), Sorted(internal::kFilterKeys));
  EXPECT_EQ(SchemaKeys(parts.at("page")), Sorted(internal::kPageKeys));
  EXPECT_EQ(SchemaKeys(parts.at("column")), Sorted(internal::kColumnKeys));
  EXPECT_EQ(SchemaKeys(parts.at("include")), Sorted(internal::kIncludeKeys));
  EXPECT_EQ(SchemaKeys(parts.at("tile").at("properties").at("drill")), Sorted(internal::kDrillKeys));
  const auto keys = SchemaKeys(parts.at("tile"));
  for (const std::string_view key : internal::kDataTileKeys) {
    EXPECT_TRUE(std::binary_search(keys.begin(), keys.end(), key)) << key;
  }
  const Json& formats = parts.at("column").at("properties").at("format").at("enum");
  EXPECT_EQ(Sorted(formats), Sorted(internal::kFormats));
}

}  // namespace
}  // namespace smelt::serve
