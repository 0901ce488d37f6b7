#include "engine/internal/text_arena.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace smelt::engine {
namespace {

TEST(TextArena, TextsStayWhatTheyAreWhenTheArenaIsGone) {
  std::optional<TextArena> arena(std::in_place);
  std::vector<std::string> texts;
  std::vector<delta::SharedText> kept;
  for (std::size_t i = 0; i < 3'000; ++i) {
    texts.emplace_back(i * 7 % 5'000, static_cast<char>('a' + i % 26));
    kept.push_back(arena->Keep(texts.back()));
  }
  texts.emplace_back(std::size_t{20} << 20, 'x');
  kept.push_back(arena->Keep(texts.back()));
  arena.reset();
  for (std::size_t i = 0; i < texts.size(); ++i) ASSERT_EQ(kept[i], texts[i]) << i;
}

TEST(TextArena, WhatIsEmptyTakesNothing) {
  TextArena arena;
  EXPECT_TRUE(arena.Keep("").empty());
}

}  // namespace
}  // namespace smelt::engine
