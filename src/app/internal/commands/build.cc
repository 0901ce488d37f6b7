#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/project.h"
#include "app/internal/terminal/progress_view.h"
#include "app/internal/terminal/report_view.h"
#include "base/config.h"
#include "transform/invoke.h"

namespace smelt::app {
namespace {

struct BuildOptions {
  transform::InvokeOptions invoke;
  std::string vars;
};

/// The dbt project of a smelt project, or the folder itself when it is a plain dbt project.
Result<std::string> DbtFolder(CommandContext& context) {
  auto project = LoadProject(context.project_dir);
  if (!project) {
    if (project.error().code() == ErrorCode::kStoreNotFound) return context.project_dir;
    return Fail(std::move(project.error()));
  }
  Adopt(context, *project);
  return project->dbt;
}

Result<int> Build(CommandContext& context, BuildOptions options) {
  SMELT_ASSIGN(options.invoke.project_dir, DbtFolder(context));
  if (!options.vars.empty()) {
    SMELT_ASSIGN(ConfigNode vars, ConfigNode::ParseYaml(options.vars, "--vars"));
    if (!vars.is_map()) return Fail(ErrorCode::kUsage, "--vars wants a map, for instance '{day: 2018-05-24}'");
    options.invoke.vars = vars.ToJson();
  }
  if (options.invoke.threads == 0) options.invoke.threads = context.threads;
  const bool reads_only = options.invoke.command == transform::Command::kTest;
  SMELT_ASSIGN(auto engine, OpenLake(context, reads_only ? engine::MissingLake::kRefuse : engine::MissingLake::kMake));
  ProgressView progress(ProgressTo(STDOUT_FILENO, context.json));
  auto results = transform::Invoke(*engine, options.invoke, progress, context.stop);
  progress.Stop();
  if (!results) return Fail(std::move(results.error()));
  if (!context.json) {
    std::vector<StepResult> steps;
    for (const auto& node : results->nodes) steps.push_back(node.step);
    Terminal terminal = DescribeTerminal(STDOUT_FILENO);
    std::cout << RenderOutcome(steps, results->seconds, terminal);
    std::vector<std::string> next = LookAtFailures(context, steps);
    if (results->Outcome()) next.push_back("smelt sql --lake " + ShellWord(context.lake));
    std::cout << RenderNext(next, terminal);
    std::cout.flush();
  }
  SMELT_TRY(results->Outcome());
  return 0;
}

void AddOne(CLI::App& program, CommandContext& context, transform::Command which, const char* name,
            const char* summary) {
  auto* command = program.add_subcommand(name, summary);
  command->footer(fmt::format("Example: smelt {} --project-dir projects/olist --lake lake --select gold", name));
  auto options = std::make_shared<BuildOptions>();
  options->invoke.command = which;
  command->add_option("-s,--select,-m,--models", options->invoke.select, "Nodes, in dbt's selection syntax");
  command->add_option("--exclude", options->invoke.exclude, "Nodes to leave out");
  command->add_option("--vars", options->vars, "Variables as YAML: '{name: value}'");
  command->add_option("-t,--target", options->invoke.target, "The name that target.name shows")->capture_default_str();
  command->add_flag("-f,--full-refresh", options->invoke.full_refresh, "Build incremental models and seeds anew");
  command->add_flag("--skip-unchanged", options->invoke.skip_unchanged,
                    "Leave out nodes whose definition and inputs have not changed");
  command->add_flag("-x,--fail-fast", options->invoke.fail_fast, "Start nothing new after the first failure");
  command->add_option("--target-path", options->invoke.target_dir, "Where compiled SQL goes")->type_name("DIR");
  AddProjectOption(*command, context);
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback([&context, options] { context.action = [&context, options] { return Build(context, *options); }; });
}

}  // namespace

void AddBuildCommands(CLI::App& program, CommandContext& context) {
  using transform::Command;
  AddOne(program, context, Command::kBuild, "build", "Run models, snapshots, seeds and tests of a dbt project");
  AddOne(program, context, Command::kRun, "run", "Run the models of a dbt project");
  AddOne(program, context, Command::kTest, "test", "Run the data tests of a dbt project");
  AddOne(program, context, Command::kSeed, "seed", "Load the seeds of a dbt project");
  AddOne(program, context, Command::kSnapshot, "snapshot", "Bring the snapshots of a dbt project up to date");
}

}  // namespace smelt::app
