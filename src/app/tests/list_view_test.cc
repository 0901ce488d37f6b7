#include "app/internal/terminal/list_view.h"

#include <gtest/gtest.h>

#include <sstream>

#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

int WidestOf(const std::string& text) {
  std::istringstream lines(text);
  int widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, DisplayWidth(line));
  return widest;
}

TEST(RenderList, PutsCellsInColumnsAndNotesBelow) {
  const std::vector<ListEntry> entries = {
      {.cells = {"20180524T060000Z-3f9a2c", "daily", "failed"}, .notes = {{"no table\nsilver.orders"}}},
      {.cells = {"20180525T060000Z-b1", "nightly", "succeeded"}}};
  EXPECT_EQ(RenderList({"run", "pipeline", "status"}, entries, 80, {}),
            "run                      pipeline  status\n"
            "20180524T060000Z-3f9a2c  daily     failed\n"
            "  no table\n"
            "  silver.orders\n"
            "20180525T060000Z-b1      nightly   succeeded\n");
}

TEST(RenderList, KeepsEveryCellWholeInNarrowTerminals) {
  const std::vector<ListEntry> entries = {
      {.cells = {"20180524T060000Z-3f9a2c", "daily", "failed"}, .notes = {{std::string(90, 'x')}}}};
  const std::string text = RenderList({"run", "pipeline", "status"}, entries, 28, {});
  EXPECT_LE(WidestOf(text), 28) << text;
  EXPECT_NE(text.find("20180524T060000Z-3f9a2c\n  daily     failed\n"), std::string::npos) << text;
}

TEST(RenderList, LeavesOutEmptyColumnsAndTheEndOfLongNotes) {
  const std::vector<ListEntry> entries = {{.cells = {"a", "", "b"}, .notes = {{"1\n2\n3\n4\n5"}, {""}}}};
  EXPECT_EQ(RenderList({"x", "nothing", "y"}, entries, 80, {.unicode = false, .size = {}}, 3),
            "x  y\na  b\n  1\n  2\n  ... 3 more lines\n");
}

TEST(RenderList, NeverLetsAValueSteerTheTerminal) {
  const std::string text = RenderList({"x"}, {{.cells = {"\x1b[2J"}, .notes = {{"\x1b[31mred"}}}}, 80, {});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(RenderHanging, AlignsLinesBehindTheFirst) {
  EXPECT_EQ(RenderHanging("late  ", "      ", "one two three four five six", 30, Tone::kPlain, {}),
            "late  one two three four five\n      six\n");
}

}  // namespace
}  // namespace smelt::app
