#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <optional>

#include "app/internal/pipelines/commands.h"
#include "app/internal/pipelines/graph_view.h"
#include "app/internal/terminal/list_view.h"
#include "app/internal/terminal/text.h"
#include "base/clock.h"
#include "base/retry.h"
#include "pipeline/definition.h"
#include "pipeline/report.h"
#include "pipeline/run.h"

namespace smelt::app {
namespace {

struct ShowRequest {
  std::string name;
  std::string run_id;
  bool follow = false;
};

/// A run as it stands, with the definition that it began with.
struct Shown {
  pipeline::Pipeline pipeline;
  std::optional<state::RunRecord> run;
  TaskStates tasks;
};

Result<Shown> Look(const PipelineDesk& desk, const ShowRequest& request) {
  Shown shown;
  if (request.run_id.empty()) {
    SMELT_ASSIGN(shown.run, desk.runs->LastRun(request.name));
  } else {
    SMELT_ASSIGN(shown.run, desk.runs->FindRun(request.run_id));
    if (!shown.run || shown.run->pipeline != request.name) {
      return Fail(Error(ErrorCode::kUsage, fmt::format("{} has no run {}", request.name, request.run_id))
                      .Hint(fmt::format("`smelt pipeline runs {}` lists them", request.name)));
    }
  }
  std::optional<state::DefinitionRecord> kept;
  if (shown.run && !shown.run->definition.empty()) {
    SMELT_ASSIGN(kept, desk.store->FindDefinition(shown.run->definition));
  }
  if (kept) {
    SMELT_ASSIGN(shown.pipeline, pipeline::ParsePipeline(kept->content, kept->file));
  } else {
    SMELT_ASSIGN(shown.pipeline, pipeline::FindPipeline(desk.project.pipelines, request.name));
  }
  if (!shown.run) return shown;
  SMELT_ASSIGN(std::vector<state::TaskRecord> tasks, desk.runs->Tasks(shown.run->id));
  for (state::TaskRecord& task : tasks) shown.tasks.insert_or_assign(task.name, std::move(task));
  return shown;
}

std::string Heading(const Shown& shown, const Terminal& terminal) {
  std::string text = Paint(shown.pipeline.name, Tone::kStrong, terminal.color);
  if (shown.pipeline.timetable) text += "  " + shown.pipeline.WhenText();
  text += '\n';
  if (!shown.pipeline.description.empty()) {
    text += RenderHanging("", "", shown.pipeline.description, terminal.interactive ? terminal.size.columns : 0,
                          Tone::kPlain, terminal);
  }
  if (!shown.run) return text + "no run yet\n";
  const state::RunRecord& run = *shown.run;
  std::string line = fmt::format("run {}  {}  by {}  began {} UTC", run.id, state::RunStatusText(run.status),
                                 run.triggered_by, InstantText(run.started_us));
  if (run.scheduled_us > 0) line += fmt::format("  due {} UTC", InstantText(run.scheduled_us));
  if (!run.resumed_from.empty()) line += fmt::format("  goes on with {}", run.resumed_from);
  const int width = terminal.interactive ? terminal.size.columns : 0;
  return text + RenderHanging("", "", line, width, Tone::kPlain, terminal);
}

/// What a task was done for, and how that stands.
Json ItemsJson(const std::string& task, const TaskStates& states) {
  const std::string prefix = task + "[";
  Json items = Json::array();
  for (auto part = states.lower_bound(prefix); part != states.end() && part->first.starts_with(prefix); ++part) {
    Json item = {{"task", part->first}, {"status", state::TaskStatusText(part->second.status)}};
    if (part->second.outcome.contains("item")) item["item"] = part->second.outcome["item"];
    if (!part->second.error.empty()) item["error"] = part->second.error;
    items.push_back(std::move(item));
  }
  return items;
}

void PrintJson(const Shown& shown) {
  Json object = {{"pipeline", shown.pipeline.name}, {"tasks", Json::array()}};
  if (shown.run) object["run"] = {{"id", shown.run->id}, {"status", state::RunStatusText(shown.run->status)}};
  for (const pipeline::TaskDefinition& task : shown.pipeline.tasks) {
    Json entry = {{"task", task.name}, {"type", task.type}, {"needs", task.needs}};
    if (const auto state = shown.tasks.find(task.name); state != shown.tasks.end()) {
      const state::TaskRecord& record = state->second;
      entry["status"] = state::TaskStatusText(record.status);
      entry["attempts"] = record.attempt;
      entry["started_at"] = FormatUtcMicros(record.started_us);
      if (record.finished_us > 0) entry["finished_at"] = FormatUtcMicros(record.finished_us);
      entry["outcome"] = record.outcome;
      if (!record.error.empty()) entry["error"] = record.error;
    }
    if (task.for_each) entry["items"] = ItemsJson(task.name, shown.tasks);
    object["tasks"].push_back(std::move(entry));
  }
  object["critical_path"] = CriticalPath(shown.pipeline, shown.tasks, NowMicros());
  std::cout << JsonText(object) << "\n";
}

Result<int> Show(CommandContext& context, const ShowRequest& request) {
  SMELT_ASSIGN(const PipelineDesk desk, OpenDesk(context));
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  std::size_t lines_above = 0;
  while (true) {
    SMELT_ASSIGN(const Shown shown, Look(desk, request));
    if (context.json) {
      PrintJson(shown);
      return 0;
    }
    const Json names = shown.run ? pipeline::NamesOfRun(shown.pipeline, *shown.run, shown.tasks) : Json::object();
    const std::string text =
        Heading(shown, terminal) + RenderGraph(shown.pipeline, shown.tasks, names, NowMicros(), terminal);
    if (lines_above > 0) std::cout << fmt::format("\x1b[{}A\x1b[J", lines_above);
    std::cout << text << std::flush;
    lines_above = static_cast<std::size_t>(std::ranges::count(text, '\n'));
    const bool runs = shown.run && shown.run->status == state::RunStatus::kRunning;
    constexpr std::int64_t kRedrawMs = 500;
    if (!request.follow || !terminal.interactive || !runs || !SleepFor(kRedrawMs, context.stop)) return 0;
  }
}

}  // namespace

void AddShowCommand(CLI::App& pipeline, CommandContext& context) {
  auto* show = pipeline.add_subcommand("show", "Draw the tasks of a pipeline and how they stand");
  show->footer(
      "Tasks marked with a diamond are on the critical path: the run took as long as they did.\n"
      "Example: smelt pipeline show daily --follow --lake lake");
  auto request = std::make_shared<ShowRequest>();
  show->add_option("name", request->name, "The pipeline")->required();
  show->add_option("--run", request->run_id, "A run of it; the last one when absent");
  show->add_flag("--follow", request->follow, "Draw again while it runs");
  AddProjectOption(*show, context);
  AddLakeOption(*show, context);
  AddJsonOption(*show, context);
  show->callback([&context, request] { context.action = [&context, request] { return Show(context, *request); }; });
}

}  // namespace smelt::app
