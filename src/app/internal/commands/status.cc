#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "app/internal/command.h"
#include "app/internal/status_report.h"
#include "app/internal/terminal/list_view.h"
#include "app/internal/terminal/report_view.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "base/clock.h"

namespace smelt::app {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kChangedShown = 12;
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
  for (const char* list : {"late", "failed", "running", "incidents", "quarantined", "waiting", "changed"}) {
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
  for (const WaitingRows& one : report.waiting) {
    json["waiting"].push_back(
        {{"table", one.table}, {"rows", one.rows}, {"since", TimeJson(one.since_us)}, {"missing", one.missing}});
  }
  for (const engine::TableInfo& one : report.changed) {
    json["changed"].push_back({{"table", one.schema + "." + one.table},
                               {"version", one.version},
                               {"rows", one.rows < 0 ? Json() : Json(one.rows)},
                               {"at", TimeJson(one.timestamp_ms * 1'000)}});
  }
  return json;
}

/// "1 run", "1,200 rows".
std::string Some(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", FormatCount(count), noun, count == 1 ? "" : "s");
}

/// Draws the page section by section.
class StatusPage {
 public:
  StatusPage() : terminal_(DescribeTerminal(STDOUT_FILENO)), width_(TerminalWidth(STDOUT_FILENO)) {}

  std::string Draw(const StatusReport& report) {
    DrawLate(report);
    DrawFailed(report);
    for (const LastRuns& one : report.running) {
      Line(Tone::kAccent, "running", one.pipeline,
           fmt::format("since {} (run {})", Time(one.last->started_us), one.last->id));
    }
    DrawIncidents(report);
    for (const QuarantinedTable& one : report.quarantined) {
      Line(Tone::kWarn, "quarantined", one.table,
           fmt::format("{}, the last {}: {}", Some(one.rows, "row"), Time(one.changed_us), one.reasons));
    }
    for (const WaitingRows& one : report.waiting) {
      Line(Tone::kPlain, "waiting", one.table,
           fmt::format("{} for what they refer to, since {}: {}", Some(one.rows, "row"), Time(one.since_us),
                       one.missing));
    }
    DrawChanged(report);
    text_ += (text_.empty() ? "" : "\n") +
             RenderHanging("", "", Summary(report), width_, report.well() ? Tone::kGood : Tone::kBad, terminal_);
    text_ += RenderNext(NextCommands(report), terminal_);
    return std::move(text_);
  }

 private:
  void DrawLate(const StatusReport& report) {
    for (const LastRuns& one : report.late) {
      Line(Tone::kBad, "late", one.pipeline,
           fmt::format("due {}, {} ago; last good run ended {}", Time(one.due_us), Ago(one.late_us),
                       Time(one.last_good->finished_us)));
    }
  }

  void DrawFailed(const StatusReport& report) {
    constexpr std::size_t kErrorLinesMax = 4;
    for (const FailedRun& one : report.failed) {
      const std::string task = one.task.empty() ? std::string() : fmt::format(" in {}", one.task);
      Line(Tone::kBad, std::string(state::RunStatusText(one.run.status)), one.run.pipeline,
           fmt::format("{}{} (run {})", Time(one.run.finished_us == 0 ? one.run.started_us : one.run.finished_us), task,
                       one.run.id));
      const std::string front = Repeat(" ", kKindWidth);
      if (!one.error.empty()) {
        text_ += RenderHanging(front, front, one.error, width_, Tone::kDim, terminal_, kErrorLinesMax);
      }
    }
  }

  void DrawIncidents(const StatusReport& report) {
    constexpr std::size_t kIdShown = 8;
    for (const state::IncidentRecord& one : report.incidents) {
      Line(Tone::kWarn, std::string(state::IncidentStatusText(one.status)), one.id.substr(0, kIdShown),
           fmt::format("{} ({}), since {}, {}", one.title, one.severity, Time(one.opened_us), Some(one.runs, "run")));
    }
    if (report.undelivered == 0) return;
    Line(Tone::kBad, "undelivered", Some(report.undelivered, "alert"), "`smelt alerts list --dead` says why");
  }

  void DrawChanged(const StatusReport& report) {
    std::int64_t shown = 0;
    for (const engine::TableInfo& one : report.changed) {
      if (shown++ == kChangedShown) break;
      const std::string rows = one.rows < 0 ? std::string("rows not counted") : Some(one.rows, "row");
      Line(Tone::kDim, "changed", one.schema + "." + one.table,
           fmt::format("{}, version {}, {}", Time(one.timestamp_ms * 1'000), one.version, rows));
    }
    if (std::ssize(report.changed) > kChangedShown) {
      Line(Tone::kDim, "", fmt::format("and {}", Some(std::ssize(report.changed) - kChangedShown, "more table")), "");
    }
  }

  /// The page in a sentence.
  static std::string Summary(const StatusReport& report) {
    std::vector<std::string> parts;
    const auto add = [&parts](std::int64_t count, std::string_view noun, std::string_view what) {
      if (count > 0) parts.push_back(fmt::format("{} {}", Some(count, noun), what));
    };
    add(std::ssize(report.late), "pipeline", "late");
    add(std::ssize(report.failed), "pipeline", "failed");
    add(report.undelivered, "alert", "not delivered");
    const bool well = parts.empty();
    if (well)
      parts.push_back(fmt::format("all is well: {}, nothing late or failed", Some(report.pipelines, "pipeline")));
    std::int64_t held = 0;
    for (const QuarantinedTable& one : report.quarantined) held += one.rows;
    add(held, "row", "in quarantine");
    std::int64_t waiting = 0;
    for (const WaitingRows& one : report.waiting) waiting += one.rows;
    add(waiting, "row", "waiting for others");
    return fmt::format("{} (times are UTC)", fmt::join(parts, ", "));
  }

  /// What one would look at first.
  static std::vector<std::string> NextCommands(const StatusReport& report) {
    std::vector<std::string> commands;
    if (!report.failed.empty()) {
      const std::string& pipeline = report.failed.front().run.pipeline;
      commands.push_back("smelt pipeline show " + pipeline);
      commands.push_back(fmt::format("smelt pipeline run {} --resume", pipeline));
    } else if (!report.late.empty()) {
      commands.push_back("smelt pipeline show " + report.late.front().pipeline);
    }
    if (!report.quarantined.empty()) commands.push_back("smelt quarantine show " + report.quarantined.front().table);
    if (report.undelivered > 0) commands.emplace_back("smelt alerts retry");
    return commands;
  }

  void Line(Tone tone, const std::string& kind, const std::string& name, const std::string& what) {
    constexpr int kNameWidth = 26, kNarrow = 100;
    const int name_width = width_ > 0 && width_ < kNarrow ? kNameWidth * 2 / 3 : kNameWidth;
    const std::string first = Paint(PadRight(kind, kKindWidth - 2), tone, terminal_.color) + "  " +
                              Paint(PadRight(OneLine(name), name_width), Tone::kStrong, terminal_.color) + "  ";
    const std::string front = Repeat(" ", kKindWidth + name_width + 2);
    if (DisplayWidth(first) > DisplayWidth(front)) {
      // A long name takes a line of its own.
      text_ += first + "\n";
      if (!what.empty()) text_ += RenderHanging(front, front, what, width_, Tone::kPlain, terminal_);
      return;
    }
    text_ += RenderHanging(first, front, what, width_, Tone::kPlain, terminal_);
  }

  static constexpr int kKindWidth = 13;

  const Terminal terminal_;
  const int width_;
  std::string text_;
};

Result<int> ShowStatus(CommandContext& context, int hours) {
  SMELT_ASSIGN(const auto project, FindProject(context));
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  const std::int64_t now_us = NowMicros();
  const std::int64_t since_us = now_us - std::int64_t{hours} * 3'600 * kMicros;
  SMELT_ASSIGN(const state::StoreAddress address, StateAddress(context));
  SMELT_ASSIGN(const StatusReport report, ReadStatus(*engine, address, project, now_us, since_us));
  if (context.json) {
    std::cout << JsonText(StatusToJson(report)) << "\n";
  } else {
    std::cout << StatusPage().Draw(report);
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
