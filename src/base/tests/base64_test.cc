#include "base/base64.h"

#include <gtest/gtest.h>

namespace smelt {
namespace {

TEST(Base64, KnownForms) {
  // The examples of RFC 4648, section 10.
  const std::pair<std::string, std::string> pairs[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"},
                                                       {std::string("\xff\xfe\0", 3), "//4A"}};
  for (const auto& [bytes, text] : pairs) {
    EXPECT_EQ(Base64Encode(bytes), text);
    EXPECT_EQ(Base64Decode(text), bytes);
  }
  EXPECT_EQ(Base64Decode("Zg"), "f") << "padding may be missing";
}

TEST(Base64, WhatIsNone) {
  EXPECT_EQ(Base64Decode("Z"), std::nullopt);
  EXPECT_EQ(Base64Decode("Zm9v\nZm9v"), std::nullopt);
  EXPECT_EQ(Base64Decode("Zm9v!m9v"), std::nullopt);
}

}  // namespace
}  // namespace smelt
