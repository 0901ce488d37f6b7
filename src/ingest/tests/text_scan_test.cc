#include "ingest/internal/text_scan.h"

#include <gtest/gtest.h>

#include <string>

namespace smelt::ingest {
namespace {

TEST(TextScan, FindsTheFirstOfThree) {
  const ThreeCharFinder finder(',', '\n', '\r');
  for (std::size_t lead = 0; lead < 40; ++lead) {
    for (const char wanted : {',', '\n', '\r'}) {
      const std::string text = std::string(lead, 'x') + wanted + std::string(16, ',');
      EXPECT_EQ(finder.Find(text.data()) - text.data(), static_cast<std::ptrdiff_t>(lead));
    }
  }
  // Bytes one above, one below and with the high bit set of what is looked for.
  const std::string near = "-+\x0B\x0E\xAC\x8A\x8D,\n\n\n\n\n\n\n\n\n";
  EXPECT_EQ(finder.Find(near.data()) - near.data(), 7);
}

TEST(TextScan, GlanceSeesEveryPosition) {
  for (std::size_t length = 0; length < 20; ++length) {
    const std::string plain(length, '\x7F');
    EXPECT_TRUE(GlanceAt(plain).ascii);
    EXPECT_FALSE(GlanceAt(plain).has_nul);
    for (std::size_t at = 0; at < length; ++at) {
      std::string text = plain;
      text[at] = '\x80';
      EXPECT_FALSE(GlanceAt(text).ascii) << length << " " << at;
      text[at] = '\0';
      EXPECT_TRUE(GlanceAt(text).has_nul) << length << " " << at;
      EXPECT_TRUE(GlanceAt(text).ascii);
    }
  }
}

TEST(TextScan, TellsUtf8) {
  for (const char* text : {"", "plain", "são paulo", "€", "\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xF4\x8F\xBF\xBF", "12345678ã12345678"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const char* text :
       {"\xE3", "s\xE3o paulo", "\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xF0\x9F\x98", "1234567\xFF"}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

TEST(TextScan, CountsCharacters) {
  EXPECT_EQ(CharacterCount(""), 0);
  EXPECT_EQ(CharacterCount("são"), 3);
  EXPECT_EQ(CharacterCount("\xF0\x9F\x98\x80!"), 2);
}

TEST(TextScan, EscapesWhatIsNoText) {
  EXPECT_EQ(EscapeInvalid("s\xE3o \xC3\xA3", 100), "s\\xE3o ã");
  EXPECT_EQ(EscapeInvalid(std::string_view("a\0b", 3), 100), "a\\x00b");
  EXPECT_EQ(EscapeInvalid("abcdef", 3), "abc…");
  EXPECT_EQ(EscapeInvalid("ab\xC3\xA3x", 3), "abã…");
  EXPECT_EQ(EscapeInvalid("", 3), "");
}

TEST(TextScan, ReadsLatin1) {
  std::string text;
  AppendLatin1("s\xE3o \xFF", text);
  EXPECT_EQ(text, "são ÿ");
}

}  // namespace
}  // namespace smelt::ingest
