#include "delta/column_mapping.h"

#include <gtest/gtest.h>

#include <set>

#include "delta/schema.h"

namespace smelt::delta {
namespace {

Metadata Table() {
  Metadata metadata;
  metadata.schema_string =
      R"({"type":"struct","fields":[{"name":"a","type":"long"},{"name":"s","type":{"type":"array","elementType":)"
      R"({"type":"struct","fields":[{"name":"b","type":"long"}]}}}]})";
  metadata.partition_columns = {"A"};
  return metadata;
}

std::vector<Field> FieldsOf(const Metadata& metadata) {
  return ParseSchema(metadata.schema_string).value().fields;
}

TEST(ColumnMappingTest, NewTablesGetNamesThatNoOtherColumnHas) {
  Protocol protocol;
  Metadata metadata = Table();
  ASSERT_TRUE(EnableColumnMapping(protocol, metadata, "id", false));
  EXPECT_EQ(ColumnMappingOf(protocol, metadata), ColumnMapping::kId);
  EXPECT_EQ(protocol.reader_features, std::vector<std::string>{"columnMapping"});
  const auto fields = FieldsOf(metadata);
  const Field& inner = fields[1].type.element->fields.at(0);
  EXPECT_EQ(fields[0].id(), 1);
  EXPECT_EQ(fields[1].id(), 2);
  EXPECT_EQ(inner.id(), 3);
  EXPECT_EQ(metadata.configuration.at(kColumnMappingMaxIdProperty), "3");
  std::set<std::string> names = {fields[0].physical_name(true), fields[1].physical_name(true),
                                 inner.physical_name(true)};
  EXPECT_EQ(names.size(), 3U);
  EXPECT_TRUE(names.begin()->starts_with("col-"));
  EXPECT_EQ(PartitionKeys(protocol, metadata).value(), std::vector<std::string>{fields[0].physical_name(true)});
}

TEST(ColumnMappingTest, TablesWithFilesKeepTheNamesThatTheseHave) {
  Protocol protocol;
  Metadata metadata = Table();
  ASSERT_TRUE(EnableColumnMapping(protocol, metadata, "name", true));
  EXPECT_EQ(FieldsOf(metadata)[0].physical_name(true), "a");
  EXPECT_EQ(FieldsOf(metadata)[1].type.element->fields.at(0).physical_name(true), "b");
  const Metadata before = metadata;
  ASSERT_TRUE(EnableColumnMapping(protocol, metadata, "name", true));
  EXPECT_EQ(metadata, before);
}

TEST(ColumnMappingTest, IdsAreNeverGivenOutTwice) {
  Protocol protocol;
  Metadata metadata = Table();
  ASSERT_TRUE(EnableColumnMapping(protocol, metadata, "name", true));
  Schema schema{FieldsOf(metadata)};
  schema.fields.pop_back();
  schema.fields.emplace_back();
  schema.fields.back().name = "s";
  schema.fields.back().type.primitive = "long";
  metadata.schema_string = SchemaToString(schema);
  ASSERT_TRUE(MapNewColumns(protocol, metadata));
  EXPECT_EQ(FieldsOf(metadata)[1].id(), 4);
  EXPECT_NE(FieldsOf(metadata)[1].physical_name(true), "s");
  EXPECT_EQ(metadata.configuration.at(kColumnMappingMaxIdProperty), "4");
}

TEST(ColumnMappingTest, TheModeChangesOnlyFromNone) {
  Protocol protocol;
  Metadata metadata = Table();
  EXPECT_EQ(EnableColumnMapping(protocol, metadata, "magic", false).error().code(), ErrorCode::kDeltaUnsupported);
  EXPECT_EQ(EnableColumnMapping(protocol, metadata, "id", true).error().code(), ErrorCode::kDeltaUnsupported);
  EXPECT_TRUE(EnableColumnMapping(protocol, metadata, "none", true));
  EXPECT_EQ(metadata, Table());
  ASSERT_TRUE(EnableColumnMapping(protocol, metadata, "name", true));
  EXPECT_EQ(EnableColumnMapping(protocol, metadata, "id", false).error().code(), ErrorCode::kDeltaUnsupported);
  EXPECT_EQ(EnableColumnMapping(protocol, metadata, "none", false).error().code(), ErrorCode::kDeltaUnsupported);
}

TEST(ColumnMappingTest, TablesWithoutMappingAreLeftAlone) {
  Metadata metadata = Table();
  ASSERT_TRUE(MapNewColumns(Protocol(), metadata));
  EXPECT_EQ(metadata, Table());
  EXPECT_EQ(PartitionKeys(Protocol(), metadata).value(), std::vector<std::string>{"A"});
}

}  // namespace
}  // namespace smelt::delta
