#include "delta/schema.h"

#include <gtest/gtest.h>

namespace smelt::delta {
namespace {

TEST(SchemaTest, NestedTypesSurviveARoundTrip) {
  const std::string text =
      R"j({"type":"struct","fields":[)j"
      R"j({"name":"a","type":"integer","nullable":false,"metadata":{"comment":"the key","delta.columnMapping.id":4}},)j"
      R"j({"name":"b","type":{"type":"struct","fields":[{"name":"d","type":"decimal(10,2)","nullable":true,"metadata":{}}]},)j"
      R"j("nullable":true,"metadata":{}},)j"
      R"j({"name":"c","type":{"type":"array","elementType":"timestamp_ntz","containsNull":false},"nullable":true,"metadata":{}},)j"
      R"j({"name":"e","type":{"type":"map","keyType":"string","valueType":{"type":"array","elementType":"long",)j"
      R"j("containsNull":true},"valueContainsNull":true},"nullable":true,"metadata":{}}]})j";
  const Result<Schema> schema = ParseSchema(text);
  ASSERT_TRUE(schema.has_value()) << schema.error().ToString();
  EXPECT_EQ(SchemaToString(*schema), text);
  EXPECT_FALSE(schema->fields[0].nullable);
  EXPECT_TRUE(schema->fields[0].type.is_primitive("integer"));
  EXPECT_EQ(schema->fields[3].type.kind, DataType::Kind::kMap);
  EXPECT_TRUE(schema->fields[3].type.key->is_primitive("string"));
}

TEST(SchemaTest, ColumnsAreFoundWithoutRegardToCase) {
  const Schema schema = ParseSchema(R"j({"type":"struct","fields":[{"name":"Id","type":"long"}]})j").value();
  ASSERT_NE(schema.Find("iD"), nullptr);
  EXPECT_EQ(schema.Find("iD")->name, "Id");
  EXPECT_EQ(schema.Find("Idx"), nullptr);
}

TEST(SchemaTest, DecimalsAreCanonical) {
  const Schema schema = ParseSchema(R"j({"type":"struct","fields":[{"name":"a","type":"decimal"},)j"
                                    R"j({"name":"b","type":"decimal( 38 , 10 )"},{"name":"c","type":"decimal(5)"}]})j")
                            .value();
  EXPECT_EQ(schema.fields[0].type.primitive, "decimal(10,0)");
  EXPECT_EQ(schema.fields[1].type.primitive, "decimal(38,10)");
  EXPECT_EQ(schema.fields[2].type.primitive, "decimal(5,0)");
}

TEST(SchemaTest, AnUnknownTypeIsUnsupportedAndNamed) {
  const auto schema = ParseSchema(R"j({"type":"struct","fields":[{"name":"g","type":"geometry(OGC:CRS84)"}]})j");
  ASSERT_FALSE(schema.has_value());
  EXPECT_EQ(schema.error().code(), ErrorCode::kDeltaUnsupported);
  EXPECT_EQ(schema.error().message(), "column 'g': the table has a column of the unknown type 'geometry(OGC:CRS84)'");
}

TEST(SchemaTest, DamageIsRefused) {
  std::string deep = R"j({"type":"struct","fields":[{"name":"a","type":)j";
  for (int i = 0; i < 1000; ++i) deep += R"j({"type":"array","elementType":)j";
  for (const std::string& text : {
           std::string(""),
           std::string("{"),
           std::string("[]"),
           std::string(R"j("long")j"),
           std::string(R"j({"type":"struct"})j"),
           std::string(R"j({"type":"struct","fields":7})j"),
           std::string(R"j({"type":"array","elementType":"long"})j"),
           std::string(R"j({"type":"struct","fields":[{"type":"long"}]})j"),
           std::string(R"j({"type":"struct","fields":[{"name":"a"}]})j"),
           std::string(R"j({"type":"struct","fields":[{"name":"a","type":7}]})j"),
           std::string(R"j({"type":"struct","fields":[{"name":"a","type":"long","nullable":"no"}]})j"),
           std::string(R"j({"type":"struct","fields":[{"name":"a","type":"long"},{"name":"A","type":"long"}]})j"),
           std::string(R"j({"type":"struct","fields":[{"name":"a","type":"decimal(39,2)"}]})j"),
           std::string(R"j({"type":"struct","fields":[{"name":"a","type":"decimal(2,3)"}]})j"),
           std::string(R"j({"type":"struct","fields":[{"name":"a","type":"decimal(2,1"}]})j"),
           deep + "\"long\"" + std::string(1001, '}') + "]}",
       }) {
    const auto schema = ParseSchema(text);
    ASSERT_FALSE(schema.has_value()) << text;
    EXPECT_EQ(schema.error().code(), ErrorCode::kDeltaCorrupt) << text;
  }
}

}  // namespace
}  // namespace smelt::delta
