#include "app/internal/report_task.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "app/internal/report_files.h"
#include "base/clock.h"

namespace smelt::app {
namespace {

using pipeline::SettingKind;
using pipeline::TaskContext;
using pipeline::TaskOutcome;

Result<ReportOrder> OrderOf(const ProjectConfig& project, const TaskContext& context) {
  ReportOrder order;
  SMELT_ASSIGN(const ConfigNode names, context.with.Require("reports"));
  SMELT_ASSIGN(order.names, names.AsStringList());
  order.formats = {"html", "pdf"};
  if (const auto formats = context.with.Find("formats")) {
    SMELT_ASSIGN(order.formats, formats->AsStringList());
  }
  SMELT_ASSIGN(const std::string folder, context.with.StringOr("out", "target/reports"));
  order.folder = (std::filesystem::path(project.dir) / folder).lexically_normal().string();
  SMELT_ASSIGN(order.date, context.with.StringOr("date", ""));
  return order;
}

Result<TaskOutcome> MakeReports(engine::Engine& engine, const ProjectConfig& project, const TaskContext& context) {
  SMELT_ASSIGN(const ReportOrder order, OrderOf(project, context));
  ReportFiles reports(engine, project);
  TaskOutcome outcome;
  Json files = Json::array();
  for (const std::string& name : order.names) {
    StepResult step;
    step.name = "report " + name;
    step.kind = "report";
    context.observer.StepStarted(step.name, step.kind);
    const double begin = MonotonicSeconds();
    ReportOrder one = order;
    one.names = {name};
    const auto written = reports.Write(one, context.stop);
    step.seconds = MonotonicSeconds() - begin;
    if (!written) {
      step.status = StepStatus::kFailed;
      step.message = written.error().ToString();
    } else {
      for (const ReportFile& file : *written) files.push_back(file.path);
    }
    context.observer.StepFinished(step);
    if (!written) return Fail(written.error());
    outcome.steps.push_back(std::move(step));
  }
  outcome.details = {{"files", std::move(files)}};
  return outcome;
}

}  // namespace

void RegisterReportTask(pipeline::TaskRegistry& registry, engine::Engine& engine, const ProjectConfig& project) {
  registry.Add({"report",
                "Write reports of the project as HTML and PDF",
                {{"reports", SettingKind::kTextList, "names of reports or dashboards", true},
                 {"formats", SettingKind::kTextList, "html, pdf; both when absent"},
                 {"out", SettingKind::kText, "the folder of the files, within the project; target/reports when absent"},
                 {"date", SettingKind::kText, "the day that periods end with; the newest of the data when absent"}},
                [&engine, &project](const TaskContext& context) { return MakeReports(engine, project, context); }});
}

}  // namespace smelt::app
