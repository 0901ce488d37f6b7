#include "serve/reports/internal/layout.h"

#include <algorithm>

#include "chart/font.h"

namespace smelt::serve::reports::internal {
namespace {

/// A word with its style, and whether a space stands before it.
struct Word {
  Piece piece;
  bool spaced = false;
};

std::vector<Word> WordsOf(const std::vector<Span>& spans, bool bold) {
  std::vector<Word> words;
  bool spaced = false;
  for (const Span& span : spans) {
    for (std::size_t at = 0; at <= span.text.size();) {
      const std::size_t end = std::min(span.text.find(' ', at), span.text.size());
      if (end > at) {
        words.push_back(
            {{.text = span.text.substr(at, end - at), .bold = bold || span.bold, .link = span.link}, spaced});
        spaced = false;
      }
      if (end < span.text.size()) spaced = true;
      at = end + 1;
    }
  }
  return words;
}

}  // namespace

std::vector<TileRow> PackRows(const std::vector<ReportTile>& tiles) {
  std::vector<TileRow> rows;
  int used = kColumns;
  for (const ReportTile& tile : tiles) {
    if (used + tile.width > kColumns) {
      rows.emplace_back();
      used = 0;
    }
    rows.back().push_back(&tile);
    used += tile.width;
  }
  return rows;
}

double TileWidth(int columns) {
  return (kContentWidth + kGutter) / kColumns * columns - kGutter;
}

std::vector<Line> BreakLines(const std::vector<Span>& spans, double width, double size, bool bold) {
  std::vector<Line> lines(1);
  double x = 0;
  for (Word& word : WordsOf(spans, bold)) {
    word.piece.text = chart::FitText(word.piece.text, width, size, word.piece.bold);
    word.piece.width = chart::TextWidth(word.piece.text, size, word.piece.bold);
    const double space = word.spaced && x > 0 ? chart::TextWidth(" ", size, word.piece.bold) : 0;
    if (x > 0 && x + space + word.piece.width > width + 0.01) {
      lines.emplace_back();
      x = 0;
    } else {
      x += space;
    }
    word.piece.x = x;
    x += word.piece.width;
    lines.back().push_back(std::move(word.piece));
  }
  return lines;
}

std::string VerdictLabel(const std::string& verdict) {
  if (verdict == "passed") return "✓ passed";
  if (verdict == "warned") return "! warned";
  if (verdict == "failed") return "✕ failed";
  return "– not checked";
}

}  // namespace smelt::serve::reports::internal
