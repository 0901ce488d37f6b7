#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "app/internal/command.h"
#include "app/internal/report_files.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

Result<ProjectConfig> NeedProject(CommandContext& context) {
  SMELT_ASSIGN(auto project, LoadProject(context.project_dir));
  Adopt(context, project);
  return project;
}

int PrintFaults(const CommandContext& context, const serve::Gallery& gallery) {
  int exit_code = 0;
  for (const serve::DefinitionFault& fault : gallery.faults) exit_code = ReportError(context, fault.error);
  return exit_code;
}

Result<int> ListReports(CommandContext& context) {
  SMELT_ASSIGN(const ProjectConfig project, NeedProject(context));
  const std::string folder = project.dir + "/reports";
  const serve::Gallery gallery = serve::ReadGallery(folder);
  for (const auto& [name, report] : gallery.dashboards) {
    if (context.json) {
      const Json line = {{"report", name},
                         {"title", report->title},
                         {"owner", report->owner},
                         {"tags", report->tags},
                         {"file", report->file}};
      std::cout << JsonText(line) << "\n";
    } else {
      std::cout << PadRight(OneLine(name), 24) << OneLine(report->title)
                << (report->owner.empty() ? "" : OneLine(" (" + report->owner + ")")) << "\n";
    }
  }
  const int exit_code = PrintFaults(context, gallery);
  if (context.json) return exit_code;
  if (gallery.dashboards.empty() && gallery.faults.empty()) {
    std::cout << "no reports in " << OneLine(folder) << "\n";
  } else if (!gallery.dashboards.empty()) {
    std::cout << "\nNext:\n  smelt report " << gallery.dashboards.begin()->first
              << " --format html,pdf --out reports\n";
  }
  return exit_code;
}

Result<int> WriteReports(CommandContext& context, const ReportOrder& order) {
  if (order.names.empty()) {
    return Fail(Error(ErrorCode::kUsage, "which report is to be made?").Hint("`smelt report list` shows them"));
  }
  SMELT_ASSIGN(const ProjectConfig project, NeedProject(context));
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  ReportFiles reports(*engine, project);
  SMELT_ASSIGN(const auto files, reports.Write(order, context.stop));
  for (const ReportFile& file : files) {
    if (context.json) {
      const Json line = {{"report", file.report}, {"format", file.format}, {"file", file.path}, {"bytes", file.bytes}};
      std::cout << JsonText(line) << "\n";
    } else {
      std::cout << fmt::format("{}  {}\n", PadRight(OneLine(file.path), 48),
                               FormatBytes(static_cast<std::int64_t>(file.bytes)));
    }
  }
  return 0;
}

}  // namespace

void AddReportCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("report", "Write reports of figures and charts as HTML and PDF");
  command->footer(
      "Reports are files of the project's folder reports/; dashboards can be made as reports, too.\n"
      "Example: smelt report daily_kpi --format html,pdf --out out --project-dir projects/olist --lake lake");
  auto order = std::make_shared<ReportOrder>();
  order->formats = {"html"};
  order->folder = ".";
  command->add_option("name", order->names, "The reports to make")->type_name("NAME");
  command->add_option("--format", order->formats, "html, pdf or both")
      ->type_name("html,pdf")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--out", order->folder, "The folder of the files, which are named NAME.html and NAME.pdf")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("--date", order->date, "The day that periods end with, instead of the newest of the data")
      ->type_name("YYYY-MM-DD");
  command->add_option("--as-of", order->as_of, "Read the tables as they were at this instant")->type_name("TIME");
  AddProjectOption(*command, context);
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback([&context, order, command] {
    // Also called after the command below it.
    if (!command->get_subcommands().empty()) return;
    context.action = [&context, order] { return WriteReports(context, *order); };
  });

  auto* list = command->add_subcommand("list", "Show the reports of the project");
  list->footer("Example: smelt report list --project-dir projects/olist");
  AddProjectOption(*list, context);
  AddJsonOption(*list, context);
  list->callback([&context] { context.action = [&context] { return ListReports(context); }; });
}

}  // namespace smelt::app
