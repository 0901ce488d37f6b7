#include "chart/font.h"

#include <gtest/gtest.h>

namespace smelt::chart {
namespace {

TEST(Font, KnowsTheWidthsOfHelvetica) {
  EXPECT_DOUBLE_EQ(TextWidth("iW0", 1000), 222 + 944 + 556);
  EXPECT_DOUBLE_EQ(TextWidth("iW0", 1000, true), 278 + 944 + 556);
  EXPECT_DOUBLE_EQ(TextWidth("ção", 1000), 500 + 556 + 556);
  EXPECT_DOUBLE_EQ(TextWidth("€—…", 1000), 556 + 1000 + 1000);
}

TEST(Font, DigitsAreAllAsWide) {
  for (char digit = '0'; digit <= '9'; ++digit) EXPECT_DOUBLE_EQ(TextWidth(std::string(1, digit), 10), 5.56);
}

TEST(Font, CutsInTheMiddleAndNeverWithinALetter) {
  const std::string cut = FitText("informática e acessórios", 60, 10);
  EXPECT_NE(cut.find("…"), std::string::npos);
  EXPECT_TRUE(cut.starts_with("inform"));
  EXPECT_TRUE(cut.ends_with("s"));
  EXPECT_LE(TextWidth(cut, 10), 60);
  for (double width = 0; width < 40; width += 0.5) {
    const std::string text = FitText("ééééééé", width, 10);
    EXPECT_LE(TextWidth(text, 10), width + 1e-6);
    EXPECT_EQ(ToWindows1252(text).find('?'), std::string::npos) << text;
  }
}

TEST(Font, KeepsWhatFitsExactly) {
  EXPECT_EQ(FitText("R$ 36.2k", TextWidth("R$ 36.2k", 8), 8), "R$ 36.2k");
}

TEST(Font, WrapsAtSpacesAndKeepsLineBreaks) {
  const auto lines = WrapText("one two three\n\nfour", TextWidth("one two", 10), 10);
  EXPECT_EQ(lines, (std::vector<std::string>{"one two", "three", "", "four"}));
}

TEST(Font, HasTheLettersOfBrazilAndTheNearestOfOthers) {
  EXPECT_EQ(ToWindows1252("São João, não é?"), "S\xE3o Jo\xE3o, n\xE3o \xE9?");
  EXPECT_EQ(ToWindows1252("“€ 5” – …"), "\x93\x80 5\x94 \x96 \x85");
  EXPECT_EQ(ToWindows1252("Łódź ğ"),
            "L\xF3"
            "dz g");
  EXPECT_EQ(ToWindows1252("日\xFF"), "??");
}

}  // namespace
}  // namespace smelt::chart
