#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/internal/project.h"
#include "app/internal/signals.h"
#include "base/error.h"
#include "engine/session.h"

namespace smelt::app {

/// What every command gets: options shared by several commands, and the request to stop.
struct CommandContext {
  std::string program;  ///< path of the running program, for resources installed beside it
  SignalStop* signals = nullptr;
  std::stop_token stop;                 ///< requested by SIGINT or SIGTERM
  std::function<Result<int>()> action;  ///< set by the command that was chosen; returns the exit code
  std::string command_line;             ///< as it was typed
  bool json = false;                    ///< --json: one object per line on standard output, and nothing else
  bool json_log = false;                ///< --log-format json: standard error has lines of the log and nothing else
  std::string lake;                     ///< --lake, SMELT_LAKE
  std::string project_dir = ".";        ///< --project-dir
  StateSetting state;                   ///< of the project; StateAddress says where the state is
  int threads = 0;                      ///< --threads: 0 is one per core
  std::string memory_limit;             ///< --memory-limit
  std::map<std::string, std::string> table_properties;  ///< of tables that are made, from smelt.yml
};

/// Adds one command to the program. The list of commands is in command_line.cc.
using AddCommand = void (*)(CLI::App& program, CommandContext& context);

void AddAlertsCommand(CLI::App& program, CommandContext& context);
void AddAnomaliesCommand(CLI::App& program, CommandContext& context);
void AddContractCommand(CLI::App& program, CommandContext& context);
void AddDbtCommands(CLI::App& program, CommandContext& context);
void AddDemoCommand(CLI::App& program, CommandContext& context);
void AddDiffCommand(CLI::App& program, CommandContext& context);
void AddDoctorCommand(CLI::App& program, CommandContext& context);
void AddWorkbookExportCommand(CLI::App& program, CommandContext& context);
void AddGenerateCommand(CLI::App& program, CommandContext& context);
void AddIngestCommand(CLI::App& program, CommandContext& context);
void AddInitCommand(CLI::App& program, CommandContext& context);
void AddMetricsCommand(CLI::App& program, CommandContext& context);
void AddPipelineCommand(CLI::App& program, CommandContext& context);
void AddSchedulerCommand(CLI::App& program, CommandContext& context);
void AddServeCommand(CLI::App& program, CommandContext& context);
void AddProfileCommand(CLI::App& program, CommandContext& context);
void AddQuarantineCommand(CLI::App& program, CommandContext& context);
void AddReconcileCommand(CLI::App& program, CommandContext& context);
void AddReleaseCommand(CLI::App& program, CommandContext& context);
void AddReportCommand(CLI::App& program, CommandContext& context);
void AddSqlCommand(CLI::App& program, CommandContext& context);
void AddCostsCommand(CLI::App& program, CommandContext& context);
void AddStatusCommand(CLI::App& program, CommandContext& context);
void AddTableCommand(CLI::App& program, CommandContext& context);
void AddTokensCommand(CLI::App& program, CommandContext& context);
void AddUsersCommand(CLI::App& program, CommandContext& context);
void AddValidateCommand(CLI::App& program, CommandContext& context);
void AddVersionCommand(CLI::App& program, CommandContext& context);

/// Options that several commands share.
void AddLakeOptions(CLI::App& command, CommandContext& context);
void AddLakeOption(CLI::App& command, CommandContext& context);  ///< the same without the number of threads
void AddProjectOption(CLI::App& command, CommandContext& context);
void AddJsonOption(CLI::App& command, CommandContext& context);
void AddLogFormatOption(CLI::App& command, CommandContext& context);

/// What a project says for every command on it: the lake where none is named, and the properties of new tables.
void Adopt(CommandContext& context, const ProjectConfig& project);

/// The project of --project-dir, adopted; nothing when there is none in the working directory, none was asked for and a
/// lake is named. Errors: those of LoadProject.
Result<std::optional<ProjectConfig>> FindProject(CommandContext& context);

/// Opens the lake that --lake, SMELT_LAKE or the project names.
/// Errors: kUsage when no lake is named; those of engine::Engine::Open.
Result<std::unique_ptr<engine::Engine>> OpenLake(const CommandContext& context, engine::MissingLake missing);

/// The engine for commands that name their data as quality::FindData does: on the lake if one is named; without a lake
/// when every name is that of a file. Errors: as OpenLake.
Result<std::unique_ptr<engine::Engine>> OpenForData(const CommandContext& context,
                                                    const std::vector<std::string>& names);

/// Prints an error for people on standard error, or as JSON on standard output; returns its exit code.
int ReportError(const CommandContext& context, const Error& error);

}  // namespace smelt::app
