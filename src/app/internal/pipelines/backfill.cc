#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <iostream>
#include <map>
#include <vector>

#include "app/internal/pipelines/commands.h"
#include "app/internal/terminal/table_view.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "base/clock.h"
#include "pipeline/backfill.h"
#include "pipeline/definition.h"
#include "pipeline/report.h"

namespace smelt::app {
namespace {

struct Request {
  std::string name;
  std::string from;
  std::string to;
  std::string definition = "current";
  bool preview = false;
  bool all = false;
  std::vector<std::string> vars;
};

/// What runs of the pipeline did on average, from those of late that succeeded.
struct Experience {
  std::int64_t runs = 0;
  double seconds = 0;
  double rows = 0;
  double bytes_read = 0, bytes_written = 0;
};

Result<Experience> Recall(const PipelineDesk& desk, const std::string& name) {
  constexpr std::int64_t kRecent = 20;
  constexpr double kMicros = 1e6;
  Experience experience;
  SMELT_ASSIGN(const auto runs, desk.runs->ListRuns({.pipeline = name, .limit = kRecent}));
  for (const state::RunRecord& run : runs) {
    if (run.status != state::RunStatus::kSucceeded) continue;
    SMELT_ASSIGN(const auto tasks, desk.runs->Tasks(run.id));
    for (const state::TaskRecord& task : tasks) {
      const pipeline::TaskOutcome outcome = pipeline::OutcomeFromJson(task.outcome);
      Usage usage = outcome.usage;
      for (const StepResult& step : outcome.steps) usage += step.usage;
      experience.rows += static_cast<double>(std::max<std::int64_t>(0, outcome.rows_out));
      experience.bytes_read += static_cast<double>(usage.bytes_read);
      experience.bytes_written += static_cast<double>(usage.bytes_written);
    }
    experience.seconds += static_cast<double>(run.finished_us - run.started_us) / kMicros;
    ++experience.runs;
  }
  if (experience.runs == 0) return experience;
  for (double* sum : {&experience.seconds, &experience.rows, &experience.bytes_read, &experience.bytes_written}) {
    *sum /= static_cast<double>(experience.runs);
  }
  return experience;
}

/// What `runs` runs would do that go as those of late.
struct Expected {
  Expected(const Experience& experience, double runs)
      : seconds(experience.seconds * runs),
        rows(std::llround(experience.rows * runs)),
        bytes_read(std::llround(experience.bytes_read * runs)),
        bytes_written(std::llround(experience.bytes_written * runs)) {}

  double seconds;
  std::int64_t rows, bytes_read, bytes_written;
};

void PrintPreviewJson(const std::vector<std::int64_t>& instants, const std::map<std::int64_t, state::RunRecord>& known,
                      const Experience& experience) {
  for (const std::int64_t at : instants) {
    Json object = {{"scheduled_at", FormatUtcMicros(at)}};
    const auto run = known.find(at);
    if (run != known.end()) object["status"] = state::RunStatusText(run->second.status);
    if (experience.runs > 0) {
      const Expected one(experience, 1);
      object["expected"] = {{"seconds", one.seconds},
                            {"rows", one.rows},
                            {"bytes_read", one.bytes_read},
                            {"bytes_written", one.bytes_written}};
    }
    std::cout << JsonText(object) << "\n";
  }
}

void PrintPreview(const std::vector<std::int64_t>& instants, const std::map<std::int64_t, state::RunRecord>& known,
                  const Experience& experience) {
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  const std::string about = terminal.unicode ? "≈ " : "~ ";
  const bool knows = experience.runs > 0;
  const Expected one(experience, 1);
  TableContent table{.columns = {{"due"}, {"so far"}}, .rows = {}};
  if (knows)
    table.columns.insert(table.columns.end(), {{"time", true}, {"rows", true}, {"read", true}, {"written", true}});
  for (const std::int64_t at : instants) {
    const auto run = known.find(at);
    table.rows.push_back(
        {InstantText(at), run == known.end() ? "no run" : std::string(state::RunStatusText(run->second.status))});
    if (!knows) continue;
    for (const std::string& text : {FormatSeconds(one.seconds), FormatCount(one.rows), FormatBytes(one.bytes_read),
                                    FormatBytes(one.bytes_written)}) {
      table.rows.back().emplace_back(about + text);
    }
  }
  table.rows_total = static_cast<std::int64_t>(table.rows.size());
  std::cout << RenderTable(table, TerminalWidth(STDOUT_FILENO), {terminal.unicode, terminal.color});
  if (!knows) return;
  const Expected all(experience, static_cast<double>(instants.size()));
  std::cout << fmt::format("as the last {} run{} went: about {}, {} rows, {} read and {} written in all\n",
                           experience.runs, experience.runs == 1 ? "" : "s", FormatSeconds(all.seconds),
                           FormatCount(all.rows), FormatBytes(all.bytes_read), FormatBytes(all.bytes_written));
}

Result<int> RunBackfill(CommandContext& context, const Request& request) {
  SMELT_ASSIGN(const PipelineDesk desk, OpenDesk(context));
  SMELT_ASSIGN(const pipeline::Pipeline pipeline, pipeline::FindPipeline(desk.project.pipelines, request.name));
  pipeline::BackfillRequest wanted{.all = request.all, .as_then = request.definition == "original"};
  SMELT_ASSIGN(wanted.from_us, ParseTimestampMicros(request.from));
  SMELT_ASSIGN(wanted.to_us, ParseTimestampMicros(request.to));
  for (const std::string& text : request.vars) SMELT_TRY(AddVariable(text, "--var", wanted.parameters));
  SMELT_ASSIGN(const pipeline::Backfill backfill, pipeline::PlanBackfill(pipeline, *desk.runs, wanted));
  if (request.preview) {
    SMELT_ASSIGN(const Experience experience, Recall(desk, pipeline.name));
    if (context.json) {
      PrintPreviewJson(backfill.instants, backfill.so_far, experience);
    } else {
      PrintPreview(backfill.instants, backfill.so_far, experience);
    }
    return 0;
  }
  SMELT_ASSIGN(const std::int64_t queued,
               pipeline::QueueBackfill(pipeline, desk.project.name, *desk.store, wanted, backfill));
  const Json object = {{"pipeline", pipeline.name}, {"queued", queued}};
  std::cout << (context.json ? JsonText(object)
                             : fmt::format("{} run{} of {} queued: `smelt scheduler` begins them", queued,
                                           queued == 1 ? "" : "s", pipeline.name))
            << "\n";
  return 0;
}

}  // namespace

void AddBackfillCommand(CLI::App& pipeline, CommandContext& context) {
  auto* backfill = pipeline.add_subcommand("backfill", "Queue the runs of a stretch of time that has none");
  backfill->footer("Example: smelt pipeline backfill daily --from 2018-05-01 --to 2018-06-01 --preview --lake lake");
  auto request = std::make_shared<Request>();
  backfill->add_option("name", request->name, "The pipeline")->required();
  backfill->add_option("--from", request->from, "The first instant (ISO 8601, UTC)")->required()->type_name("TIME");
  backfill->add_option("--to", request->to, "The instant before which it ends")->required()->type_name("TIME");
  backfill->add_flag("--preview", request->preview,
                     "Show the instants, and what such runs took of late: time, rows, bytes; queue nothing");
  backfill->add_flag("--all", request->all, "Also instants whose run succeeded, waits or is at work");
  backfill->add_option("--definition", request->definition, "current, or original: that of the instant's last run")
      ->check(CLI::IsMember({"current", "original"}))
      ->capture_default_str();
  backfill->add_option("--param,--var", request->vars, "A param or variable for the tasks, name=value");
  AddProjectOption(*backfill, context);
  AddLakeOption(*backfill, context);
  AddJsonOption(*backfill, context);
  backfill->callback(
      [&context, request] { context.action = [&context, request] { return RunBackfill(context, *request); }; });
}

}  // namespace smelt::app
