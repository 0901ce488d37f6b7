#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "app/internal/command.h"
#include "app/internal/lake_of_project.h"
#include "app/internal/project.h"
#include "base/log.h"
#include "quality/data_source.h"

namespace smelt::app {
namespace {

Status SetTableProperties(engine::Engine& engine, const std::map<std::string, std::string>& properties) {
  if (properties.empty()) return {};
  std::string entries;
  for (const auto& [name, value] : properties) {
    entries +=
        fmt::format("{}{}: {}", entries.empty() ? "" : ", ", engine::QuoteLiteral(name), engine::QuoteLiteral(value));
  }
  SMELT_ASSIGN(auto session, engine.Connect());
  return session->Execute(fmt::format("set global smelt_table_properties = map {{{}}}", entries));
}

}  // namespace

void AddLakeOption(CLI::App& command, CommandContext& context) {
  command.add_option("--lake", context.lake, "The lake: a folder or s3://bucket/prefix")
      ->envname("SMELT_LAKE")
      ->transform(CLI::Validator([](std::string& lake) { return lake = WithoutFileScheme(lake), std::string(); }, ""))
      ->type_name("DIR|s3://…");
  command.add_option("--memory-limit", context.memory_limit, "Memory of the engine, e.g. 2GiB")->type_name("SIZE");
}

void AddLakeOptions(CLI::App& command, CommandContext& context) {
  AddLakeOption(command, context);
  command.add_option("--threads", context.threads, "Threads of the engine; 0 is one per core")
      ->type_name("N")
      ->check(CLI::Range(0, 1024).description(""));
}

void AddProjectOption(CLI::App& command, CommandContext& context) {
  command.add_option("--project-dir", context.project_dir, "The folder that holds smelt.yml")->type_name("DIR");
}

void AddJsonOption(CLI::App& command, CommandContext& context) {
  command.add_flag("--json", context.json, "Print one JSON object per line, and nothing else");
}

void AddLogFormatOption(CLI::App& command, CommandContext& context) {
  command
      .add_option_function<std::string>(
          "--log-format",
          [&context](const std::string& format) {
            context.json_log = format == "json";
            MirrorLog(context.json_log ? STDERR_FILENO : -1);
          },
          "json: write the log to standard error, one JSON object per line; text: to its file only")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("text|json");
}

void Adopt(CommandContext& context, const ProjectConfig& project) {
  if (context.lake.empty()) context.lake = project.lake;
  context.table_properties = project.table_properties;
  context.state = project.state;
}

Result<std::optional<ProjectConfig>> FindProject(CommandContext& context) {
  std::error_code ignored;
  const auto file = std::filesystem::path(context.project_dir) / "smelt.yml";
  // A lake can be looked at without its project, as long as none is asked for.
  if (context.project_dir == "." && !std::filesystem::exists(file, ignored) && !context.lake.empty()) {
    return std::nullopt;
  }
  SMELT_ASSIGN(ProjectConfig project, LoadProject(context.project_dir));
  Adopt(context, project);
  return project;
}

Result<std::unique_ptr<engine::Engine>> OpenLake(const CommandContext& named, engine::MissingLake missing) {
  CommandContext context = named;
  SMELT_TRY(AdoptLakeOfProject(context));
  if (context.lake.empty()) {
    return std::unexpected(Error(ErrorCode::kUsage, "no lake is named")
                               .Hint("pass --lake DIR, set SMELT_LAKE, or name it as `lake` in smelt.yml"));
  }
  engine::LakeOptions options;
  options.lake = context.lake;
  options.threads = context.threads;
  options.memory_limit = context.memory_limit;
  options.missing = missing;
  SMELT_ASSIGN(auto engine, engine::Engine::Open(options));
  SMELT_TRY(SetTableProperties(*engine, context.table_properties));
  return engine;
}

Result<std::unique_ptr<engine::Engine>> OpenForData(const CommandContext& context,
                                                    const std::vector<std::string>& names) {
  if (!context.lake.empty() || names.empty() || !std::ranges::all_of(names, quality::NamesFile)) {
    return OpenLake(context, engine::MissingLake::kRefuse);
  }
  return engine::Engine::OpenWithoutLake(context.threads, context.memory_limit);
}

}  // namespace smelt::app
