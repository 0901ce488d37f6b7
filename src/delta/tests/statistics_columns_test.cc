#include "delta/statistics_columns.h"

#include <gtest/gtest.h>

namespace smelt::delta {
namespace {

constexpr const char* kProperty = "delta.dataSkippingStatsColumns";

TEST(StatisticsColumns, ListsAreReadAndWritten) {
  const std::vector<NamePath> expected = {{"a"}, {"s", "x"}, {"odd, na.me", "b`c"}};
  EXPECT_EQ(ParseColumnList(" a,s . x ,`odd, na.me`.`b``c`"), expected);
  EXPECT_EQ(ColumnListText(expected), "a,s.x,`odd, na.me`.`b``c`");
  EXPECT_TRUE(ParseColumnList("").empty());
  EXPECT_TRUE(ParseColumnList(" , ,").empty());
  EXPECT_EQ(ParseColumnList("`open"), (std::vector<NamePath>{{"open"}}));
}

TEST(StatisticsColumns, NamesChangeWithTheirColumns) {
  Metadata metadata;
  RenameStatisticsColumn(metadata, {"a"}, "b");
  EXPECT_FALSE(metadata.configuration.contains(kProperty));
  metadata.configuration[kProperty] = "A, s.x, s.y, other";
  RenameStatisticsColumn(metadata, {"a"}, "new name");
  RenameStatisticsColumn(metadata, {"s", "x"}, "z");
  RenameStatisticsColumn(metadata, {"s"}, "t");
  EXPECT_EQ(metadata.configuration[kProperty], "`new name`,t.z,t.y,other");
  DropStatisticsColumn(metadata, {"t", "z"});
  DropStatisticsColumn(metadata, {"other"});
  DropStatisticsColumn(metadata, {"missing"});
  EXPECT_EQ(metadata.configuration[kProperty], "`new name`,t.y");
  DropStatisticsColumn(metadata, {"t"});
  DropStatisticsColumn(metadata, {"new name"});
  EXPECT_EQ(metadata.configuration.at(kProperty), "");
}

}  // namespace
}  // namespace smelt::delta
