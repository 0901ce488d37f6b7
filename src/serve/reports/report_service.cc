#include "serve/reports/report_service.h"

#include <fmt/format.h>

#include <utility>

#include "base/clock.h"
#include "serve/dashboards/quality_verdicts.h"

namespace smelt::serve::reports {
namespace {

constexpr std::size_t kDayLength = 10;

/// A value of an answer as a session writes it.
engine::Cell CellOf(const Json& value) {
  if (value.is_null()) return std::nullopt;
  return value.is_string() ? value.get<std::string>() : JsonText(value);
}

TileRows RowsOf(const Answer& answer) {
  TileRows rows{.columns = answer.columns, .truncated = answer.truncated};
  for (const Json& row : answer.Rows()) {
    auto& cells = rows.rows.emplace_back();
    for (const Json& value : row) cells.push_back(CellOf(value));
  }
  return rows;
}

Status CheckDate(const std::string& date) {
  const bool is_day = date.size() == kDayLength && ParseTimestampMicros(date).has_value();
  if (date.empty() || is_day) return {};
  return Fail(Error(ErrorCode::kUsage, fmt::format("'{}' is no day", date)).Hint("write it as 2018-08-31"));
}

/// The selection that holds when nobody chooses: periods end with the day that was asked for, else with their own.
Result<Selection> SelectDefaults(DashboardService& service, const Identity& identity, const Dashboard& definition,
                                 const ReportRequest& request, const std::stop_token& stop) {
  SMELT_TRY(CheckDate(request.date));
  if (request.date.empty()) return service.Select(identity, definition, {}, stop);
  Dashboard dated = definition;
  for (Filter& filter : dated.filters) {
    // A period without a last day of its own would end today.
    if (filter.until_sql.empty()) filter.until_sql = "select current_date";
  }
  return ReadSelection(dated, {}, [&](const Filter&) -> Result<std::string> { return request.date; });
}

}  // namespace

Result<Report> AskReport(engine::Engine& engine, DashboardService& service, const Identity& identity,
                         const DashboardPtr& definition, const ReportRequest& request, const std::stop_token& stop) {
  SMELT_ASSIGN(Selection selection, SelectDefaults(service, identity, *definition, request, stop));
  SMELT_ASSIGN(const Verdicts verdicts, ReadVerdicts(engine, service.queries(), stop));
  // All tiles read the tables as of one instant: what is committed while they are asked does not tear the report.
  selection.as_of = request.as_of.empty() ? FormatUtcMicros(request.made_us) : request.as_of;
  const AskTile ask = [&](const Tile& tile, const Selection& chosen) -> Result<ReportAnswer> {
    SMELT_ASSIGN(const TileReading looked, service.Look(identity, definition, tile, chosen));
    SMELT_ASSIGN(const AnswerPtr answer, service.queries().Run(looked.reading, stop));
    ReportAnswer made{.rows = RowsOf(*answer), .sql = looked.reading.question.sql};
    for (const TableRead& table : answer->tables) {
      const auto verdict = verdicts.find(table.Text());
      const Verdict known = verdict == verdicts.end() ? Verdict::kUnknown : verdict->second.verdict;
      made.tables.push_back({.table = table.Text(),
                             .version = table.version,
                             .committed_at_ms = table.committed_at_ms,
                             .verdict = std::string(VerdictText(known))});
    }
    return made;
  };
  SMELT_ASSIGN(Report report,
               MakeReport(*definition, selection, {.project = request.project, .made_us = request.made_us}, ask));
  report.as_of = request.as_of;
  return report;
}

}  // namespace smelt::serve::reports
