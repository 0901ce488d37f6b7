#include <filesystem>
#include <iostream>
#include <string>

#include "app/internal/pipelines/commands.h"
#include "base/file.h"
#include "pipeline/airflow.h"
#include "pipeline/definition.h"

namespace smelt::app {
namespace {

struct ExportRequest {
  std::string name;
  std::string data_dir;
  std::string out;
  bool airflow = false;
};

std::string Absolute(const std::string& path) {
  if (path.empty() || path.find("://") != std::string::npos) return path;
  std::error_code ignored;
  return std::filesystem::absolute(path, ignored).lexically_normal().string();
}

Result<int> Export(CommandContext& context, const ExportRequest& request) {
  SMELT_ASSIGN(const ProjectConfig project, LoadProject(context.project_dir));
  Adopt(context, project);
  if (context.lake.empty()) {
    return Fail(Error(ErrorCode::kUsage, "no lake is named, and the tasks of the DAG need one")
                    .Hint("add --lake, or set SMELT_LAKE or 'lake' in smelt.yml"));
  }
  SMELT_ASSIGN(const pipeline::Pipeline pipeline, pipeline::FindPipeline(project.pipelines, request.name));
  const std::string text = pipeline::ToAirflow(
      pipeline, {.project_dir = project.dir, .lake = Absolute(context.lake), .data_dir = Absolute(request.data_dir)});
  if (request.out.empty()) {
    std::cout << text;
    return 0;
  }
  SMELT_TRY(WriteWholeFile(request.out, text));
  return 0;
}

}  // namespace

void AddExportCommand(CLI::App& pipeline, CommandContext& context) {
  auto* command = pipeline.add_subcommand("export", "Write a pipeline as a DAG file for Airflow");
  command->footer(
      "Each task of the DAG calls smelt for one task; schedule, retries, timeouts and pools are Airflow's then.\n"
      "Where smelt is not on the path of the workers, SMELT_PROGRAM names it.\n"
      "Example: smelt pipeline export daily --airflow --lake lake --out dags/daily.py");
  auto request = std::make_shared<ExportRequest>();
  command->add_option("name", request->name, "The pipeline")->required();
  command->add_flag("--airflow", request->airflow, "As a DAG file for Airflow")->required();
  command->add_option("--out", request->out, "The file; standard output when absent")->type_name("FILE");
  command->add_option("--data", request->data_dir, "A folder with the source files, instead of the sources' own")
      ->type_name("DIR");
  AddProjectOption(*command, context);
  AddLakeOption(*command, context);
  command->callback(
      [&context, request] { context.action = [&context, request] { return Export(context, *request); }; });
}

}  // namespace smelt::app
