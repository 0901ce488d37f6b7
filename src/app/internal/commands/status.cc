#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <ranges>

#include "app/internal/command.h"
#include "app/internal/status_report.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "base/clock.h"

namespace smelt::app {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::size_t kChangedShown = 12;
constexpr int kHoursMax = 24 * 365;

/// "2018-05-24 06:00"; in UTC, as everywhere.
std::string Time(std::int64_t micros) {
  constexpr std::size_t kMinutes = 16;
  if (micros == 0) return "never";
  std::string text = FormatUtcMicros(micros).substr(0, kMinutes);
  text[10] = ' ';
  return text;
}

Json TimeJson(std::int64_t micros) {
  return micros == 0 ? Json() : Json(FormatUtcMicros(micros));
}

std::string Ago(std::int64_t micros) {
  return FormatSeconds(static_cast<double>(micros) / static_cast<double>(kMicros));
}

Json StatusToJson(const StatusReport& report) {
  Json json = {{"at", FormatUtcMicros(report.now_us)}, {"well", report.well()}, {"pipelines", report.pipelines}};
  for (const char* list : {"late", "failed", "running", "incidents", "quarantined", "changed"}) {
    json[list] = Json::array();
  }
  for (const LastRuns& one : report.late) {
    json["late"].push_back({{"pipeline", one.pipeline},
                            {"due", TimeJson(one.due_us)},
                            {"late_seconds", one.late_us / kMicros},
                            {"last_good_run", one.last_good->id},
                            {"last_good", TimeJson(one.last_good->finished_us)}});
  }
  for (const FailedRun& one : report.failed) {
    json["failed"].push_back({{"pipeline", one.run.pipeline},
                              {"run_id", one.run.id},
                              {"status", state::RunStatusText(one.run.status)},
                              {"started", TimeJson(one.run.started_us)},
                              {"finished", TimeJson(one.run.finished_us)},
                              {"task", one.task},
                              {"error", one.error}});
  }
  for (const LastRuns& one : report.running) {
    json["running"].push_back(
        {{"pipeline", one.pipeline}, {"run_id", one.last->id}, {"started", TimeJson(one.last->started_us)}});
  }
  for (const state::IncidentRecord& one : report.incidents) {
    json["incidents"].push_back({{"incident", one.id},
                                 {"status", state::IncidentStatusText(one.status)},
                                 {"severity", one.severity},
                                 {"title", one.title},
                                 {"opened", TimeJson(one.opened_us)},
                                 {"runs", one.runs}});
  }
  json["undelivered_alerts"] = report.undelivered;
  for (const QuarantinedTable& one : report.quarantined) {
    json["quarantined"].push_back(
        {{"table", one.table}, {"rows", one.rows}, {"changed", TimeJson(one.changed_us)}, {"reasons", one.reasons}});
  }
  for (const engine::TableInfo& one : report.changed) {
    json["changed"].push_back({{"table", one.schema + "." + one.table},
                               {"version", one.version},
                               {"rows", one.rows < 0 ? Json() : Json(one.rows)},
                               {"at", TimeJson(one.timestamp_ms * 1'000)}});
  }
  return json;
}

/// Prints the page section by section.
class StatusPage {
 public:
  StatusPage() : terminal_(DescribeTerminal(STDOUT_FILENO)) {}

  void Print(const StatusReport& report) {
    PrintLate(report);
    PrintFailed(report);
    for (const LastRuns& one : report.running) {
      Line(Tone::kPlain, "running", one.pipeline,
           fmt::format("since {} ({})", Time(one.last->started_us), one.last->id));
    }
    PrintIncidents(report);
    for (const QuarantinedTable& one : report.quarantined) {
      Line(Tone::kWarn, "quarantined", one.table,
           fmt::format("{} rows, the last {}: {}", FormatCount(one.rows), Time(one.changed_us), one.reasons));
    }
    PrintChanged(report);
    const std::string end = report.well() ? fmt::format("all is well: {} pipeline{}, nothing late or failed\n",
                                                        report.pipelines, report.pipelines == 1 ? "" : "s")
                                          : std::string("something needs a look\n");
    std::cout << Paint(end, report.well() ? Tone::kGood : Tone::kBad, terminal_.color);
  }

 private:
  void PrintLate(const StatusReport& report) {
    for (const LastRuns& one : report.late) {
      Line(Tone::kBad, "late", one.pipeline,
           fmt::format("due {}, {} ago; last good run ended {}", Time(one.due_us), Ago(one.late_us),
                       Time(one.last_good->finished_us)));
    }
  }

  void PrintFailed(const StatusReport& report) {
    for (const FailedRun& one : report.failed) {
      const std::string task = one.task.empty() ? std::string() : fmt::format(" in {}", one.task);
      Line(Tone::kBad, std::string(state::RunStatusText(one.run.status)), one.run.pipeline,
           fmt::format("{}{} ({})", Time(one.run.finished_us == 0 ? one.run.started_us : one.run.finished_us), task,
                       one.run.id));
      for (const auto line : std::views::split(std::string_view(one.error), '\n')) {
        std::cout << "              " << OneLine(std::string_view(line.begin(), line.end())) << "\n";
      }
    }
  }

  void PrintIncidents(const StatusReport& report) {
    constexpr std::size_t kIdShown = 8;
    for (const state::IncidentRecord& one : report.incidents) {
      Line(Tone::kWarn, std::string(state::IncidentStatusText(one.status)), one.id.substr(0, kIdShown),
           fmt::format("{} ({}), since {}, {} run{}", one.title, one.severity, Time(one.opened_us), one.runs,
                       one.runs == 1 ? "" : "s"));
    }
    if (report.undelivered == 0) return;
    Line(Tone::kBad, "undelivered", fmt::format("{} alert{}", report.undelivered, report.undelivered == 1 ? "" : "s"),
         "`smelt alerts list --dead` says why, `smelt alerts retry` sends them again");
  }

  void PrintChanged(const StatusReport& report) {
    std::size_t shown = 0;
    for (const engine::TableInfo& one : report.changed) {
      if (shown++ == kChangedShown) break;
      const std::string rows = one.rows < 0 ? std::string("?") : FormatCount(one.rows);
      Line(Tone::kDim, "changed", one.schema + "." + one.table,
           fmt::format("{}, version {}, {} rows", Time(one.timestamp_ms * 1'000), one.version, rows));
    }
    if (report.changed.size() > kChangedShown) {
      Line(Tone::kDim, "", fmt::format("and {} more tables", report.changed.size() - kChangedShown), "");
    }
  }

  void Line(Tone tone, const std::string& kind, const std::string& name, const std::string& text) {
    constexpr int kKindWidth = 12, kNameWidth = 28;
    std::cout << Paint(PadRight(kind, kKindWidth), tone, terminal_.color) << "  " << PadRight(OneLine(name), kNameWidth)
              << "  " << OneLine(text) << "\n";
  }

  const Terminal terminal_;
};

Result<int> ShowStatus(CommandContext& context, int hours) {
  SMELT_ASSIGN(const auto project, FindProject(context));
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  const std::int64_t now_us = NowMicros();
  const std::int64_t since_us = now_us - std::int64_t{hours} * 3'600 * kMicros;
  SMELT_ASSIGN(const state::StoreAddress address, StateAddress(context));
  SMELT_ASSIGN(const StatusReport report, ReadStatus(*engine, address, project, now_us, since_us));
  if (context.json) {
    std::cout << StatusToJson(report).dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  } else {
    StatusPage().Print(report);
  }
  return report.well() ? 0 : 1;
}

}  // namespace

void AddStatusCommand(CLI::App& program, CommandContext& context) {
  auto* command =
      program.add_subcommand("status", "What is late, failed, in quarantine or changed: one page for on-call");
  command->footer(
      "Example: smelt status --project-dir projects/olist --lake lake\nExits with 1 when something is late, "
      "failed or could not be told.");
  auto hours = std::make_shared<int>(24);
  command->add_option("--hours", *hours, "Show tables that changed within so many hours (24)")
      ->type_name("N")
      ->check(CLI::Range(0, kHoursMax).description(""));
  AddProjectOption(*command, context);
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback([&context, hours] { context.action = [&context, hours] { return ShowStatus(context, *hours); }; });
}

}  // namespace smelt::app
