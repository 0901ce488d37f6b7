#include "app/internal/terminal/list_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

constexpr int kListGap = 2;
constexpr int kIndent = 2;

int WidthOrMax(int width) {
  return width > 0 ? width : std::numeric_limits<int>::max() / 2;
}

/// Cells side by side; one that does not fit any more begins another line, indented.
class LineOfCells {
 public:
  LineOfCells(int width, bool color) : width_(WidthOrMax(width)), color_(color) {}

  void Add(std::string text, int column, Tone tone) {
    text = OneLine(text);
    const int needed = DisplayWidth(text);
    if (needed == 0 && column == 0) return;
    if (used_ > 0 && used_ + padding_ + kListGap + needed > width_) {
      text_ += "\n" + Repeat(" ", kIndent);
      used_ = kIndent;
      padding_ = 0;
    } else if (used_ > 0) {
      text_ += Repeat(" ", padding_ + kListGap);
      used_ += padding_ + kListGap;
    }
    text_ += Paint(text, tone, color_);
    used_ += needed;
    padding_ = std::max(0, column - needed);
  }

  std::string Take() { return std::move(text_) + "\n"; }

 private:
  const int width_;
  const bool color_;
  std::string text_;
  int used_ = 0;
  int padding_ = 0;  ///< that the last cell leaves to its column
};

}  // namespace

std::string RenderHanging(std::string_view first, std::string_view front, std::string_view text, int width, Tone tone,
                          const Terminal& terminal, std::size_t lines_max) {
  std::vector<std::string> lines = Wrap(text, std::max(20, WidthOrMax(width) - DisplayWidth(front)));
  std::erase_if(lines, [](const std::string& line) { return line.find_first_not_of(' ') == std::string::npos; });
  if (lines.size() > lines_max) {
    const std::size_t left_out = lines.size() - lines_max + 1;
    lines.resize(lines_max - 1);
    lines.push_back(fmt::format("{} {} more lines", terminal.unicode ? "…" : "...", left_out));
  }
  std::string drawn;
  for (const std::string& line : lines) {
    drawn += std::string(drawn.empty() ? first : front) + Paint(line, tone, terminal.color) + "\n";
  }
  return drawn.empty() ? std::string(first) + "\n" : drawn;
}

std::string RenderList(const std::vector<std::string>& names, const std::vector<ListEntry>& entries, int width,
                       const Terminal& terminal, std::size_t note_lines_max) {
  std::vector<int> columns(names.size(), 0);
  std::vector<bool> filled(names.size(), false);
  for (const ListEntry& entry : entries) {
    for (std::size_t i = 0; i < std::min(names.size(), entry.cells.size()); ++i) {
      columns[i] = std::max(columns[i], DisplayWidth(OneLine(entry.cells[i])));
      filled[i] = filled[i] || !entry.cells[i].empty();
    }
  }
  // A column in which nobody has anything is none.
  for (std::size_t i = 0; i < names.size(); ++i)
    columns[i] = filled[i] ? std::max(columns[i], DisplayWidth(names[i])) : 0;
  LineOfCells heading(width, terminal.color);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (filled[i]) heading.Add(names[i], columns[i], Tone::kDim);
  }
  std::string text = heading.Take();
  for (const ListEntry& entry : entries) {
    LineOfCells line(width, terminal.color);
    for (std::size_t i = 0; i < std::min(names.size(), entry.cells.size()); ++i) {
      if (filled[i]) line.Add(entry.cells[i], columns[i], i < entry.tones.size() ? entry.tones[i] : Tone::kPlain);
    }
    text += line.Take();
    const std::string front = Repeat(" ", kIndent);
    for (const ListNote& note : entry.notes) {
      if (note.text.empty()) continue;
      text += RenderHanging(front, front, note.text, width, note.tone, terminal, note_lines_max);
    }
  }
  return text;
}

}  // namespace smelt::app
