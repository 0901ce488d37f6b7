#include "serve/reports/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/clock.h"

namespace smelt::serve::reports {
namespace {

using Answers = std::map<std::string, ReportAnswer, std::less<>>;

/// The row whose figures a text means: of a big number the last, else the first.
const std::vector<engine::Cell>* FigureRow(const Tile& tile, const TileRows& rows) {
  if (rows.rows.empty()) return nullptr;
  return tile.type == TileType::kBigNumber ? &rows.rows.back() : &rows.rows.front();
}

/// "up 12.3%", "down 0.4 pp", "unchanged".
std::string TrendText(const Change& change) {
  if (change.direction == 0) return "unchanged";
  return (change.direction > 0 ? "up " : "down ") + change.text.substr(1);
}

std::optional<std::string> TileFigure(const Tile& tile, const TileRows& rows, std::string_view what) {
  if (what == "rows") return std::to_string(rows.rows.size());
  if (tile.type == TileType::kBigNumber && (what == "change" || what == "trend")) {
    const auto change = BigNumberChange(tile, rows);
    if (!change) return "without a figure to compare with";
    return what == "change" ? change->text : TrendText(*change);
  }
  const auto place = rows.Find(what);
  if (!place) return std::nullopt;
  const auto* row = FigureRow(tile, rows);
  return row == nullptr ? "n/a" : ViewOf(rows.columns[*place], tile.drawing).Write((*row)[*place]);
}

FindFigure FigureFinder(const Dashboard& definition, const Selection& selection, const Answers& answers) {
  return [&](std::string_view owner, std::string_view what) -> std::optional<std::string> {
    const auto chosen = selection.filters.find(std::string(owner));
    if (chosen != selection.filters.end() && (what == "from" || what == "to")) {
      const auto& side = what == "from" ? chosen->second.range.from : chosen->second.range.to;
      return side ? DayText(*side) : "the beginning";
    }
    const Tile* tile = definition.FindTile(owner);
    const auto answer = answers.find(owner);
    if (tile == nullptr || answer == answers.end()) return std::nullopt;
    return TileFigure(*tile, answer->second.rows, what);
  };
}

/// "1 Aug 2018 to 31 Aug 2018", "31 Aug 2018", "SP, RJ"; empty when nothing is chosen.
std::string ChosenText(const Filter& filter, const Chosen& chosen) {
  std::string text;
  if (filter.type == FilterType::kDateRange || filter.type == FilterType::kNumberRange) {
    const auto &from = chosen.range.from, &to = chosen.range.to;
    if (from && to) return *from == *to ? DayText(*from) : fmt::format("{} to {}", DayText(*from), DayText(*to));
    if (from) return "from " + DayText(*from);
    if (to) return "until " + DayText(*to);
    return {};
  }
  for (const std::string& value : chosen.values) {
    const auto option = std::ranges::find(filter.options, value, &FilterOption::value);
    text += (text.empty() ? "" : ", ") + (option == filter.options.end() ? value : option->label);
  }
  return text;
}

std::string PeriodText(const Dashboard& definition, const Selection& selection) {
  std::string text;
  for (const Filter& filter : definition.filters) {
    const auto chosen = selection.filters.find(filter.name);
    if (chosen == selection.filters.end()) continue;
    const std::string choice = ChosenText(filter, chosen->second);
    if (choice.empty()) continue;
    text +=
        fmt::format("{}{}: {}", text.empty() ? "" : " · ", filter.label.empty() ? filter.name : filter.label, choice);
  }
  return text;
}

/// All tables of all answers, once each.
std::vector<ReportSource> SourcesOf(const Answers& answers) {
  std::map<std::string, ReportSource> sources;
  for (const auto& [tile, answer] : answers) {
    for (const ReportSource& source : answer.tables) {
      const auto [known, is_new] = sources.try_emplace(source.table, source);
      if (!is_new && source.version > known->second.version) known->second = source;
    }
  }
  std::vector<ReportSource> listed;
  for (auto& [table, source] : sources) listed.push_back(std::move(source));
  return listed;
}

Result<ReportTile> MakeTile(const Tile& tile, const Answers& answers, const FindFigure& find) {
  ReportTile made{.width = std::clamp(tile.width, 1, 12), .height = std::max(1, tile.height)};
  SMELT_ASSIGN(made.title, FillIn(tile.title, find, tile.file, tile.line));
  SMELT_ASSIGN(made.description, FillIn(tile.description, find, tile.file, tile.line));
  if (tile.type == TileType::kText) {
    SMELT_ASSIGN(const std::string text, FillIn(tile.text, find, tile.file, tile.line));
    made.text = ReadMarkdown(text);
    return made;
  }
  const ReportAnswer& answer = answers.find(tile.name)->second;
  made.sql = answer.sql;
  SMELT_ASSIGN(made.picture, MakePicture(tile, answer.rows));
  return made;
}

}  // namespace

std::string InstantText(std::int64_t micros) {
  const std::string iso = FormatUtcMicros(micros);
  return fmt::format("{} {} UTC", DayText(iso), iso.substr(11, 5));
}

std::string WorstVerdict(const std::vector<ReportSource>& sources) {
  constexpr std::array<std::string_view, 4> kWorstFirst = {"failed", "warned", "passed", "unknown"};
  for (const std::string_view verdict : kWorstFirst) {
    if (std::ranges::find(sources, verdict, &ReportSource::verdict) != sources.end()) return std::string(verdict);
  }
  return "unknown";
}

Result<Report> MakeReport(const Dashboard& definition, const Selection& selection, const ReportOptions& options,
                          const AskTile& ask) {
  Answers answers;
  for (const Tile* tile : definition.tiles()) {
    if (tile->type == TileType::kText) continue;
    SMELT_ASSIGN(answers[tile->name], ask(*tile, selection));
  }
  const FindFigure find = FigureFinder(definition, selection, answers);
  Report report{.name = definition.name,
                .title = definition.title.empty() ? definition.name : definition.title,
                .owner = definition.owner,
                .project = options.project,
                .period = PeriodText(definition, selection),
                .as_of = selection.as_of,
                .sources = SourcesOf(answers),
                .made_us = options.made_us};
  SMELT_ASSIGN(report.description, FillIn(definition.description, find, definition.file, definition.line));
  for (const DashboardPage& page : definition.pages) {
    ReportPage made;
    SMELT_ASSIGN(made.title, FillIn(page.title, find, definition.file, definition.line));
    SMELT_ASSIGN(made.description, FillIn(page.description, find, definition.file, definition.line));
    for (const Tile& tile : page.tiles) {
      SMELT_ASSIGN(ReportTile shown, MakeTile(tile, answers, find));
      made.tiles.push_back(std::move(shown));
    }
    report.pages.push_back(std::move(made));
  }
  return report;
}

}  // namespace smelt::serve::reports
