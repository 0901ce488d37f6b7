#include "app/internal/exports/export_task.h"

#include <filesystem>
#include <utility>

#include "app/internal/exports/definition.h"
#include "app/internal/exports/workbook_export.h"
#include "base/clock.h"

namespace smelt::app {
namespace {

using pipeline::SettingKind;
using pipeline::TaskContext;
using pipeline::TaskOutcome;

/// Tells of the sheets of a workbook as one step.
class SheetsAsOne : public RunObserver {
 public:
  SheetsAsOne(RunObserver& observer, std::string step) : observer_(observer), step_(std::move(step)) {}
  void StepStarted(std::string_view, std::string_view) override {}
  void StepProgress(std::string_view, std::int64_t done, std::int64_t total, std::string_view unit) override {
    observer_.StepProgress(step_, done, total, unit);
  }
  void StepFinished(const StepResult&) override {}

 private:
  RunObserver& observer_;
  const std::string step_;
};

Result<StepResult> WriteOne(engine::Engine& engine, const WorkbookOrder& order, const std::string& name,
                            const TaskContext& context) {
  StepResult step;
  step.name = "export " + name;
  step.kind = "export";
  context.observer.StepStarted(step.name, step.kind);
  const double begin = MonotonicSeconds();
  SheetsAsOne sheets(context.observer, step.name);
  const auto written = WriteWorkbook(engine, order, sheets, context.stop);
  step.seconds = MonotonicSeconds() - begin;
  if (written) {
    step.rows_out = 0;
    for (const SheetWritten& sheet : written->sheets) step.rows_out += sheet.rows;
  } else {
    step.status = StepStatus::kFailed;
    step.message = written.error().ToString();
  }
  context.observer.StepFinished(step);
  if (!written) return Fail(written.error());
  return step;
}

Result<TaskOutcome> WriteExports(engine::Engine& engine, const ProjectConfig& project, const TaskContext& context) {
  SMELT_ASSIGN(const ConfigNode node, context.with.Require("exports"));
  SMELT_ASSIGN(const std::vector<std::string> names, node.AsStringList());
  SMELT_ASSIGN(const std::string folder, context.with.StringOr("out", "target/exports"));
  const ExportGallery gallery = ReadExports(project.dir + "/exports");
  TaskOutcome outcome;
  Json files = Json::array();
  for (const std::string& name : names) {
    SMELT_ASSIGN(ExportDefinition definition, FindExport(gallery, name));
    const auto path = std::filesystem::path(project.dir) / folder / (name + ".xlsx");
    const WorkbookOrder order{
        .path = path.lexically_normal().string(), .title = definition.title, .sheets = std::move(definition.sheets)};
    SMELT_ASSIGN(StepResult step, WriteOne(engine, order, name, context));
    outcome.steps.push_back(std::move(step));
    files.push_back(order.path);
  }
  outcome.details = {{"files", std::move(files)}};
  return outcome;
}

}  // namespace

void RegisterExportTask(pipeline::TaskRegistry& registry, engine::Engine& engine, const ProjectConfig& project) {
  registry.Add(
      {"export",
       "Write workbooks of the project for Excel",
       {{"exports", SettingKind::kTextList, "names of exports", true},
        {"out", SettingKind::kText, "the folder of the files, within the project; target/exports when absent"}},
       [&engine, &project](const TaskContext& context) { return WriteExports(engine, project, context); }});
}

}  // namespace smelt::app
