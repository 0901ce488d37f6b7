#include <unistd.h>

#include <iostream>
#include <optional>

#include "app/internal/pipelines/commands.h"
#include "app/internal/terminal/list_view.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "base/clock.h"
#include "pipeline/definition.h"

namespace smelt::app {
namespace {

void Print(const std::vector<std::string>& names, const std::vector<ListEntry>& entries) {
  std::cout << RenderList(names, entries, TerminalWidth(STDOUT_FILENO), DescribeTerminal(STDOUT_FILENO));
}

/// "2018-05-24 06:00", in UTC: seconds tell nothing here.
std::string Minute(std::int64_t micros) {
  constexpr std::size_t kMinutes = 16;
  return InstantText(micros).substr(0, kMinutes);
}

Tone ToneOf(state::RunStatus status) {
  switch (status) {
    case state::RunStatus::kSucceeded: return Tone::kGood;
    case state::RunStatus::kRunning: return Tone::kAccent;
    case state::RunStatus::kQueued: return Tone::kDim;
    case state::RunStatus::kInterrupted:
    case state::RunStatus::kCancelled: return Tone::kWarn;
    default: return Tone::kBad;
  }
}

/// When a pipeline runs by itself, in a few words.
std::string Occasion(const pipeline::Pipeline& pipeline) {
  std::string text = pipeline.WhenText();
  for (const pipeline::Event& event : pipeline.events) text += (text.empty() ? "" : ", ") + event.Name();
  if (pipeline.http) text += text.empty() ? "http" : ", http";
  return text.empty() ? "on request" : text;
}

/// The next instant for which it is due; 0 when it is paused or never is.
std::int64_t NextDue(const pipeline::Pipeline& pipeline, const state::ScheduleRecord& record) {
  if (record.paused || !pipeline.timetable) return 0;
  const std::int64_t from =
      std::max({record.cursor_us, pipeline.start_us - 1, record.cursor_us == 0 ? NowMicros() : 0});
  const auto next = pipeline.timetable->NextAfter(from);
  return next && (pipeline.end_us == 0 || *next < pipeline.end_us) ? *next : 0;
}

Result<int> List(CommandContext& context) {
  SMELT_ASSIGN(const PipelineDesk desk, OpenDesk(context));
  SMELT_ASSIGN(const auto pipelines, pipeline::LoadPipelines(desk.project.pipelines));
  SMELT_ASSIGN(auto schedules, desk.store->Schedules());
  std::vector<ListEntry> entries;
  for (const pipeline::Pipeline& pipeline : pipelines) {
    SMELT_ASSIGN(const auto last, desk.runs->LastRun(pipeline.name));
    const state::ScheduleRecord record = schedules[pipeline.name];
    const std::int64_t next = NextDue(pipeline, record);
    if (context.json) {
      Json object = {{"pipeline", pipeline.name},
                     {"description", pipeline.description},
                     {"when", Occasion(pipeline)},
                     {"paused", record.paused},
                     {"tasks", pipeline.tasks.size()}};
      if (next > 0) object["next"] = FormatUtcMicros(next);
      if (last) object["last_run"] = {{"id", last->id}, {"status", state::RunStatusText(last->status)}};
      std::cout << JsonText(object) << "\n";
      continue;
    }
    ListEntry& entry = entries.emplace_back();
    entry.cells = {pipeline.name, Occasion(pipeline), record.paused ? "paused" : Minute(next),
                   Minute(last ? last->started_us : 0), last ? std::string(state::RunStatusText(last->status)) : "-"};
    entry.tones = {Tone::kStrong, Tone::kPlain, record.paused ? Tone::kWarn : Tone::kPlain, Tone::kPlain,
                   last ? ToneOf(last->status) : Tone::kDim};
  }
  if (context.json) return 0;
  if (entries.empty()) {
    std::cout << "no pipelines in " << OneLine(desk.project.pipelines) << "\n";
    return 0;
  }
  Print({"pipeline", "when", "next (UTC)", "last run (UTC)", "status"}, entries);
  return 0;
}

Json ToJson(const state::RunRecord& run) {
  Json object = {{"run_id", run.id},
                 {"pipeline", run.pipeline},
                 {"status", state::RunStatusText(run.status)},
                 {"triggered_by", run.triggered_by},
                 {"started_at", FormatUtcMicros(run.started_us)}};
  if (run.finished_us > 0) object["finished_at"] = FormatUtcMicros(run.finished_us);
  if (run.scheduled_us > 0) object["scheduled_at"] = FormatUtcMicros(run.scheduled_us);
  if (!run.resumed_from.empty()) object["resumed_from"] = run.resumed_from;
  if (!run.definition.empty()) object["definition"] = run.definition;
  if (!run.error.empty()) object["error"] = run.error;
  object["parameters"] = run.parameters;
  return object;
}

std::string Took(const state::RunRecord& run) {
  if (run.status == state::RunStatus::kQueued || run.finished_us == 0) return "";
  constexpr double kMicros = 1e6;
  return FormatSeconds(static_cast<double>(run.finished_us - run.started_us) / kMicros);
}

Result<int> ListRuns(CommandContext& context, const state::RunFilter& filter) {
  SMELT_ASSIGN(const PipelineDesk desk, OpenDesk(context));
  SMELT_ASSIGN(const auto runs, desk.runs->ListRuns(filter));
  std::vector<ListEntry> entries;
  for (const state::RunRecord& run : runs) {
    if (context.json) {
      std::cout << JsonText(ToJson(run)) << "\n";
      continue;
    }
    const bool queued = run.status == state::RunStatus::kQueued;
    ListEntry& entry = entries.emplace_back();
    entry.cells = {run.id,
                   run.pipeline,
                   std::string(state::RunStatusText(run.status)),
                   queued ? "-" : Minute(run.started_us),
                   Took(run),
                   run.triggered_by,
                   run.scheduled_us == 0 ? "" : Minute(run.scheduled_us)};
    entry.tones = {Tone::kPlain, Tone::kPlain, ToneOf(run.status)};
    entry.notes = {{run.error, Tone::kDim}};
  }
  if (context.json) return 0;
  if (entries.empty()) {
    std::cout << (filter.pipeline.empty() ? "no runs yet\n" : OneLine(filter.pipeline) + " has no runs yet\n");
    return 0;
  }
  constexpr std::size_t kErrorLinesMax = 3;
  std::cout << RenderList({"run", "pipeline", "status", "began (UTC)", "took", "by", "due (UTC)"}, entries,
                          TerminalWidth(STDOUT_FILENO), DescribeTerminal(STDOUT_FILENO), kErrorLinesMax);
  return 0;
}

}  // namespace

void AddListCommand(CLI::App& pipeline, CommandContext& context) {
  auto* list = pipeline.add_subcommand("list", "List the pipelines: when they run, and how they last ran");
  list->footer("Example: smelt pipeline list --project-dir projects/olist --lake lake");
  AddProjectOption(*list, context);
  AddLakeOption(*list, context);
  AddJsonOption(*list, context);
  list->callback([&context] { context.action = [&context] { return List(context); }; });
}

void AddRunsCommand(CLI::App& pipeline, CommandContext& context) {
  auto* runs = pipeline.add_subcommand("runs", "List runs, the newest first");
  runs->footer("Example: smelt pipeline runs daily --limit 10 --lake lake");
  auto filter = std::make_shared<state::RunFilter>();
  runs->add_option("name", filter->pipeline, "The pipeline; all when absent");
  runs->add_option("--limit", filter->limit, "How many")->check(CLI::Range(1, 100'000))->capture_default_str();
  AddProjectOption(*runs, context);
  AddLakeOption(*runs, context);
  AddJsonOption(*runs, context);
  runs->callback([&context, filter] { context.action = [&context, filter] { return ListRuns(context, *filter); }; });
}

}  // namespace smelt::app
