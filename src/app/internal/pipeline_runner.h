#pragma once

#include <cstdint>
#include <string>

#include "app/internal/command.h"
#include "app/internal/project.h"
#include "app/internal/terminal/progress_view.h"
#include "engine/session.h"
#include "pipeline/report.h"

namespace smelt::app {

struct PipelineRequest {
  std::string name;
  ProjectConfig project;
  std::string data_dir;    ///< replaces the sources' location; empty: as they say
  std::string target_dir;  ///< for dbt artefacts; empty: the project's target folder
  bool resume = false;
  std::string resume_from{};               ///< the run to go on with, instead of the last
  std::vector<std::string> repeat_from{};  ///< tasks to run again, with what is downstream of them
  bool full_refresh = false;
  Json vars = Json::object();
  std::string task{};             ///< only this one, whatever it needs; empty: all
  std::int64_t scheduled_us = 0;  ///< the instant at which the run was due; 0: none
};

/// Runs a pipeline of a project on an open lake, shows it in `progress`, which is stopped at the end, and logs to
/// <lake>/_smelt/logs. Errors: those of FindPipeline and RunPipeline; failures of tasks are in the report.
Result<pipeline::RunReport> RunProjectPipeline(const CommandContext& context, engine::Engine& engine,
                                               const PipelineRequest& request, ProgressView& progress);

/// Where the logs of a lake's runs are: the log itself, and a folder per run with the output of commands.
std::string RunLogFolder(const std::string& lake);

/// Sends the log beside the state of a lake; one that cannot be written stops nothing.
void StartLog(const std::string& lake);

/// Prints how the run ended and, if it did not succeed, what to do next; `again` is the command that goes on from
/// there. Prints nothing with --json, whose events have been printed. Returns the exit code.
int PrintOutcome(const CommandContext& context, const pipeline::RunReport& report, const Prices& prices,
                 const std::string& again);

/// The commands that show the rows which steps complain of, as far as a query can: a few, those of failed steps first.
std::vector<std::string> LookAtFailures(const CommandContext& context, const std::vector<StepResult>& steps);

/// A word as a shell wants it: quoted when it needs to be.
std::string ShellWord(const std::string& text);

}  // namespace smelt::app
