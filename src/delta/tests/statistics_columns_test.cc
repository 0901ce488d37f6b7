#include "delta/statistics_columns.h"

#include <gtest/gtest.h>

namespace smelt::delta {
namespace {

constexpr const char* kProperty = kStatisticsColumnsProperty;

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

TEST(StatisticsColumns, ATableSaysWhichColumnsAreDescribed) {
  const auto schema = ParseSchema(R"({"type":"struct","fields":[
      {"name":"p","type":"string","nullable":true,"metadata":{}},
      {"name":"a","type":"long","nullable":true,"metadata":{"delta.columnMapping.physicalName":"col-a"}},
      {"name":"s","type":{"type":"struct","fields":[{"name":"x","type":"long","nullable":true,"metadata":{}},
          {"name":"y","type":"long","nullable":true,"metadata":{}}]},"nullable":true,"metadata":{}},
      {"name":"b","type":"long","nullable":true,"metadata":{}}]})");
  ASSERT_TRUE(schema) << schema.error().ToString();
  const Protocol protocol{2, 7, {}, {"columnMapping"}};
  Metadata metadata;
  metadata.partition_columns = {"p"};
  using Keys = std::set<std::string>;
  const auto described = [&] { return DescribedColumns(protocol, metadata, *schema); };
  EXPECT_EQ(described(), std::nullopt);
  for (const auto& [count, keys] : {std::pair("-1", std::optional<Keys>()),
                                    {"0", Keys{}},
                                    {"2", Keys{"a", "s\x1fx"}},
                                    {"9", Keys{"a", "b", "s\x1fx", "s\x1fy"}}}) {
    metadata.configuration[kStatisticsCountProperty] = count;
    EXPECT_EQ(described(), keys) << count;
    EXPECT_TRUE(CheckStatisticsProperty(kStatisticsCountProperty, count, *schema));
  }
  metadata.configuration[kStatisticsColumnsProperty] = "B, s";
  EXPECT_EQ(described(), (Keys{"b", "s\x1fx", "s\x1fy"})) << "the list counts for more";
  metadata.configuration["delta.columnMapping.mode"] = "name";
  metadata.configuration[kStatisticsColumnsProperty] = "a, s.y";
  EXPECT_EQ(described(), (Keys{"col-a", "s\x1fy"}));
  for (const auto& [name, value] : {std::pair(kStatisticsCountProperty, "many"),
                                    {kStatisticsCountProperty, "-2"},
                                    {kStatisticsColumnsProperty, "a, s.z"}}) {
    EXPECT_EQ(CheckStatisticsProperty(name, value, *schema).error().code(), ErrorCode::kDeltaInvalidTable) << value;
  }
}

}  // namespace
}  // namespace smelt::delta
