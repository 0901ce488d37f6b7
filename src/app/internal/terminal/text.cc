#include "app/internal/terminal/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

namespace smelt::app {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

/// Characters that take two columns (Unicode's East Asian width W and F, emoji included).
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},   {0x23F0, 0x23F0},
    {0x23F3, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x267F},
    {0x2693, 0x2693},   {0x26A1, 0x26A1},   {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},
    {0x26CE, 0x26CE},   {0x26D4, 0x26D4},   {0x26EA, 0x26EA},   {0x26F2, 0x26F3},   {0x26F5, 0x26F5},
    {0x26FA, 0x26FA},   {0x26FD, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},
    {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27B0, 0x27B0},   {0x27BF, 0x27BF},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},
    {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},
    {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},
    {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18AFF}, {0x1AFF0, 0x1B2FF}, {0x1F004, 0x1F004},
    {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F200, 0x1F265}, {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7EB}, {0x1F90C, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};

/// Characters that take none: combining marks, joiners, variation selectors.
constexpr Range kZero[] = {{0x0300, 0x036F},   {0x0483, 0x0489},  {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
                           {0x06D6, 0x06DC},   {0x093C, 0x093C},  {0x0941, 0x0948}, {0x094D, 0x094D}, {0x0E31, 0x0E31},
                           {0x0E34, 0x0E3A},   {0x0E47, 0x0E4E},  {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D},
                           {0x2060, 0x2060},   {0x20D0, 0x20F0},  {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF},
                           {0x1F3FB, 0x1F3FF}, {0xE0100, 0xE01EF}};

/// Marks that change the writing direction: with them a text can look like another one.
constexpr Range kDirection[] = {{0x061C, 0x061C}, {0x200E, 0x200F}, {0x202A, 0x202E}, {0x2066, 0x2069}};

bool Contains(std::span<const Range> ranges, char32_t c) {
  const auto range = std::ranges::lower_bound(ranges, c, {}, &Range::last);
  return range != ranges.end() && c >= range->first;
}

constexpr char32_t kBroken = 0xFFFD;

/// A character and the number of bytes that it takes.
struct Decoded {
  char32_t character;
  std::size_t bytes;
};

/// Decodes the first character of a text that is not empty. A byte that starts no valid character is one by itself.
Decoded DecodeFirst(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {kBroken, 1};
  char32_t character = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80) return {kBroken, 1};
    character = (character << 6U) | (next & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (character < kSmallest[bytes] || character > 0x10FFFF || surrogate) return {kBroken, 1};
  return {character, bytes};
}

int WidthOf(char32_t character) {
  if (character < 0x300) return 1;
  if (Contains(kZero, character)) return 0;
  return Contains(kWide, character) ? 2 : 1;
}

/// A character with the marks that combine with it.
struct Cluster {
  std::string_view text;
  int width;
};

std::vector<Cluster> Clusters(std::string_view text) {
  std::vector<Cluster> clusters;
  while (!text.empty()) {
    const auto [character, bytes] = DecodeFirst(text);
    const int width = WidthOf(character);
    if (width == 0 && !clusters.empty()) {
      std::string_view& base = clusters.back().text;
      base = std::string_view(base.data(), base.size() + bytes);
    } else {
      clusters.push_back({text.substr(0, bytes), width});
    }
    text.remove_prefix(bytes);
  }
  return clusters;
}

/// The number of bytes at the start of `text` that fit into `width` columns, at least one character.
std::size_t FittingBytes(std::string_view text, int width) {
  std::size_t bytes = 0;
  for (int used = 0; const Cluster& cluster : Clusters(text)) {
    used += cluster.width;
    if (used > width && bytes > 0) break;
    bytes += cluster.text.size();
  }
  return bytes;
}

void WrapLine(std::string_view line, int width, std::vector<std::string>& lines) {
  while (DisplayWidth(line) > width) {
    std::size_t end = FittingBytes(line, width);
    std::size_t next = end;
    const std::size_t space = line.rfind(' ', end);
    if (space != std::string_view::npos && space > 0) {
      end = space;
      next = space + 1;
    }
    lines.emplace_back(line.substr(0, end));
    line.remove_prefix(next);
    if (line.empty()) return;
  }
  lines.emplace_back(line);
}

}  // namespace

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    if (text.starts_with("\x1b[")) {
      const std::size_t end = text.find_first_not_of("0123456789;?", 2);
      text.remove_prefix(std::min(text.size(), end == std::string_view::npos ? end : end + 1));
      continue;
    }
    const auto [character, bytes] = DecodeFirst(text);
    width += WidthOf(character);
    text.remove_prefix(bytes);
  }
  return width;
}

std::string OneLine(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const auto [character, bytes] = DecodeFirst(text);
    if (character == '\n') {
      line += "\\n";
    } else if (character == '\t') {
      line += "\\t";
    } else if (character == '\r') {
      line += "\\r";
    } else if (character < 0x20 || (character >= 0x7F && character < 0xA0)) {
      line += fmt::format("\\x{:02x}", static_cast<unsigned>(character));
    } else if (character == kBroken) {
      line += "\xEF\xBF\xBD";
    } else if (!Contains(kDirection, character)) {
      line += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return line;
}

std::string TruncateMiddle(std::string_view text, int width, bool unicode) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width <= 0) return {};
  const std::vector<Cluster> clusters = Clusters(text);
  const int tail_width = (width - 1) / 2;
  const int head_width = width - 1 - tail_width;
  std::string head;
  for (int used = 0; const Cluster& cluster : clusters) {
    used += cluster.width;
    if (used > head_width) break;
    head += cluster.text;
  }
  std::size_t tail_begin = text.size();
  for (int used = 0; const Cluster& cluster : std::vector(clusters.rbegin(), clusters.rend())) {
    used += cluster.width;
    if (used > tail_width) break;
    tail_begin -= cluster.text.size();
  }
  return head + (unicode ? "…" : "~") + std::string(text.substr(tail_begin));
}

std::string PadRight(std::string text, int width) {
  text.append(static_cast<std::size_t>(std::max(0, width - DisplayWidth(text))), ' ');
  return text;
}

std::string PadLeft(std::string text, int width) {
  text.insert(0, static_cast<std::size_t>(std::max(0, width - DisplayWidth(text))), ' ');
  return text;
}

void Append(std::vector<std::string>& lines, std::vector<std::string> more) {
  std::ranges::move(more, std::back_inserter(lines));
}

std::vector<std::string> Wrap(std::string_view text, int width) {
  width = std::max(width, 1);
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string spaced(text.substr(0, end));
    for (std::size_t tab = spaced.find('\t'); tab != std::string::npos; tab = spaced.find('\t', tab)) {
      spaced.replace(tab, 1, "  ");
    }
    const std::string line = OneLine(spaced);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    WrapLine(line, width, lines);
  }
  return lines;
}

std::string Repeat(std::string_view text, int count) {
  std::string repeated;
  for (int i = 0; i < count; ++i) repeated += text;
  return repeated;
}

std::string FormatCount(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::ptrdiff_t first = count < 0 ? 1 : 0;
  for (auto position = static_cast<std::ptrdiff_t>(digits.size()) - 3; position > first; position -= 3) {
    digits.insert(static_cast<std::size_t>(position), ",");
  }
  return digits;
}

std::string FormatSeconds(double seconds) {
  if (seconds < 9.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const std::int64_t whole = std::llround(seconds);
  if (whole < 3600) return fmt::format("{} m {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} m", whole / 3600, whole / 60 % 60);
}

std::string FormatBytes(std::int64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (size >= 999.5 && unit + 1 < kUnits.size()) {
    size /= 1000;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", size, unit == 0 || size >= 99.95 ? 0 : 1, kUnits[unit]);
}

std::string FormatRate(double per_second, std::string_view unit) {
  const bool bytes = unit == "bytes";
  constexpr std::array<std::string_view, 5> kPrefixes = {"", "k", "M", "G", "T"};
  std::size_t prefix = 0;
  while (per_second >= 999.5 && prefix + 1 < kPrefixes.size()) {
    per_second /= 1000;
    ++prefix;
  }
  const int digits = prefix == 0 || per_second >= 99.95 ? 0 : per_second >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}{}{}/s", per_second, digits, bytes ? " " : "", kPrefixes[prefix], bytes ? "B" : "");
}

}  // namespace smelt::app
