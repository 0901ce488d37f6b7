#include "quality/internal/json_schema.h"

#include <gtest/gtest.h>

namespace smelt::quality {
namespace {

struct SchemaCase {
  const char* schema;
  const char* fits;   ///< documents that fit, as a list
  const char* fails;  ///< documents that do not
};

const SchemaCase kSchemaCases[] = {
    {"true", R"([1, null])", "[]"},
    {"false", "[]", R"([1, null])"},
    {R"({"type": "integer"})", "[1, 2.0, -3]", R"([1.5, "1", true, null])"},
    {R"({"type": ["string", "null"]})", R"(["", null])", "[1, [], {}]"},
    {R"({"enum": [1, "a", [1, 2]]})", R"([1, 1.0, "a", [1, 2]])", R"([2, true, [2, 1]])"},
    {R"({"const": {"a": 1, "b": 2}})", R"([{"b": 2, "a": 1}])", R"([{"a": 1}, {"a": 1, "b": 2, "c": 3}])"},
    {R"({"minimum": 1, "exclusiveMaximum": 5})", R"([1, 4.9, "x"])", "[0, 5]"},
    {R"({"minimum": 1, "exclusiveMinimum": true})", "[2]", "[1]"},
    {R"({"multipleOf": 0.1})", "[0.3, 2]", "[0.35]"},
    {R"({"minLength": 2, "maxLength": 3, "pattern": "^\\w+$"})", R"(["éé", "abc", 5])", R"(["a", "abcd", "a b"])"},
    {R"({"required": ["a"], "properties": {"a": {"type": "number"}}, "additionalProperties": false})",
     R"([{"a": 1}, []])", R"([{}, {"a": "x"}, {"a": 1, "b": 2}])"},
    {R"({"patternProperties": {"^n_": {"type": "number"}}, "additionalProperties": {"type": "string"}})",
     R"([{"n_a": 1, "b": "x"}])", R"([{"n_a": "x"}, {"b": 1}])"},
    {R"({"propertyNames": {"maxLength": 2}, "minProperties": 1})", R"([{"ab": 1}])", R"([{}, {"abc": 1}])"},
    {R"({"dependentRequired": {"a": ["b"]}})", R"([{}, {"a": 1, "b": 2}])", R"([{"a": 1}])"},
    {R"({"dependencies": {"a": {"required": ["c"]}}})", R"([{"b": 1}, {"a": 1, "c": 2}])", R"([{"a": 1}])"},
    {R"({"items": {"type": "integer"}, "minItems": 1, "uniqueItems": true})", "[[1, 2]]", R"([[], [1, 1], ["a"]])"},
    {R"({"prefixItems": [{"type": "string"}], "items": false})", R"([["a"], []])", R"([[1], ["a", 2]])"},
    {R"({"items": [{"type": "string"}], "additionalItems": {"type": "null"}})", R"([["a", null]])", R"([["a", 1]])"},
    {R"({"contains": {"const": 1}, "maxContains": 2})", "[[1], [1, 1, 2]]", "[[], [2], [1, 1, 1]]"},
    {R"({"allOf": [{"minimum": 1}, {"maximum": 3}]})", "[2]", "[0, 4]"},
    {R"({"anyOf": [{"type": "null"}, {"minimum": 3}]})", "[null, 3]", "[2]"},
    {R"({"oneOf": [{"minimum": 1}, {"maximum": 3}]})", "[0, 4]", "[2]"},
    {R"({"not": {"type": "string"}})", "[1]", R"(["a"])"},
    {R"({"if": {"minimum": 10}, "then": {"multipleOf": 5}, "else": {"multipleOf": 2}})", "[15, 4]", "[11, 3]"},
    {R"({"$defs": {"tree": {"properties": {"next": {"$ref": "#/$defs/tree"}, "v": {"type": "integer"}}}},
         "$ref": "#/$defs/tree"})",
     R"([{"next": {"next": {"v": 1}}}])", R"([{"next": {"next": {"v": "x"}}}])"},
};

TEST(JsonSchemaTest, TellsWhatFits) {
  for (const SchemaCase& one : kSchemaCases) {
    const auto schema = JsonSchema::Compile(Json::parse(one.schema));
    ASSERT_TRUE(schema) << one.schema << schema.error().ToString();
    for (const Json& document : Json::parse(one.fits)) {
      EXPECT_TRUE((*schema)->Fits(document).value()) << one.schema << " " << document;
    }
    for (const Json& document : Json::parse(one.fails)) {
      EXPECT_FALSE((*schema)->Fits(document).value()) << one.schema << " " << document;
    }
  }
}

TEST(JsonSchemaTest, RefusesWhatItWouldPassOver) {
  const char* const schemas[] = {
      R"j({"$ref": "#/$defs/none"})j", R"j({"$ref": "other.json"})j",           R"j({"pattern": "(?=a)"})j",
      R"j({"pattern": "("})j",         R"j({"unevaluatedProperties": false})j",
  };
  for (const char* schema : schemas) {
    const auto compiled = JsonSchema::Compile(Json::parse(schema));
    ASSERT_FALSE(compiled) << schema;
    EXPECT_EQ(compiled.error().code(), ErrorCode::kQualityNotApplicable);
  }
}

TEST(JsonSchemaTest, EndsWhereASchemaRefersToItself) {
  const auto schema = JsonSchema::Compile(Json::parse(R"({"$ref": "#"})"));
  ASSERT_TRUE(schema);
  EXPECT_FALSE((*schema)->Fits(1));
}

}  // namespace
}  // namespace smelt::quality
