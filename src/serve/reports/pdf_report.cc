#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "chart/font.h"
#include "chart/pdf_document.h"
#include "serve/reports/internal/layout.h"
#include "serve/reports/report.h"

namespace smelt::serve::reports {
namespace {

using chart::Anchor;
using chart::Box;
using chart::Canvas;
using chart::Ink;
using chart::Point;
using internal::kContentWidth;
using internal::kGutter;
using internal::TileRow;

constexpr double kMargin = (chart::PdfDocument::kA4Width - kContentWidth) / 2;
constexpr double kTop = 46, kBottom = chart::PdfDocument::kA4Height - 54;
constexpr double kText = 9.5, kTextLine = 13.5, kNote = 8, kNoteLine = 11, kTitle = 9.5, kTitleLine = 13;
constexpr double kCell = 8, kCellLine = 14, kTilePad = 14;

/// A table set into columns of a width.
class TableSetter {
 public:
  TableSetter(const WrittenTable& table, double width) : table_(table) {
    double sum = 0;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      double widest = chart::TextWidth(table.columns[column].label, kCell, true);
      for (const auto& row : table.rows) widest = std::max(widest, chart::TextWidth(row[column], kCell));
      widths_.push_back(std::min(widest, width * 0.5) + 10);
      sum += widths_.back();
    }
    // What is too wide is made narrower in proportion; what is left is shared.
    if (sum > width) {
      for (double& column : widths_) column *= width / sum;
    } else if (!widths_.empty()) {
      for (double& column : widths_) column += (width - sum) / static_cast<double>(widths_.size());
    }
  }

  double Height(std::size_t rows) const {
    return static_cast<double>(rows + 1) * kCellLine + (table_.left_out > 0 || table_.rows.empty() ? kNoteLine : 0);
  }

  /// Draws the heading and the rows from one to another; returns where it ended.
  double Draw(std::size_t from, std::size_t to, const Point& corner, Canvas& canvas) const {
    double y = corner.y;
    DrawRow(
        corner.x, y, canvas, [&](std::size_t column) -> const std::string& { return table_.columns[column].label; },
        true);
    y += kCellLine;
    for (std::size_t row = from; row < to; ++row, y += kCellLine) {
      DrawRow(
          corner.x, y, canvas, [&](std::size_t column) -> const std::string& { return table_.rows[row][column]; },
          false);
    }
    const bool is_last = to == table_.rows.size();
    if (is_last && table_.rows.empty()) Note(corner.x, y, "No rows for this period.", canvas);
    if (is_last && table_.left_out > 0) Note(corner.x, y, fmt::format("and {} more rows", table_.left_out), canvas);
    return y;
  }

 private:
  template <typename TextOf>
  void DrawRow(double x, double y, Canvas& canvas, const TextOf& text_of, bool is_head) const {
    const double base = y + kCellLine - 4.5;
    const double left = x;
    for (std::size_t column = 0; column < widths_.size(); ++column) {
      const std::string text = chart::FitText(text_of(column), widths_[column] - 8, kCell, is_head);
      const bool right = table_.columns[column].is_number;
      canvas.Text({right ? x + widths_[column] - 4 : x + (column == 0 ? 0 : 4), base}, text,
                  {.size = kCell,
                   .paint = {is_head ? Ink::kMuted : Ink::kText},
                   .bold = is_head,
                   .anchor = right ? Anchor::kEnd : Anchor::kStart});
      x += widths_[column];
    }
    canvas.Line(std::array{Point{left, y + kCellLine}, Point{x, y + kCellLine}},
                {.paint = {Ink::kGrid}, .width = is_head ? 0.8 : 0.4});
  }

  static void Note(double x, double y, std::string_view text, Canvas& canvas) {
    canvas.Text({x, y + kNoteLine}, text, {.size = kNote, .paint = {Ink::kMuted}});
  }

  const WrittenTable& table_;
  std::vector<double> widths_;
};

/// Sets a report on pages, from top to bottom.
class PageSetter {
 public:
  explicit PageSetter(const Report& report)
      : report_(report),
        document_({.title = report.title + (report.period.empty() ? "" : " – " + report.period),
                   .author = report.owner,
                   .subject = report.description,
                   .created_us = report.made_us}) {}

  Result<std::string> Write() {
    Begin();
    Head();
    for (const ReportPage& page : report_.pages) Section(page);
    Sources();
    for (std::size_t number = 0; number < pages_.size(); ++number) Foot(number);
    return document_.Bytes();
  }

 private:
  void Begin() {
    canvas_ = &document_.AddPage();
    pages_.push_back(canvas_);
    y_ = kTop;
  }

  /// Goes to a new page when less than `height` is left of this one.
  void Need(double height) {
    if (y_ + height > kBottom && y_ > kTop) Begin();
  }

  void Head() {
    canvas_->Rectangle({kMargin, y_, 48, 3}, {Ink::kAccent});
    y_ += 30;
    for (const std::string& line : chart::WrapText(report_.title, kContentWidth, 22, true)) {
      canvas_->Text({kMargin, y_}, line, {.size = 22, .bold = true});
      y_ += 26;
    }
    y_ -= 6;
    for (const std::string& line : chart::WrapText(report_.period, kContentWidth, 12)) {
      if (line.empty()) continue;
      canvas_->Text({kMargin, y_}, line, {.size = 12, .paint = {Ink::kText}});
      y_ += 16;
    }
    if (!report_.description.empty()) Paragraph(report_.description, Ink::kText);
    std::string line = "Made on " + InstantText(report_.made_us);
    if (!report_.owner.empty()) line += " · " + report_.owner;
    line += " · quality of the data: " + Plain(internal::VerdictLabel(WorstVerdict(report_.sources)));
    canvas_->Text({kMargin, y_}, line, {.size = kNote, .paint = {Ink::kMuted}});
    y_ += 16;
  }

  void Paragraph(const std::string& text, Ink ink) {
    for (const std::string& line : chart::WrapText(text, kContentWidth, kText)) {
      Need(kTextLine);
      canvas_->Text({kMargin, y_}, line, {.size = kText, .paint = {ink}});
      y_ += kTextLine;
    }
  }

  void Section(const ReportPage& page) {
    const std::vector<TileRow> rows = internal::PackRows(page.tiles);
    const double first = rows.empty() ? 0 : std::min(RowHeight(rows.front()), kBottom - kTop - 60);
    Need((page.title.empty() ? 0 : 34) + first);
    if (!page.title.empty()) {
      document_.AddBookmark(page.title);
      y_ += y_ > kTop ? 20 : 12;
      canvas_->Text({kMargin, y_}, chart::FitText(page.title, kContentWidth, 14, true), {.size = 14, .bold = true});
      y_ += 16;
    }
    if (!page.description.empty()) Paragraph(page.description, Ink::kMuted);
    for (const TileRow& row : rows) Row(row);
  }

  static double HeadHeight(const ReportTile& tile, double width) {
    double height = 6;
    if (!tile.title.empty()) {
      height += static_cast<double>(chart::WrapText(tile.title, width, kTitle, true).size()) * kTitleLine;
    }
    if (!tile.description.empty()) {
      height += static_cast<double>(chart::WrapText(tile.description, width, kNote).size()) * kNoteLine;
    }
    return height + 4;
  }

  static bool IsTable(const ReportTile& tile) {
    return tile.picture && std::holds_alternative<std::monostate>(tile.picture->chart);
  }

  static double BodyHeight(const ReportTile& tile, double width) {
    if (!tile.picture) {
      double height = 0;
      for (const Block& block : tile.text) {
        const double indent = block.kind == BlockKind::kItem ? 12 : 0;
        height += static_cast<double>(internal::BreakLines(block.spans, width - indent, kText).size()) * kTextLine + 3;
      }
      return height;
    }
    if (IsTable(tile)) return TableSetter(tile.picture->table, width).Height(tile.picture->table.rows.size());
    const bool is_number = std::holds_alternative<chart::BigNumber>(tile.picture->chart);
    if (is_number) return std::get<chart::BigNumber>(tile.picture->chart).history.size() > 1 ? 66 : 38;
    return tile.height * internal::kUnit;
  }

  static double RowHeight(const TileRow& row) {
    double height = 0;
    for (const ReportTile* tile : row) {
      const double width = internal::TileWidth(tile->width);
      height = std::max(height, HeadHeight(*tile, width) + BodyHeight(*tile, width));
    }
    return height + kTilePad;
  }

  void Row(const TileRow& row) {
    const bool is_long_table = row.size() == 1 && IsTable(*row.front());
    const double height = RowHeight(row);
    if (is_long_table) {
      Need(std::min(height, 120.0));
    } else {
      Need(height);
    }
    double x = kMargin;
    const double top = y_;
    double below = top + height;
    for (const ReportTile* tile : row) {
      const double width = internal::TileWidth(tile->width);
      const double body = TileHead(*tile, {x, top}, width);
      if (!tile->picture) {
        Text(tile->text, {x, body}, width);
      } else if (IsTable(*tile)) {
        below = is_long_table ? LongTable(*tile, {x, body}, width) : Table(*tile, {x, body}, width, below);
      } else {
        DrawChart(*tile->picture, {x, body, width, BodyHeight(*tile, width)}, *canvas_);
      }
      x += width + kGutter;
    }
    y_ = below;
  }

  /// Draws the line above a tile, its title and description; returns where its body begins.
  double TileHead(const ReportTile& tile, Point corner, double width) {
    canvas_->Line(std::array{corner, Point{corner.x + width, corner.y}}, {.paint = {Ink::kGrid}, .width = 0.6});
    corner.y += 6;
    if (!tile.title.empty()) {
      for (const std::string& line : chart::WrapText(tile.title, width, kTitle, true)) {
        canvas_->Text({corner.x, corner.y + kTitle}, line, {.size = kTitle, .bold = true});
        corner.y += kTitleLine;
      }
    }
    if (!tile.description.empty()) {
      for (const std::string& line : chart::WrapText(tile.description, width, kNote)) {
        canvas_->Text({corner.x, corner.y + kNote}, line, {.size = kNote, .paint = {Ink::kMuted}});
        corner.y += kNoteLine;
      }
    }
    return corner.y + 4;
  }

  void Text(const std::vector<Block>& blocks, Point corner, double width) {
    for (const Block& block : blocks) {
      const double indent = block.kind == BlockKind::kItem ? 12 : 0;
      if (indent > 0) canvas_->Circle({corner.x + 4, corner.y + kText - 3}, 1.5, {Ink::kMuted});
      const bool bold = block.kind == BlockKind::kHeading;
      for (const internal::Line& line : internal::BreakLines(block.spans, width - indent, kText, bold)) {
        for (const internal::Piece& piece : line) {
          const Point at = {corner.x + indent + piece.x, corner.y + kText};
          canvas_->Text(at, piece.text,
                        {.size = kText, .paint = {piece.link.empty() ? Ink::kText : Ink::kAccent}, .bold = piece.bold});
          if (!piece.link.empty()) {
            document_.AddLink({at.x, corner.y, piece.width, kTextLine}, piece.link);
          }
        }
        corner.y += kTextLine;
      }
      corner.y += 3;
    }
  }

  /// A table beside other tiles: what does not fit above `below` is counted.
  double Table(const ReportTile& tile, const Point& corner, double width, double below) {
    WrittenTable table = tile.picture->table;
    const double room = std::min(below - kTilePad, kBottom) - corner.y - kNoteLine;
    const auto fits = static_cast<std::size_t>(std::max(1.0, room / kCellLine)) - 1;
    if (table.rows.size() > fits && TableSetter(table, width).Height(table.rows.size()) > room + kNoteLine + 0.5) {
      table.left_out += table.rows.size() - fits;
      table.rows.resize(fits);
    }
    TableSetter(table, width).Draw(0, table.rows.size(), corner, *canvas_);
    return below;
  }

  /// A table over the whole width goes on over pages, with its heading on each.
  double LongTable(const ReportTile& tile, Point corner, double width) {
    const WrittenTable& table = tile.picture->table;
    const TableSetter setter(table, width);
    for (std::size_t from = 0;;) {
      const double room = kBottom - corner.y - kNoteLine;
      const auto fits = static_cast<std::size_t>(std::max(2.0, room / kCellLine)) - 1;
      const std::size_t to = std::min(table.rows.size(), from + fits);
      const double end = setter.Draw(from, to, corner, *canvas_);
      if (to == table.rows.size()) return end + kTilePad + (table.left_out > 0 || table.rows.empty() ? kNoteLine : 0);
      from = to;
      Begin();
      corner.y = y_;
    }
  }

  void Sources() {
    if (report_.sources.empty()) return;
    std::string text;
    for (const ReportSource& source : report_.sources) {
      text += fmt::format("{}{} version {} of {}, {}", text.empty() ? "" : " · ", source.table, source.version,
                          InstantText(source.committed_at_ms * 1000), Plain(internal::VerdictLabel(source.verdict)));
    }
    if (!report_.as_of.empty()) text += fmt::format(". The tables are those as of {}", report_.as_of);
    const std::vector<std::string> lines = chart::WrapText(text + ".", kContentWidth, kNote);
    Need(28 + static_cast<double>(lines.size()) * kNoteLine);
    y_ += 14;
    canvas_->Line(std::array{Point{kMargin, y_}, Point{kMargin + kContentWidth, y_}},
                  {.paint = {Ink::kGrid}, .width = 0.6});
    y_ += 14;
    canvas_->Text({kMargin, y_}, "Where these figures come from",
                  {.size = kNote, .paint = {Ink::kMuted}, .bold = true});
    for (const std::string& line : lines) {
      y_ += kNoteLine;
      canvas_->Text({kMargin, y_}, line, {.size = kNote, .paint = {Ink::kMuted}});
    }
  }

  /// The standard fonts have no such signs; the word tells it.
  static std::string Plain(const std::string& verdict) { return verdict.substr(verdict.find(' ') + 1); }

  void Foot(std::size_t number) {
    const double y = chart::PdfDocument::kA4Height - 32;
    pages_[number]->Line(std::array{Point{kMargin, y - 12}, Point{kMargin + kContentWidth, y - 12}},
                         {.paint = {Ink::kGrid}, .width = 0.5});
    const std::string left = report_.title + (report_.period.empty() ? "" : " · " + report_.period);
    pages_[number]->Text({kMargin, y}, chart::FitText(left, kContentWidth - 90, kNote),
                         {.size = kNote, .paint = {Ink::kMuted}});
    pages_[number]->Text({kMargin + kContentWidth, y}, fmt::format("page {} of {}", number + 1, pages_.size()),
                         {.size = kNote, .paint = {Ink::kMuted}, .anchor = Anchor::kEnd});
  }

  const Report& report_;
  chart::PdfDocument document_;
  Canvas* canvas_ = nullptr;
  std::vector<Canvas*> pages_;
  double y_ = kTop;
};

}  // namespace

Result<std::string> WritePdf(const Report& report) {
  return PageSetter(report).Write();
}

}  // namespace smelt::serve::reports
