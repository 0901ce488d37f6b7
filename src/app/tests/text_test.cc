#include "app/internal/terminal/text.h"

#include <gtest/gtest.h>

#include "app/internal/terminal/terminal.h"

namespace smelt::app {
namespace {

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("São Paulo"), 9);
  EXPECT_EQ(DisplayWidth("Sa\u0303o"), 3);  // the tilde combines
  EXPECT_EQ(DisplayWidth("日本語"), 6);
  EXPECT_EQ(DisplayWidth("🙂!"), 3);
  EXPECT_EQ(DisplayWidth("✔ ok"), 4);
  EXPECT_EQ(DisplayWidth("\xff\xc3"), 2);
  EXPECT_EQ(DisplayWidth(Paint("abc", Tone::kAccent, true)), 3);
}

TEST(OneLine, MakesControlCharactersVisible) {
  EXPECT_EQ(OneLine("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(OneLine("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(OneLine(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(OneLine("\u0085\u009b31m"), "\\x85\\x9b31m");
  EXPECT_EQ(OneLine("a\u202Eb"), "ab");
  EXPECT_EQ(OneLine("caf\xc3"), "caf\uFFFD");
  EXPECT_EQ(OneLine("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate is no character
  EXPECT_EQ(OneLine("\xc0\xaf"), "\uFFFD\uFFFD");            // nor is an overlong '/'
  EXPECT_EQ(OneLine("São 日本 🙂"), "São 日本 🙂");
}

TEST(TruncateMiddle, KeepsBothEnds) {
  EXPECT_EQ(TruncateMiddle("short", 5), "short");
  EXPECT_EQ(TruncateMiddle("abcdefghij", 5), "ab…ij");
  EXPECT_EQ(TruncateMiddle("abcdefghij", 6), "abc…ij");
  EXPECT_EQ(TruncateMiddle("abcdefghij", 6, false), "abc~ij");
  EXPECT_EQ(TruncateMiddle("abc", 1), "…");
  EXPECT_EQ(TruncateMiddle("abc", 0), "");
}

TEST(TruncateMiddle, NeverExceedsItsWidthNorCutsACharacter) {
  const std::string text = "日本語のとても長いテキスト com acentuação e\u0301 🙂🙂";
  for (int width = 0; width < 60; ++width) {
    const std::string cut = TruncateMiddle(text, width);
    EXPECT_LE(DisplayWidth(cut), width);
    EXPECT_EQ(cut.find("\uFFFD"), std::string::npos);
    EXPECT_EQ(OneLine(cut), cut) << width;
  }
}

TEST(Wrap, BreaksBetweenWords) {
  EXPECT_EQ(Wrap("the quick brown fox", 10), (std::vector<std::string>{"the quick", "brown fox"}));
  EXPECT_EQ(Wrap("abcdefghijklmno pq", 6), (std::vector<std::string>{"abcdef", "ghijkl", "mno pq"}));
  EXPECT_EQ(Wrap("one\ntwo\x1b", 20), (std::vector<std::string>{"one", "two\\x1b"}));
  EXPECT_EQ(Wrap("\tone\ttwo", 20), (std::vector<std::string>{"  one  two"}));
  EXPECT_TRUE(Wrap("", 10).empty());
  EXPECT_EQ(Wrap("日本", 1), (std::vector<std::string>{"日", "本"}));
}

TEST(Padding, FillsToColumns) {
  EXPECT_EQ(PadRight("日", 4), "日  ");
  EXPECT_EQ(PadLeft("7", 3), "  7");
  EXPECT_EQ(PadLeft("1234", 3), "1234");
}

TEST(Figures, ReadWell) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1,000");
  EXPECT_EQ(FormatCount(1000163), "1,000,163");
  EXPECT_EQ(FormatCount(-123456), "-123,456");
  EXPECT_EQ(FormatSeconds(0.2449), "0.24 s");
  EXPECT_EQ(FormatSeconds(9.996), "10.0 s");
  EXPECT_EQ(FormatSeconds(59.96), "1 m 00 s");
  EXPECT_EQ(FormatSeconds(187), "3 m 07 s");
  EXPECT_EQ(FormatSeconds(7499), "2 h 04 m");
  EXPECT_EQ(FormatBytes(512), "512 B");
  EXPECT_EQ(FormatBytes(1'540'000), "1.5 MB");
  EXPECT_EQ(FormatBytes(999'600'000), "1.0 GB");
  EXPECT_EQ(FormatRate(940, "rows"), "940/s");
  EXPECT_EQ(FormatRate(41'234, "rows"), "41.2k/s");
  EXPECT_EQ(FormatRate(3'100'000, "rows"), "3.10M/s");
  EXPECT_EQ(FormatRate(999'600, "rows"), "1.00M/s");
  EXPECT_EQ(FormatRate(35'000'000, "bytes"), "35.0 MB/s");
}

TEST(Paint, LeavesTextAloneWithoutColour) {
  EXPECT_EQ(Paint("x", Tone::kBad, false), "x");
  EXPECT_EQ(Paint("x", Tone::kBad, true), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Paint("", Tone::kBad, true), "");
}

TEST(LayerTone, KnowsTheMetals) {
  EXPECT_EQ(LayerTone("bronze.orders"), Tone::kBronze);
  EXPECT_EQ(LayerTone("silver"), Tone::kSilver);
  EXPECT_EQ(LayerTone("daily_revenue_gold"), Tone::kGold);
  EXPECT_EQ(LayerTone("golden_orders"), Tone::kPlain);
  EXPECT_EQ(LayerTone(""), Tone::kPlain);
}

}  // namespace
}  // namespace smelt::app
