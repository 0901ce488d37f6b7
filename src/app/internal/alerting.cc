#include "app/internal/alerting.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <iostream>
#include <utility>

#include "app/internal/terminal/text.h"
#include "base/clock.h"
#include "base/file.h"
#include "notify/incidents.h"
#include "state/alert_store.h"
#include "state/run_store.h"

namespace smelt::app {
namespace {

/// A cell as JSON: numbers and truth values as such, so that they are not masked like texts.
Json CellToJson(const engine::Cell& cell, engine::TypeKind kind) {
  using engine::TypeKind;
  if (!cell) return {};
  if (kind == TypeKind::kBoolean) return *cell == "true";
  if (kind != TypeKind::kInteger && kind != TypeKind::kDecimal && kind != TypeKind::kFloat) return *cell;
  if (auto number = ParseJson(*cell, "number"); number && number->is_number_integer()) return *number;
  double real = 0;
  const auto [end, error] = std::from_chars(cell->data(), cell->data() + cell->size(), real);
  return error == std::errc() && end == cell->data() + cell->size() ? Json(real) : Json(*cell);
}

std::vector<notify::RawSample> ReadRows(engine::Engine& engine, const std::string& sql, notify::RawSample sample) {
  const auto session = engine.Connect();
  if (!session) return {};
  // What cannot be had must not keep an alert from being sent.
  const auto table = (*session)->Query(sql);
  if (!table || table->rows.empty()) return {};
  for (const engine::ResultColumn& column : table->columns) sample.columns.push_back(column.name);
  for (const auto& row : table->rows) {
    std::vector<Json> cells;
    for (std::size_t i = 0; i < row.size(); ++i) cells.push_back(CellToJson(row[i], table->columns[i].kind));
    sample.rows.push_back(std::move(cells));
  }
  return {std::move(sample)};
}

std::vector<notify::RawSample> FailingRows(engine::Engine& engine, const std::string& path, int rows_max) {
  auto query = ReadWholeFile(path);
  if (!query) return {};
  while (!query->empty() && (std::isspace(static_cast<unsigned char>(query->back())) != 0 || query->back() == ';')) {
    query->pop_back();
  }
  return ReadRows(engine, fmt::format("select * from (\n{}\n) limit {}", *query, rows_max), {.of = "failing rows"});
}

std::vector<notify::RawSample> QuarantinedRows(engine::Engine& engine, const std::string& step, int rows_max) {
  const auto dot = step.find('.');
  if (dot == std::string::npos) return {};
  return ReadRows(engine,
                  fmt::format("select source_file, line, column_name, rule from quarantine.{} "
                              "order by ingestion_timestamp desc, source_file, line limit {}",
                              engine::QuoteIdentifier(step.substr(dot + 1)), rows_max),
                  {.of = "rows in quarantine", .plain = {"source_file", "line", "column_name", "rule"}});
}

/// The values for which suites refused rows of a table before they were published.
std::vector<notify::RawSample> RefusedValues(engine::Engine& engine, const std::string& table) {
  const auto session = engine.Connect();
  if (!session) return {};
  const auto rows = (*session)->Query(fmt::format(
      "select expectation, column_name, details from quality.results where table_name = {0} and not success "
      "and table_version is null and validated_at = (select max(validated_at) from quality.results where "
      "table_name = {0})",
      engine::QuoteLiteral(table)));
  if (!rows) return {};
  Json failed = Json::array();
  for (const auto& row : rows->rows) {
    const auto details = ParseJson(row[2].value_or("{}"), "quality.results");
    failed.push_back({{"expectation", row[0].value_or("")},
                      {"column", row[1].value_or("")},
                      {"result", details ? details->value("result", Json::object()) : Json::object()}});
  }
  return notify::UnexpectedValues(failed);
}

}  // namespace

std::string DeadLetterFolder(const std::string& lake) {
  const std::filesystem::path state = StatePath(lake);
  return (state.parent_path() / (state.stem().string() + ".dead_letters")).string();
}

notify::SampleReader SamplesFrom(engine::Engine* engine) {
  if (engine == nullptr) return nullptr;
  return [engine](const Json& step, int rows_max) -> std::vector<notify::RawSample> {
    const Json details = step.value("details", Json::object());
    // Rows that were shown when they were found are not looked for again.
    if (details.value("as_before", false)) return {};
    // Rows that have come since say what is new, and cost less to find than some of all.
    if (const std::string newest = details.value("newest", std::string()); !newest.empty()) {
      auto rows = ReadRows(*engine, fmt::format("select * from (\n{}\n) as newest limit {}", newest, rows_max),
                           {.of = "failing rows that are new"});
      if (!rows.empty()) return rows;
    }
    const std::string query = details.value("query", std::string());
    if (!query.empty()) return FailingRows(*engine, query, rows_max);
    const std::string name = step.value("name", std::string());
    if (step.value("rows_quarantined", std::int64_t{0}) > 0) return QuarantinedRows(*engine, name, rows_max);
    return step.value("status", std::string()) == "done" ? std::vector<notify::RawSample>()
                                                         : RefusedValues(*engine, name);
  };
}

Result<notify::DeliveryReport> TellOfRuns(const CommandContext& context, const ProjectConfig& project,
                                          engine::Engine* engine) {
  return TellOfRuns(context, project, engine, context.stop);
}

Result<notify::DeliveryReport> TellOfRuns(const CommandContext& context, const ProjectConfig& project,
                                          engine::Engine* engine, std::stop_token stop) {
  if (project.notifications.routes.empty()) return notify::DeliveryReport();
  SMELT_ASSIGN(const state::StoreAddress address, StateAddress(context));
  SMELT_ASSIGN(const auto runs, state::RunStore::Open(address));
  SMELT_ASSIGN(const auto alerts, state::AlertStore::Open(address));
  SMELT_TRY(notify::JudgeRuns(project.notifications, *runs, *alerts, SamplesFrom(engine), NowMicros()));
  return notify::DeliverDue(project.notifications, *alerts, DeadLetterFolder(context.lake), std::move(stop));
}

void ReportAlerts(const CommandContext& context, const Result<notify::DeliveryReport>& report) {
  if (context.json) {
    Json line = {{"event", "alerts"}};
    if (report) {
      if (report->sent == 0 && report->dead.empty()) return;
      line["sent"] = report->sent;
      line["dead"] = report->dead;
    } else {
      line["error"] = report.error().ToString();
    }
    std::cout << JsonText(line) << "\n";
    return;
  }
  if (context.json_log) return;  // the log has it
  if (!report) {
    std::cerr << "alerts were not sent: " << OneLine(report.error().ToString()) << "\n";
    return;
  }
  for (const std::string& dead : report->dead) std::cerr << "alert not delivered to " << OneLine(dead) << "\n";
  if (!report->dead.empty()) std::cerr << "`smelt alerts retry` sends them again\n";
}

}  // namespace smelt::app
