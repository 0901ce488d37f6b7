#include "app/internal/profile_view.h"

#include <gtest/gtest.h>

#include "app/internal/html_text.h"
#include "app/internal/profile_page.h"
#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

quality::TableProfile Sample() {
  quality::TableProfile profile;
  profile.label = profile.table = "silver.orders";
  profile.version = 4;
  profile.rows = 1'000;
  profile.keys = {{"order_id"}};
  quality::ColumnProfile& id = profile.columns.emplace_back();
  id.name = "order_id";
  id.type = "BIGINT";
  id.kind = engine::TypeKind::kInteger;
  id.distinct = 1'000;
  id.distinct_exact = id.unique = true;
  id.lowest = 1;
  id.greatest = 1'000;
  for (int i = 0; i < 20; ++i) id.histogram.push_back({i * 50.0, i * 50.0 + 50, i + 1});
  quality::ColumnProfile& state = profile.columns.emplace_back();
  state.name = "<state & all>";
  state.type = "VARCHAR";
  state.kind = engine::TypeKind::kText;
  state.nulls = 100;
  state.distinct = 1;
  state.distinct_exact = state.top_is_all = true;
  state.top = {{"<b>paid", 900}};
  state.length_min = state.length_max = 7;
  state.blank = 3;
  return profile;
}

TEST(ProfileViewTest, ALinePerColumnFitsTheScreen) {
  for (const int width : {80, 120}) {
    Terminal terminal;
    terminal.size.columns = width;
    const std::string text = RenderProfile(Sample(), terminal);
    EXPECT_NE(text.find("silver.orders version 4: 1,000 rows, 2 columns"), std::string::npos) << text;
    EXPECT_NE(text.find("1 .. 1000"), std::string::npos) << text;
    EXPECT_NE(text.find("one value only"), std::string::npos) << text;
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin)) {
      EXPECT_LE(DisplayWidth(std::string_view(text).substr(begin, end - begin)), width);
    }
  }
}

TEST(ProfileViewTest, SharesNeverRoundToNothingOrAll) {
  EXPECT_EQ(ShareText(0, 10), "0 %");
  EXPECT_EQ(ShareText(1, 1'000'000), "< 0.1 %");
  EXPECT_EQ(ShareText(999'999, 1'000'000), "> 99.9 %");
  EXPECT_EQ(ShareText(1, 8), "12.5 %");
  EXPECT_EQ(ShareText(8, 8), "100 %");
}

TEST(ProfilePageTest, NamesAndValuesCannotBreakThePage) {
  const std::string page = ProfilePage(Sample());
  EXPECT_EQ(page.find("<b>paid"), std::string::npos);
  EXPECT_NE(page.find("&lt;b&gt;paid"), std::string::npos);
  EXPECT_NE(page.find("&lt;state &amp; all&gt;"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(HtmlText("a\"'b"), "a&quot;&#39;b");
}

}  // namespace
}  // namespace smelt::app
