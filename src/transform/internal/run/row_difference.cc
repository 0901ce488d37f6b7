#include "transform/internal/run/row_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

namespace smelt::transform {
namespace {

using Row = std::vector<engine::Cell>;
using Rows = std::vector<Row>;
using Line = std::vector<std::string>;

/// More rows than these make no table that anyone reads.
constexpr std::size_t kLinesMax = 50;
/// Rows that are set against each other: the work grows with their square.
constexpr std::size_t kPairedMax = 500;

std::string CellText(const engine::Cell& cell) {
  if (!cell) return "NULL";
  if (cell->empty()) return "''";
  std::string text;
  for (const char c : *cell) text += c == '\n' ? std::string("\\n") : std::string(1, c);
  return text;
}

std::size_t SharedCells(const Row& left, const Row& right) {
  std::size_t shared = 0;
  for (std::size_t i = 0; i < left.size(); ++i) shared += left[i] == right[i] ? 1U : 0U;
  return shared;
}

/// Takes out of both sorted sets what they have in common. Returns how many rows that are.
std::size_t DropCommon(Rows& expected, Rows& actual) {
  Rows only_expected, only_actual;
  std::ranges::set_difference(expected, actual, std::back_inserter(only_expected));
  std::ranges::set_difference(actual, expected, std::back_inserter(only_actual));
  const std::size_t common = expected.size() - only_expected.size();
  expected = std::move(only_expected);
  actual = std::move(only_actual);
  return common;
}

/// The actual row, not taken yet, that shares the most values with an expected one, if it shares any.
std::optional<std::size_t> Nearest(const Row& expected, const Rows& actual, const std::vector<bool>& taken) {
  std::optional<std::size_t> nearest;
  std::size_t most = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const std::size_t shared = taken[i] ? 0 : SharedCells(expected, actual[i]);
    if (shared <= most) continue;
    most = shared;
    nearest = i;
  }
  return nearest;
}

Line SingleLine(std::string_view mark, const Row& row) {
  Line line = {std::string(mark)};
  for (const engine::Cell& cell : row) line.push_back(CellText(cell));
  return line;
}

Line ChangedLine(const Row& expected, const Row& actual) {
  Line line = {"→"};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string text = CellText(expected[i]);
    line.push_back(expected[i] == actual[i] ? text : fmt::format("{} → {}", text, CellText(actual[i])));
  }
  return line;
}

std::vector<Line> Align(const Rows& expected, const Rows& actual) {
  std::vector<Line> lines;
  std::vector<bool> taken(actual.size());
  const bool pairs = expected.size() <= kPairedMax && actual.size() <= kPairedMax;
  for (const Row& row : expected) {
    const auto nearest = pairs ? Nearest(row, actual, taken) : std::nullopt;
    if (nearest) taken[*nearest] = true;
    lines.push_back(nearest ? ChangedLine(row, actual[*nearest]) : SingleLine("---", row));
  }
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (!taken[i]) lines.push_back(SingleLine("+++", actual[i]));
  }
  return lines;
}

/// Characters, not bytes.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool IsNumber(engine::TypeKind kind) {
  constexpr std::array kNumbers = {engine::TypeKind::kInteger, engine::TypeKind::kDecimal, engine::TypeKind::kFloat};
  return std::ranges::find(kNumbers, kind) != kNumbers.end();
}

/// Lines of one table below a header; numbers stand at the right.
std::string Draw(const std::vector<engine::ResultColumn>& columns, const std::vector<Line>& lines) {
  std::vector<Line> all(1);
  all.front().emplace_back();
  for (const engine::ResultColumn& column : columns) all.front().push_back(column.name);
  all.insert(all.end(), lines.begin(), lines.end());
  std::vector<std::size_t> widths(columns.size() + 1, 0);
  for (const Line& line : all) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], Width(line[i]));
  }
  std::string text;
  for (const Line& line : all) {
    std::string drawn = " ";
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string space(widths[i] - Width(line[i]), ' ');
      const bool at_right = i > 0 && IsNumber(columns[i - 1].kind);
      drawn += fmt::format("{}{}", i == 0 ? " " : i == 1 ? "  " : " | ", at_right ? space + line[i] : line[i] + space);
    }
    text += drawn.substr(0, drawn.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace

std::string DescribeDifference(const RowSets& rows) {
  Rows expected = rows.expected, actual = rows.actual;
  std::ranges::sort(expected);
  std::ranges::sort(actual);
  const std::size_t common = DropCommon(expected, actual);
  if (expected.empty() && actual.empty()) return "";
  std::vector<Line> lines = Align(expected, actual);
  const std::size_t left_out = lines.size() - std::min(lines.size(), kLinesMax);
  lines.resize(lines.size() - left_out);
  std::string text = "actual differs from expected:\n\n" + Draw(rows.columns, lines) + "\n";
  if (left_out > 0) text += fmt::format("{} more rows differ; ", left_out);
  text += fmt::format("{} row{} as expected", common, common == 1 ? " is" : "s are");
  return text;
}

}  // namespace smelt::transform
