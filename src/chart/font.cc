#include "chart/font.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace smelt::chart {
namespace {

constexpr std::size_t kFirst = 32;
constexpr double kRounding = 1e-6;  // of sums that come out as the width itself
using Widths = std::array<std::uint16_t, 256 - kFirst>;

// The advance widths of the standard fonts, in thousandths of the size, in the order of Windows-1252 from the space.
constexpr Widths kRegular = {
    278,  278, 355, 556,  556, 889, 667, 191, 333, 333, 389, 584,  278, 333, 278,  278, 556,  556,  556, 556,  556,
    556,  556, 556, 556,  556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722,  722, 667,  611,  778, 722,  278,
    500,  667, 556, 833,  722, 778, 667, 778, 722, 667, 611, 722,  667, 944, 667,  667, 611,  278,  278, 278,  469,
    556,  333, 556, 556,  500, 556, 556, 278, 556, 556, 222, 222,  500, 222, 833,  556, 556,  556,  556, 333,  500,
    278,  556, 500, 722,  500, 500, 500, 334, 260, 334, 584, 350,  556, 350, 222,  556, 333,  1000, 556, 556,  333,
    1000, 667, 333, 1000, 350, 611, 350, 350, 222, 222, 333, 333,  350, 556, 1000, 333, 1000, 500,  333, 944,  350,
    500,  667, 278, 333,  556, 556, 556, 556, 260, 556, 333, 737,  370, 556, 584,  333, 737,  333,  400, 584,  333,
    333,  333, 556, 537,  278, 333, 333, 365, 556, 834, 834, 834,  611, 667, 667,  667, 667,  667,  667, 1000, 722,
    667,  667, 667, 667,  278, 278, 278, 278, 722, 722, 778, 778,  778, 778, 778,  584, 778,  722,  722, 722,  722,
    667,  667, 611, 556,  556, 556, 556, 556, 556, 889, 500, 556,  556, 556, 556,  278, 278,  278,  278, 556,  556,
    556,  556, 556, 556,  556, 584, 611, 556, 556, 556, 556, 500,  556, 500};
constexpr Widths kBold = {
    278,  333, 474, 556,  556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278,  278, 556,  556,  556, 556,  556,
    556,  556, 556, 556,  556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722,  722, 667,  611,  778, 722,  278,
    556,  722, 611, 833,  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,  667, 611,  333,  278, 333,  584,
    556,  333, 556, 611,  556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889,  611, 611,  611,  611, 389,  556,
    333,  611, 556, 778,  556, 556, 500, 389, 280, 389, 584, 350, 556, 350, 278,  556, 500,  1000, 556, 556,  333,
    1000, 667, 333, 1000, 350, 611, 350, 350, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556,  333, 944,  350,
    500,  667, 278, 333,  556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584,  333, 737,  333,  400, 584,  333,
    333,  333, 611, 556,  278, 333, 333, 365, 556, 834, 834, 834, 611, 722, 722,  722, 722,  722,  722, 1000, 722,
    667,  667, 667, 667,  278, 278, 278, 278, 722, 722, 778, 778, 778, 778, 778,  584, 778,  722,  722, 722,  722,
    667,  667, 611, 556,  556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556,  278, 278,  278,  278, 611,  611,
    611,  611, 611, 611,  611, 584, 611, 611, 611, 611, 611, 556, 611, 556};

/// One character of UTF-8; bytes that are none count one by one.
struct Decoded {
  char32_t point = 0;
  std::size_t bytes = 1;
};

Decoded Decode(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80U) return {lead, 1};
  const std::size_t length = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : lead >= 0xC2U ? 2 : 0;
  if (length == 0 || text.size() < length) return {U'?', 1};
  char32_t point = lead & (0xFFU >> (length + 1));
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0U) != 0x80U) return {U'?', 1};
    point = (point << 6U) | (byte(at) & 0x3FU);
  }
  return {point, length};
}

struct Mapping {
  char32_t point;
  unsigned char code;
};

// What Windows-1252 has between 0x80 and 0x9F, and the nearest of what it lacks; ordered by code point.
constexpr std::array kMappings = std::to_array<Mapping>({
    {0x0100, 'A'},  {0x0101, 'a'},  {0x0102, 'A'},  {0x0103, 'a'},  {0x0104, 'A'},  {0x0105, 'a'},  {0x0106, 'C'},
    {0x0107, 'c'},  {0x010C, 'C'},  {0x010D, 'c'},  {0x010E, 'D'},  {0x010F, 'd'},  {0x0110, 'D'},  {0x0111, 'd'},
    {0x0112, 'E'},  {0x0113, 'e'},  {0x0118, 'E'},  {0x0119, 'e'},  {0x011A, 'E'},  {0x011B, 'e'},  {0x011E, 'G'},
    {0x011F, 'g'},  {0x0128, 'I'},  {0x0129, 'i'},  {0x012A, 'I'},  {0x012B, 'i'},  {0x0130, 'I'},  {0x0131, 'i'},
    {0x0141, 'L'},  {0x0142, 'l'},  {0x0143, 'N'},  {0x0144, 'n'},  {0x0147, 'N'},  {0x0148, 'n'},  {0x0150, 'O'},
    {0x0151, 'o'},  {0x0152, 0x8C}, {0x0153, 0x9C}, {0x0158, 'R'},  {0x0159, 'r'},  {0x015A, 'S'},  {0x015B, 's'},
    {0x015E, 'S'},  {0x015F, 's'},  {0x0160, 0x8A}, {0x0161, 0x9A}, {0x0164, 'T'},  {0x0165, 't'},  {0x0168, 'U'},
    {0x0169, 'u'},  {0x016A, 'U'},  {0x016B, 'u'},  {0x016E, 'U'},  {0x016F, 'u'},  {0x0170, 'U'},  {0x0171, 'u'},
    {0x0178, 0x9F}, {0x0179, 'Z'},  {0x017A, 'z'},  {0x017B, 'Z'},  {0x017C, 'z'},  {0x017D, 0x8E}, {0x017E, 0x9E},
    {0x0192, 0x83}, {0x02C6, 0x88}, {0x02DC, 0x98}, {0x1EBC, 'E'},  {0x1EBD, 'e'},  {0x2009, ' '},  {0x2010, '-'},
    {0x2011, '-'},  {0x2013, 0x96}, {0x2014, 0x97}, {0x2018, 0x91}, {0x2019, 0x92}, {0x201A, 0x82}, {0x201C, 0x93},
    {0x201D, 0x94}, {0x201E, 0x84}, {0x2020, 0x86}, {0x2021, 0x87}, {0x2022, 0x95}, {0x2026, 0x85}, {0x202F, 0xA0},
    {0x2030, 0x89}, {0x2039, 0x8B}, {0x203A, 0x9B}, {0x20AC, 0x80}, {0x2122, 0x99}, {0x2212, 0x96},
});

/// The code of a character, 0 when there is no like.
unsigned char CodeOf(char32_t point) {
  if (point < 0x80 || (point >= 0xA0 && point <= 0xFF)) return static_cast<unsigned char>(point);
  const auto* const found = std::ranges::lower_bound(kMappings, point, {}, &Mapping::point);
  return found != kMappings.end() && found->point == point ? found->code : 0;
}

double WidthOf(char32_t point, bool bold) {
  const unsigned char code = CodeOf(point);
  const Widths& widths = bold ? kBold : kRegular;
  return code < kFirst ? widths.at('0' - kFirst) : widths.at(code - kFirst);
}

/// The longest beginning, or end, of whole characters that is no wider than `width`, in thousandths of the size.
std::string_view Beginning(std::string_view text, double width, bool bold) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Decoded next = Decode(text.substr(at));
    width -= WidthOf(next.point, bold);
    if (width < 0) break;
    at += next.bytes;
  }
  return text.substr(0, at);
}

std::string_view Ending(std::string_view text, double width, bool bold) {
  std::size_t at = text.size();
  while (at > 0) {
    std::size_t before = at - 1;
    while (before > 0 && at - before < 4 && (static_cast<unsigned char>(text[before]) & 0xC0U) == 0x80U) --before;
    width -= WidthOf(Decode(text.substr(before)).point, bold);
    if (width < 0) break;
    at = before;
  }
  return text.substr(at);
}

void WrapParagraph(std::string_view text, double width, double size, bool bold, std::vector<std::string>& lines) {
  std::string line;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    const std::string longer = line.empty() ? std::string(word) : line + ' ' + std::string(word);
    if (TextWidth(longer, size, bold) <= width + kRounding) {
      line = longer;
      continue;
    }
    if (!line.empty()) lines.push_back(line);
    line = FitText(word, width, size, bold);
  }
  lines.push_back(line);
}

}  // namespace

double TextWidth(std::string_view text, double size, bool bold) {
  double width = 0;
  while (!text.empty()) {
    const Decoded next = Decode(text);
    width += WidthOf(next.point, bold);
    text.remove_prefix(next.bytes);
  }
  return width * size / 1000;
}

std::string FitText(std::string_view text, double width, double size, bool bold) {
  if (TextWidth(text, size, bold) <= width + kRounding) return std::string(text);
  const double left = width * 1000 / size - WidthOf(U'…', bold);
  if (left < 0) return {};
  const std::string_view head = Beginning(text, left * 0.65, bold);
  const std::string_view tail = Ending(text, left - TextWidth(head, 1000, bold), bold);
  return std::string(head) + "…" + std::string(tail);
}

std::vector<std::string> WrapText(std::string_view text, double width, double size, bool bold) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    WrapParagraph(text.substr(at, end - at), width, size, bold, lines);
    at = end + 1;
  }
  return lines;
}

std::string ToWindows1252(std::string_view text) {
  std::string codes;
  while (!text.empty()) {
    const Decoded next = Decode(text);
    const unsigned char code = CodeOf(next.point);
    codes += code < kFirst ? (code == '\t' || code == '\n' ? ' ' : '?') : static_cast<char>(code);
    text.remove_prefix(next.bytes);
  }
  return codes;
}

}  // namespace smelt::chart
