#include "app/internal/terminal/table_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>

#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

constexpr std::string_view kNull = "NULL";
/// Texts are not shortened below this; a table that still does not fit loses columns.
constexpr int kTextWidthMin = 8;
/// One space on both sides of a value and the line to its left.
constexpr int kColumnFrame = 3;
/// The column that stands for those left out.
constexpr std::size_t kGapColumn = static_cast<std::size_t>(-1);

struct Lines {
  std::string_view across, down, top[3], middle[3], bottom[3];
};
constexpr Lines kLight = {"─", "│", {"┌", "┬", "┐"}, {"├", "┼", "┤"}, {"└", "┴", "┘"}};
constexpr Lines kAscii = {"-", "|", {"+", "+", "+"}, {"+", "+", "+"}, {"+", "+", "+"}};

class Renderer {
 public:
  Renderer(const TableContent& table, int width, const TableStyle& style)
      : table_(table), style_(style), lines_(style.unicode ? kLight : kAscii) {
    Prepare(width);
    shown_.resize(table.columns.size());
    std::iota(shown_.begin(), shown_.end(), 0);
    if (width > 0) Fit(width);
  }

  std::string Render() const {
    std::string text;
    if (!shown_.empty()) {
      text += Rule(lines_.top);
      text += Row([&](std::size_t column) { return HeaderCell(column); });
      text += Rule(lines_.middle);
      for (std::size_t row = 0; row < texts_.size(); ++row) {
        text += Row([&](std::size_t column) { return ValueCell(row, column); });
      }
      text += Rule(lines_.bottom);
    }
    return text + Footer();
  }

 private:
  /// Makes the texts of all cells, and from them the width that each column would like to have.
  void Prepare(int width) {
    for (const TableColumn& column : table_.columns) {
      names_.push_back(OneLine(Ends(column.name, width)));
      widths_.push_back(std::max(1, DisplayWidth(names_.back())));
    }
    for (const auto& row : table_.rows) {
      std::vector<std::string>& texts = texts_.emplace_back();
      for (std::size_t i = 0; i < row.size(); ++i) {
        texts.push_back(row[i] ? OneLine(Ends(*row[i], width)) : std::string(kNull));
        widths_[i] = std::max(widths_[i], DisplayWidth(texts.back()));
      }
    }
  }

  /// What of a text can be seen in `width` columns at most: its beginning and its end, when it is very long.
  static std::string Ends(std::string_view text, int width) {
    constexpr std::size_t kBytesPerColumn = 16;
    const std::size_t half = static_cast<std::size_t>(width) * kBytesPerColumn;
    if (width == 0 || text.size() <= 2 * half) return std::string(text);
    return std::string(text.substr(0, half)) + std::string(text.substr(text.size() - half));
  }

  int WidthMin(std::size_t column) const {
    return table_.columns[column].right ? widths_[column] : std::min(widths_[column], kTextWidthMin);
  }

  int WidthOf(std::size_t column) const { return column == kGapColumn ? 1 : widths_[column]; }

  template <typename Width>
  int Total(Width width) const {
    int total = 1;
    for (const std::size_t column : shown_) total += kColumnFrame + width(column);
    return total;
  }

  void Fit(int width) {
    for (int& wish : widths_) wish = std::min(wish, width);
    const auto minimum = [this](std::size_t column) { return column == kGapColumn ? 1 : WidthMin(column); };
    if (Total(minimum) > width && shown_.size() > 2) DropMiddle(width, minimum);
    ShrinkWidest(width);
  }

  /// Leaves out columns from the middle until the others fit at their smallest; the first and the last stay.
  template <typename Width>
  void DropMiddle(int width, Width minimum) {
    const auto middle = shown_.begin() + static_cast<std::ptrdiff_t>(shown_.size() / 2);
    auto gap = shown_.insert(middle, kGapColumn);
    while (Total(minimum) > width && shown_.size() > 3) {
      const std::ptrdiff_t before = gap - shown_.begin();
      const std::ptrdiff_t after = shown_.end() - gap - 1;
      gap = before > after ? shown_.erase(gap - 1) : shown_.erase(gap + 1) - 1;
      ++columns_left_out_;
    }
  }

  /// Takes column after column from whichever is widest: first from texts as far as they stay readable, then from
  /// texts as far as need be, and from numbers last, because a shortened number misleads.
  void ShrinkWidest(int width) {
    int excess = Total([this](std::size_t column) { return WidthOf(column); }) - width;
    const auto readable = [this](std::size_t column) { return WidthMin(column); };
    const auto texts = [this](std::size_t column) { return table_.columns[column].right ? widths_[column] : 1; };
    const auto everything = [](std::size_t) { return 1; };
    excess = Shrink(excess, readable);
    excess = Shrink(excess, texts);
    Shrink(excess, everything);
  }

  /// Narrows columns, none below its floor, by `excess` in all. Returns what could not be taken.
  template <typename Floor>
  int Shrink(int excess, Floor floor) {
    while (excess > 0) {
      std::size_t widest = kGapColumn;
      for (const std::size_t column : shown_) {
        if (column == kGapColumn || widths_[column] <= floor(column)) continue;
        if (widest == kGapColumn || widths_[column] > widths_[widest]) widest = column;
      }
      if (widest == kGapColumn) break;
      --widths_[widest];
      --excess;
    }
    return excess;
  }

  std::string Rule(const std::string_view (&corners)[3]) const {
    std::string line(corners[0]);
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      if (i > 0) line += corners[1];
      line += Repeat(lines_.across, WidthOf(shown_[i]) + 2);
    }
    return Paint(line + std::string(corners[2]), Tone::kDim, style_.color) + "\n";
  }

  template <typename CellOf>
  std::string Row(CellOf cell) const {
    const std::string bar = Paint(lines_.down, Tone::kDim, style_.color);
    std::string line = bar;
    for (const std::size_t column : shown_) {
      line += " " + (column == kGapColumn ? std::string(style_.unicode ? "…" : "~") : cell(column)) + " " + bar;
    }
    return line + "\n";
  }

  std::string HeaderCell(std::size_t column) const { return Fill(names_[column], column, Tone::kStrong); }

  std::string ValueCell(std::size_t row, std::size_t column) const {
    return Fill(texts_[row][column], column, table_.rows[row][column] ? Tone::kPlain : Tone::kDim);
  }

  std::string Fill(const std::string& text, std::size_t column, Tone tone) const {
    std::string fitting = TruncateMiddle(text, widths_[column], style_.unicode);
    const int padding = widths_[column] - DisplayWidth(fitting);
    fitting = Paint(fitting, tone, style_.color);
    return table_.columns[column].right ? Repeat(" ", padding) + fitting : fitting + Repeat(" ", padding);
  }

  std::string Footer() const {
    const auto shown = static_cast<std::int64_t>(table_.rows.size());
    const std::int64_t total = std::max(table_.rows_total, shown);
    std::string text = fmt::format("{} row{}", FormatCount(total), total == 1 ? "" : "s");
    if (total > shown) text += fmt::format(", {} left out", FormatCount(total - shown));
    if (columns_left_out_ > 0) {
      text += fmt::format("; {} columns, {} left out", table_.columns.size(), columns_left_out_);
    }
    return Paint(text, Tone::kDim, style_.color) + "\n";
  }

  const TableContent& table_;
  const TableStyle& style_;
  const Lines& lines_;
  std::vector<std::string> names_;  ///< of every column of the table
  std::vector<std::vector<std::string>> texts_;
  std::vector<int> widths_;
  std::vector<std::size_t> shown_;  ///< columns from left to right, kGapColumn among them
  std::size_t columns_left_out_ = 0;
};

}  // namespace

std::string RenderTable(const TableContent& table, int width, const TableStyle& style) {
  return Renderer(table, width, style).Render();
}

}  // namespace smelt::app
