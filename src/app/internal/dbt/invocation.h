#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/internal/command.h"
#include "app/internal/dbt/flags.h"
#include "app/internal/print.h"
#include "app/internal/project.h"
#include "app/internal/terminal/progress_view.h"
#include "transform/invoke.h"
#include "transform/profile.h"

namespace smelt::app {

/// A dbt command that is about to run: its project, profile and options.
struct DbtInvocation {
  CommandContext& context;
  const DbtFlags& flags;
  transform::Command command = transform::Command::kBuild;
  transform::ProjectHead project;
  transform::Profile profile;
  transform::InvokeOptions options;
  std::string command_line;   ///< as it was typed
  std::string argument = {};  ///< the word that is no flag: what `lineage` is about, the macro of run-operation
  bool is_quiet = false;
  std::optional<ProjectConfig> smelt_project = {};  ///< of its smelt.yml; nothing: a plain dbt project
  bool logs_json = false;                           ///< --log-format json
};

/// Finds project, profile and lake for a command, as dbt does: completes `flags` by the environment and by
/// dbt_project.yml, and names the lake in `context` where nothing else does.
/// Errors: kUsage, kDbtProjectMissing, kConfig…, kDbtUnsupported, those of ReadProfile.
Result<DbtInvocation> Prepare(CommandContext& context, DbtFlags& flags, transform::Command command);

/// The folder of the project: as `flags` say, else the working folder or the nearest one above that holds a project.
std::string FindProjectDir(const DbtFlags& flags);

/// Opens the lake with the profile's settings, extensions and attached databases.
/// Errors: those of OpenLake; kConfigValueInvalid for settings that the engine refuses.
Result<std::unique_ptr<engine::Engine>> OpenEngine(DbtInvocation& invocation, engine::MissingLake missing);

/// Where print() of macros goes: standard output, as objects with --json.
std::function<void(std::string_view)> MacroPrinter(const CommandContext& context);

/// Says on standard error what people should know of the invocation. Nothing with --quiet or --json.
void PrintNotes(const DbtInvocation& invocation);

}  // namespace smelt::app
