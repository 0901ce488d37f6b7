#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/generate_step.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/result_writer.h"
#include "app/internal/terminal/progress_view.h"
#include "app/internal/terminal/report_view.h"
#include "app/internal/terminal/text.h"
#include "base/config.h"
#include "base/file.h"
#include "generate/olist.h"

namespace smelt::app {
namespace {

namespace fs = std::filesystem;

struct DemoOptions {
  generate::OlistOptions generate;
  std::string data_dir;
};

constexpr const char* kDefaultLake = "demo-lake";
constexpr const char* kProject = "olist";

/// Where generated data goes: the landing zone of a local lake, else beside the lake's state.
std::string LandingFolder(const std::string& lake) {
  if (lake.find("://") == std::string::npos) return (fs::path(lake) / "landing" / kProject).string();
  return (fs::path(StatePath(lake)).parent_path() / "landing" / kProject).string();
}

/// Generates the data set unless the folder holds it already: a note beside the files says what they are.
Status EnsureData(const CommandContext& context, const generate::OlistOptions& options, RunObserver& observer) {
  std::string note_path = (fs::path(options.out_dir) / ".generated.json").string();
  std::string note = JsonText(Json({{"scale", options.scale}, {"seed", options.seed}})) + "\n";
  auto before = ReadWholeFile(note_path);
  if (before && *before == note) return {};
  if (!context.json) {
    std::cout << OneLine(fmt::format("A data set of scale {} goes to {}", options.scale, options.out_dir)) << "\n\n"
              << std::flush;
  }
  SMELT_TRY(GenerateAsStep(options, observer, context.stop));
  return WriteWholeFile(note_path, note);
}

/// "1234567.5" as "1,234,567.5".
std::string GroupThousands(std::string text) {
  std::size_t end = std::min(text.find('.'), text.size());
  std::size_t begin = text.starts_with('-') ? 1 : 0;
  for (std::size_t at = end; at > begin + 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

/// A figure as people read it: rates in per cent, amounts in reais, thousands apart.
std::string FigureText(const engine::ResultColumn& column, const std::string& text) {
  auto has = [&](std::string_view part) { return column.name.find(part) != std::string::npos; };
  if (column.kind == engine::TypeKind::kDate) return text;
  if (has("rate")) return fmt::format("{:.1f} %", 100 * std::strtod(text.c_str(), nullptr));
  std::string number =
      column.kind == engine::TypeKind::kFloat ? fmt::format("{:.2f}", std::strtod(text.c_str(), nullptr)) : text;
  bool is_amount = has("revenue") || has("payment") || has("value");
  return (is_amount ? "R$ " : "") + GroupThousands(std::move(number));
}

/// Prints the one row of gold.kpis_headline.
Status PrintHeadline(engine::Engine& engine) {
  SMELT_ASSIGN(auto session, engine.Connect());
  SMELT_ASSIGN(auto table, session->Query("select * from gold.kpis_headline"));
  if (table.rows.empty()) return {};
  std::vector<Figure> figures;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name == "loaded_at") continue;
    const engine::Cell& cell = table.rows[0][i];
    std::string label = table.columns[i].name;
    std::ranges::replace(label, '_', ' ');
    figures.push_back({std::move(label), cell ? FigureText(table.columns[i], *cell) : "–"});
  }
  std::cout << "\n" << RenderFigures(figures, DescribeTerminal(STDOUT_FILENO));
  return {};
}

/// The command that goes on where this one ended.
std::string AgainCommand(const CommandContext& context, const DemoOptions& options) {
  std::string command = "smelt demo";
  const generate::OlistOptions standard;
  if (options.generate.scale != standard.scale) command += fmt::format(" --scale {}", options.generate.scale);
  if (options.generate.seed != standard.seed) command += fmt::format(" --seed {}", options.generate.seed);
  if (!options.data_dir.empty()) command += " --data " + ShellWord(options.data_dir);
  return command + " --lake " + ShellWord(context.lake);
}

/// The headline as an event for --json, with the values as the table has them.
Status WriteHeadline(engine::Engine& engine) {
  SMELT_ASSIGN(auto session, engine.Connect());
  SMELT_ASSIGN(auto table, session->Query("select * from gold.kpis_headline"));
  if (table.rows.empty()) return {};
  Json figures = Json::object();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const engine::Cell& cell = table.rows[0][i];
    figures[table.columns[i].name] = cell ? Json(*cell) : Json();
  }
  std::cout << JsonText(Json({{"event", "headline"}, {"figures", std::move(figures)}})) << "\n";
  return {};
}

Result<int> Demo(CommandContext& context, DemoOptions options) {
  if (context.lake.empty()) context.lake = kDefaultLake;
  PipelineRequest request;
  request.name = "daily";
  SMELT_ASSIGN(std::string folder, FindShippedProject(kProject));
  SMELT_ASSIGN(request.project, LoadProject(folder));
  Adopt(context, request.project);
  request.vars["scale"] = options.generate.scale;
  request.data_dir = options.data_dir;
  SMELT_ASSIGN(auto engine, OpenLake(context, engine::MissingLake::kMake));
  ProgressView progress(ProgressTo(STDOUT_FILENO, context.json));
  if (request.data_dir.empty()) {
    options.generate.out_dir = LandingFolder(context.lake);
    request.data_dir = options.generate.out_dir;
    SMELT_TRY(EnsureData(context, options.generate, progress));
  }
  request.target_dir = (fs::path(StatePath(context.lake)).parent_path() / "target").string();
  SMELT_ASSIGN(auto report, RunProjectPipeline(context, *engine, request, progress));
  std::string lake = ShellWord(context.lake);
  int code = PrintOutcome(context, report, request.project.prices, AgainCommand(context, options));
  if (code != 0) return code;
  if (context.json) {
    SMELT_TRY(WriteHeadline(*engine));
    return 0;
  }
  if (!report.nothing_to_do()) SMELT_TRY(PrintHeadline(*engine));
  std::cout << RenderNext(
      {fmt::format("smelt sql --lake {} -c \"from gold.monthly_revenue order by month\"", lake),
       fmt::format("smelt table history gold.daily_revenue --lake {}", lake), fmt::format("smelt sql --lake {}", lake)},
      DescribeTerminal(STDOUT_FILENO));
  return code;
}

}  // namespace

void AddDemoCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("demo", "A marketplace, from nine CSV files to gold tables, in one go");
  command->footer("Example: smelt demo --scale 0.1 --lake demo-lake");
  auto options = std::make_shared<DemoOptions>();
  command->add_option("--scale", options->generate.scale, "Size of the generated data; 1 is the public data set's")
      ->capture_default_str();
  command->add_option("--seed", options->generate.seed, "The same seed gives the same data")->capture_default_str();
  command->add_option("--data", options->data_dir, "A folder with the nine CSV files, instead of generating them")
      ->type_name("DIR");
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback([&context, options] { context.action = [&context, options] { return Demo(context, *options); }; });
}

}  // namespace smelt::app
