#include "base/json_text.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace smelt {
namespace {

TEST(JsonText, EveryTextReadsBackAsItIs) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string text = {'a', static_cast<char>(c), 'b', static_cast<char>(c)};
    std::string json;
    AppendJsonString(text, json);
    EXPECT_EQ(Json::parse(json), Json(text)) << c;
  }
  std::string json = "[";
  AppendJsonString("Käse\n\"x\"\\", json);
  EXPECT_EQ(json, "[\"Käse\\n\\\"x\\\"\\\\\"");
}

}  // namespace
}  // namespace smelt
