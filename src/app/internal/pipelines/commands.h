#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "app/internal/command.h"
#include "state/schedule_store.h"

namespace smelt::app {

/// The commands of `smelt pipeline` beside `run`, each added to `pipeline`.
void AddListCommand(CLI::App& pipeline, CommandContext& context);
void AddShowCommand(CLI::App& pipeline, CommandContext& context);
void AddRunsCommand(CLI::App& pipeline, CommandContext& context);
void AddTriggerCommand(CLI::App& pipeline, CommandContext& context);
void AddPauseCommands(CLI::App& pipeline, CommandContext& context);
void AddCancelCommand(CLI::App& pipeline, CommandContext& context);
void AddApproveCommand(CLI::App& pipeline, CommandContext& context);
void AddBackfillCommand(CLI::App& pipeline, CommandContext& context);
void AddTimesCommand(CLI::App& pipeline, CommandContext& context);
void AddExportCommand(CLI::App& pipeline, CommandContext& context);

/// A project's pipelines and the records of a lake, for commands that run nothing.
struct PipelineDesk {
  ProjectConfig project;
  std::unique_ptr<state::RunStore> runs;
  std::unique_ptr<state::ScheduleStore> store;
};

/// Errors: those of LoadProject and RunStore::Open; kUsage when no lake is named.
Result<PipelineDesk> OpenDesk(CommandContext& context);

/// An instant in microseconds as UTC in seconds, "2018-05-24 02:00:00"; "-" for 0.
std::string InstantText(std::int64_t micros);

/// "name=value" of the command line into `vars`: the value as JSON where it is some, else as text. Errors: kUsage.
Status AddVariable(const std::string& text, std::string_view option, Json& vars);

}  // namespace smelt::app
