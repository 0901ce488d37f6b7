// Templates whose results were recorded from Jinja2 3.1: tests/data/jinja_cases.json.

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/standard_globals.h"

namespace smelt::transform::jinja {
namespace {

TEST(JinjaConformance, MatchesRecordedResults) {
  auto text = ReadWholeFile(std::string(SMELT_SOURCE_DIR) + "/src/transform/tests/data/jinja_cases.json");
  ASSERT_TRUE(text) << text.error().ToString();
  auto file = ParseJson(*text, "jinja_cases.json");
  ASSERT_TRUE(file) << file.error().ToString();
  const Json& cases = (*file)["cases"];
  ASSERT_GT(cases.size(), 100U);
  for (const Json& entry : cases) {
    GlobalTable globals;
    AddStandardGlobals(globals);
    for (const auto& [name, value] : (*file)["variables"].items()) globals.Set(name, Value::FromJson(value));
    auto source = entry["template"].get<std::string>();
    auto parsed = ParseTemplate(source, "case.sql");
    ASSERT_TRUE(parsed) << source << "\n" << parsed.error().ToString();
    auto rendered = Interpreter(globals).Render(*parsed);
    ASSERT_TRUE(rendered) << source << "\n" << rendered.error().ToString();
    EXPECT_EQ(*rendered, entry["expect"].get<std::string>()) << source;
  }
}

}  // namespace
}  // namespace smelt::transform::jinja
