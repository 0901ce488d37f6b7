#include "delta/type_widening.h"

#include <gtest/gtest.h>

namespace smelt::delta {
namespace {

DataType Primitive(std::string name) {
  DataType type;
  type.primitive = std::move(name);
  return type;
}

bool Widens(const char* from, const char* to) {
  return IsWidening(Primitive(from), Primitive(to));
}

Field FieldOf(const char* json) {
  return ParseSchema(std::string(R"({"type":"struct","fields":[)") + json + "]}").value().fields.at(0);
}

TEST(TypeWideningTest, TypesMustHoldAllValuesOfTheOldOnes) {
  for (const char* wider : {"short", "integer", "long", "double", "decimal(10,0)", "decimal(12,2)"}) {
    EXPECT_TRUE(Widens("byte", wider)) << wider;
  }
  EXPECT_TRUE(Widens("long", "decimal(20,0)"));
  EXPECT_TRUE(Widens("float", "double"));
  EXPECT_TRUE(Widens("date", "timestamp_ntz"));
  EXPECT_TRUE(Widens("decimal(5,2)", "decimal(7,4)"));
  EXPECT_FALSE(Widens("integer", "short"));
  EXPECT_FALSE(Widens("integer", "integer"));
  EXPECT_FALSE(Widens("integer", "float"));
  EXPECT_FALSE(Widens("integer", "decimal(9,0)"));
  EXPECT_FALSE(Widens("integer", "decimal(11,2)"));
  EXPECT_FALSE(Widens("long", "double"));
  EXPECT_FALSE(Widens("long", "decimal(19,0)"));
  EXPECT_FALSE(Widens("decimal(5,2)", "decimal(6,4)"));
  EXPECT_FALSE(Widens("decimal(5,2)", "decimal(6,1)"));
  EXPECT_FALSE(Widens("decimal(5,2)", "double"));
  EXPECT_FALSE(Widens("date", "timestamp"));
  EXPECT_FALSE(Widens("string", "binary"));
}

TEST(TypeWideningTest, ChangesWithinAreRecordedAtTheNearestField) {
  Field field =
      FieldOf(R"({"name":"m","type":{"type":"map","keyType":"short","valueType":{"type":"array","elementType":)"
              R"({"type":"struct","fields":[{"name":"x","type":"float"}]}}},"metadata":{"comment":"kept"}})");
  const Field wanted =
      FieldOf(R"({"name":"m","type":{"type":"map","keyType":"long","valueType":{"type":"array","elementType":)"
              R"({"type":"struct","fields":[{"name":"X","type":"double"}]}}}})");
  EXPECT_TRUE(WidenField(field, wanted.type).value());
  EXPECT_EQ(JsonText(field.metadata),
            R"({"comment":"kept","delta.typeChanges":[{"fromType":"short","toType":"long","fieldPath":"key"}]})");
  const Field& inner = field.type.element->element->fields.at(0);
  EXPECT_EQ(inner.name, "x");
  EXPECT_EQ(inner.type.primitive, "double");
  EXPECT_EQ(JsonText(inner.metadata), R"({"delta.typeChanges":[{"fromType":"float","toType":"double"}]})");
  EXPECT_FALSE(WidenField(field, wanted.type).value()) << "nothing is left to change";
}

TEST(TypeWideningTest, FieldsMustStay) {
  Field field = FieldOf(R"({"name":"s","type":{"type":"struct","fields":[{"name":"a","type":"long"}]}})");
  const Field more = FieldOf(
      R"({"name":"s","type":{"type":"struct","fields":[{"name":"a","type":"long"},{"name":"b","type":"long"}]}})");
  EXPECT_EQ(WidenField(field, more.type).error().code(), ErrorCode::kDeltaUnsupported);
  EXPECT_EQ(WidenField(field, Primitive("long")).error().code(), ErrorCode::kDeltaUnsupported);
}

}  // namespace
}  // namespace smelt::delta
