#include "engine/internal/maintenance/dropped_columns.h"

#include <gtest/gtest.h>

namespace smelt::engine {
namespace {

using Path = std::vector<std::string>;

TEST(DroppedColumns, FieldsAreLookedForThroughEveryWritersLists) {
  const auto schema = delta::ParseSchema(R"({"type":"struct","fields":[
      {"name":"a","type":"long","nullable":true,"metadata":{"delta.columnMapping.physicalName":"col-a"}},
      {"name":"s","type":{"type":"struct","fields":[
          {"name":"x","type":"variant","nullable":true,"metadata":{"delta.columnMapping.physicalName":"col-x"}}]},
       "nullable":true,"metadata":{}},
      {"name":"l","type":{"type":"array","elementType":{"type":"struct","fields":[
          {"name":"y","type":"long","nullable":true,"metadata":{}}]},"containsNull":true},"nullable":true,"metadata":{}},
      {"name":"m","type":{"type":"map","keyType":"string","valueType":{"type":"array","elementType":{"type":"struct",
          "fields":[{"name":"z","type":"long","nullable":true,"metadata":{}}]},"containsNull":true},
          "valueContainsNull":true},"nullable":true,"metadata":{}}]})");
  ASSERT_TRUE(schema) << schema.error().ToString();
  const auto is_dropped = [&](const Path& path, bool is_mapped = false) {
    return IsDropped(schema->fields, path, is_mapped);
  };
  EXPECT_FALSE(is_dropped({"a"}));
  EXPECT_TRUE(is_dropped({"b"}));
  EXPECT_TRUE(is_dropped({"a"}, true)) << "files have the physical names";
  EXPECT_FALSE(is_dropped({"col-a"}, true));
  EXPECT_FALSE(is_dropped({"s", "x", "metadata"})) << "the parts of a variant are its own";
  EXPECT_TRUE(is_dropped({"s", "gone"}));
  EXPECT_FALSE(is_dropped({"s", "col-x", "value"}, true));
  EXPECT_FALSE(is_dropped({"l", "list", "element", "y"}));
  EXPECT_FALSE(is_dropped({"l", "array", "y"})) << "lists of two levels";
  EXPECT_TRUE(is_dropped({"l", "list", "element", "gone"}));
  EXPECT_FALSE(is_dropped({"m", "key_value", "key"}));
  EXPECT_FALSE(is_dropped({"m", "key_value", "value", "list", "element", "z"}));
  EXPECT_TRUE(is_dropped({"m", "key_value", "value", "list", "element", "gone"}));
}

}  // namespace
}  // namespace smelt::engine
