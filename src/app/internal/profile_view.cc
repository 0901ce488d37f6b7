#include "app/internal/profile_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/internal/terminal/table_view.h"
#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

using quality::ColumnProfile;
using quality::TableProfile;

/// From this width on there is room for what is typical of a column.
constexpr int kWide = 110;
constexpr std::size_t kSparkWidth = 10;
constexpr int kValueWidth = 20;

/// The histogram as little bars; neighbours are put together until there are at most kSparkWidth.
std::string Sparkline(const std::vector<quality::HistogramBin>& bins, bool unicode) {
  if (bins.size() < 2) return {};
  const std::size_t each = (bins.size() + kSparkWidth - 1) / kSparkWidth;
  std::vector<std::int64_t> counts;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (i % each == 0) counts.push_back(0);
    counts.back() += bins[i].count;
  }
  constexpr std::array<std::string_view, 9> kBars = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::string_view kAscii = " .:-=+*#%";
  const double most = static_cast<double>(*std::ranges::max_element(counts));
  std::string line;
  for (const std::int64_t count : counts) {
    const double height = most > 0 ? static_cast<double>(count) / most * (kBars.size() - 1) : 0;
    const auto level = static_cast<std::size_t>(std::ceil(height));
    line += unicode ? kBars[level] : kAscii.substr(level, 1);
  }
  return line;
}

/// What is typical: the most frequent values, the middle of numbers, the format of texts.
std::string TypicalText(const ColumnProfile& column, std::int64_t rows) {
  const bool few = column.top_is_all && (column.kind == engine::TypeKind::kText || column.distinct <= 3);
  if (!few && column.quantiles.size() == quality::kProfileQuantiles.size()) {
    const std::string middle = "median " + FigureText(column, column.quantiles[3]);
    if (!column.mean || column.is_temporal()) return middle;
    return fmt::format("mean {}, {}", FigureText(column, *column.mean), middle);
  }
  if (!few && !column.patterns.empty()) {
    const auto& first = column.patterns.front();
    return fmt::format("{} {}", first.value, ShareText(first.count, column.pattern_values));
  }
  std::string text;
  for (const auto& one : column.top) {
    if (text.size() > 60) break;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", TruncateMiddle(OneLine(one.value), kValueWidth),
                        ShareText(one.count, rows));
  }
  return text;
}

std::string DistinctText(const ColumnProfile& column) {
  if (column.unique) return "unique";
  return (column.distinct_exact ? "" : "~") + FormatCount(column.distinct);
}

std::string ColumnTable(const TableProfile& profile, const Terminal& terminal) {
  const bool wide = terminal.size.columns >= kWide;
  TableContent table;
  table.columns = {{"column"}, {"type"}, {"nulls", true}, {"distinct", true}, {"range"}, {"spread"}};
  if (wide) table.columns.push_back({"typical"});
  for (const ColumnProfile& column : profile.columns) {
    std::vector<std::optional<std::string>> row = {
        column.name,          column.type,       ShareText(column.nulls, profile.rows),
        DistinctText(column), RangeText(column), Sparkline(column.histogram, terminal.unicode)};
    if (wide) row.emplace_back(TypicalText(column, profile.rows));
    table.rows.push_back(std::move(row));
  }
  table.rows_total = std::ssize(table.rows);
  std::string text = RenderTable(table, terminal.size.columns, {.unicode = terminal.unicode, .color = terminal.color});
  // The line below counts rows; here they are columns, and the first line has counted them.
  if (const std::size_t end = text.find_last_of('\n', text.size() - 2);
      end != std::string::npos && text.find("left out", end) == std::string::npos) {
    text.resize(end + 1);
  }
  return text;
}

/// A heading and lines below it; nothing without lines.
std::string Section(std::string_view heading, const std::vector<std::string>& lines, const Terminal& terminal) {
  if (lines.empty()) return {};
  constexpr int kIndent = 2;
  std::string text = "\n" + Paint(heading, Tone::kStrong, terminal.color) + "\n";
  for (const std::string& line : lines) {
    for (const std::string& part : Wrap(line, std::max(20, terminal.size.columns - kIndent - 1))) {
      text += Repeat(" ", kIndent) + part + "\n";
    }
  }
  return text;
}

std::vector<std::string> KeyLines(const TableProfile& profile) {
  std::vector<std::string> lines;
  for (const auto& key : profile.keys) lines.push_back(fmt::format("{}", fmt::join(key, ", ")));
  return lines;
}

std::vector<std::string> CorrelationLines(const TableProfile& profile) {
  constexpr std::size_t kShown = 8;
  std::vector<std::string> lines;
  for (const auto& one : profile.correlations) {
    if (lines.size() == kShown) {
      lines.push_back(fmt::format("and {} more (--json has all)", profile.correlations.size() - kShown));
      break;
    }
    lines.push_back(fmt::format("{:+.2f}  {} and {}", one.coefficient, one.a, one.b));
  }
  return lines;
}

std::vector<std::string> PersonalLines(const TableProfile& profile) {
  std::vector<std::string> lines;
  for (const ColumnProfile& column : profile.columns) {
    for (const auto& hint : column.personal) {
      lines.push_back(fmt::format("{}: {} ({})", column.name, hint.kind, hint.reason));
    }
  }
  return lines;
}

std::vector<std::string> OddityLines(const TableProfile& profile) {
  std::vector<std::string> lines;
  for (const ColumnProfile& column : profile.columns) {
    const auto oddities = OdditiesOf(column, profile.rows);
    if (!oddities.empty()) lines.push_back(fmt::format("{}: {}", column.name, fmt::join(oddities, ", ")));
  }
  return lines;
}

}  // namespace

std::string ShareText(std::int64_t part, std::int64_t whole) {
  if (part == 0 || whole == 0) return "0 %";
  if (part == whole) return "100 %";
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  constexpr double kLeast = 0.1;
  if (percent < kLeast) return "< 0.1 %";
  if (percent > 100 - kLeast) return "> 99.9 %";
  return fmt::format("{:.1f} %", percent);
}

std::string RangeText(const ColumnProfile& column) {
  if (column.kind == engine::TypeKind::kBoolean)
    return column.mean ? fmt::format("{:.1f} % true", *column.mean * 100) : "";
  if (column.lowest && column.greatest) {
    const std::string low = FigureText(column, *column.lowest);
    const std::string high = FigureText(column, *column.greatest);
    if (column.is_temporal()) {
      return fmt::format("{} .. {}", low.substr(0, low.find('T')), high.substr(0, high.find('T')));
    }
    return low == high ? low : fmt::format("{} .. {}", low, high);
  }
  if (column.length_min && column.length_max) {
    if (*column.length_min == *column.length_max) return fmt::format("{} chars", *column.length_min);
    return fmt::format("{} .. {} chars", *column.length_min, *column.length_max);
  }
  if (column.min && column.max && column.kind != engine::TypeKind::kText) {
    return fmt::format("{} .. {}", *column.min, *column.max);
  }
  return {};
}

std::vector<std::string> OdditiesOf(const ColumnProfile& column, std::int64_t rows) {
  std::vector<std::string> oddities;
  if (rows == 0) return oddities;
  const std::int64_t values = rows - column.nulls;
  if (values == 0) {
    oddities.emplace_back("null in every row");
    return oddities;
  }
  if (column.distinct == 1 && rows > 1 && column.top_is_all) {
    oddities.push_back(
        fmt::format("one value only, {}", TruncateMiddle(OneLine(column.top.front().value), kValueWidth)));
  }
  const auto add = [&](std::int64_t count, std::string_view what) {
    if (count > 0) oddities.push_back(fmt::format("{} {} ({})", FormatCount(count), what, ShareText(count, values)));
  };
  add(column.blank, "blank");
  add(column.untrimmed, "with a space at an end");
  add(column.not_finite, column.is_temporal() ? "infinite" : "NaN or infinite");
  if (column.is_number() && column.lowest && *column.lowest < 0) add(column.negatives, "negative");
  // A number that repeats far more often than its neighbours stands for something else: 0, -1, 9999.
  constexpr double kSpike = 0.2;
  if (column.is_number() && !column.top_is_all && !column.top.empty() &&
      static_cast<double>(column.top.front().count) > kSpike * static_cast<double>(values)) {
    add(column.top.front().count, "times the value " + column.top.front().value);
  }
  return oddities;
}

std::string RenderProfile(const TableProfile& profile, const Terminal& terminal) {
  std::string text = Paint(OneLine(profile.label), LayerTone(profile.table), terminal.color);
  if (profile.version && profile.label.find('@') == std::string::npos)
    text += fmt::format(" version {}", *profile.version);
  text += fmt::format(": {} rows, {} columns ({})\n", FormatCount(profile.rows),
                      FormatCount(std::ssize(profile.columns)), FormatSeconds(profile.seconds));
  text += ColumnTable(profile, terminal);
  text += Section("Candidate keys", KeyLines(profile), terminal);
  text += Section("Correlations", CorrelationLines(profile), terminal);
  text += Section("May be personal data", PersonalLines(profile), terminal);
  text += Section("Worth a look", OddityLines(profile), terminal);
  return text;
}

}  // namespace smelt::app
