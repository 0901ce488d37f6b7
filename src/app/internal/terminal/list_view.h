#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/internal/terminal/terminal.h"

namespace smelt::app {

/// A text below the cells of an entry.
struct ListNote {
  std::string text;
  Tone tone = Tone::kPlain;
};

/// One thing of a list: short texts side by side, longer ones below them. A tone for each cell; kPlain without.
struct ListEntry {
  std::vector<std::string> cells;
  std::vector<Tone> tones = {};
  std::vector<ListNote> notes = {};
};

/// Draws a list for people: cells in columns under their names, without lines between them, so that an id can be copied
/// whole and a long text be read whole. What does not fit into `width` columns goes to a line of its own; notes are
/// wrapped, and cut after `note_lines_max` lines. `width` 0: unlimited. Values cannot steer the terminal.
std::string RenderList(const std::vector<std::string>& names, const std::vector<ListEntry>& entries, int width,
                       const Terminal& terminal, std::size_t note_lines_max = 6);

/// `text` wrapped into lines that each begin with `front`, the first with `first` instead, which is as wide.
/// Empty lines are left out. `width` 0: unlimited; only line ends break then.
std::string RenderHanging(std::string_view first, std::string_view front, std::string_view text, int width, Tone tone,
                          const Terminal& terminal, std::size_t lines_max = 1'000);

}  // namespace smelt::app
