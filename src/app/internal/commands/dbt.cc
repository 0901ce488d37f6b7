#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "app/internal/command.h"
#include "app/internal/dbt/commands.h"
#include "app/internal/dbt/flags.h"

namespace smelt::app {
namespace {

using transform::Command;

struct DbtCommand {
  std::string_view path;  ///< "docs generate": the words after `smelt`
  std::uint32_t bit;      ///< DbtCommandBit, for its flags
  Command which;
  Result<int> (*run)(DbtInvocation&);  ///< null: deps, which needs no project that can be loaded
  std::string_view summary;
  std::string_view example;
};

constexpr std::array kDbtCommands = {
    DbtCommand{"build", kBitBuild, Command::kBuild, RunNodes, "Run models, snapshots, seeds and tests of a dbt project",
               "build --project-dir projects/olist --lake lake --select gold"},
    DbtCommand{"run", kBitRun, Command::kRun, RunNodes, "Run the models of a dbt project", "run --select +orders"},
    DbtCommand{"test", kBitTest, Command::kTest, RunNodes, "Run the data tests and unit tests of a dbt project",
               "test --select orders"},
    DbtCommand{"seed", kBitSeed, Command::kSeed, RunNodes, "Load the seeds of a dbt project", "seed --full-refresh"},
    DbtCommand{"snapshot", kBitSnapshot, Command::kSnapshot, RunNodes,
               "Bring the snapshots of a dbt project up to date", "snapshot"},
    DbtCommand{"compile", kBitCompile, Command::kCompile, RunCompile, "Write the SQL that models become",
               "compile --select orders"},
    DbtCommand{"parse", kBitParse, Command::kParse, RunParse, "Read and check a dbt project", "parse"},
    DbtCommand{"list", kBitList, Command::kList, RunList, "List the nodes of a dbt project",
               "list --select tag:nightly --output json"},
    DbtCommand{"ls", kBitList, Command::kList, RunList, "The same as list", "ls --output name"},
    DbtCommand{"show", kBitShow, Command::kShow, RunShow, "Show the first rows of a model's query",
               "show --select orders --limit 10"},
    DbtCommand{"debug", kBitDebug, Command::kParse, RunDebug, "Show what a dbt project runs with, and check it",
               "debug"},
    DbtCommand{"clean", kBitClean, Command::kParse, RunClean, "Remove the folders under clean-targets, not the lake",
               "clean"},
    DbtCommand{"retry", kBitRetry, Command::kBuild, RunRetry, "Run again what failed or was skipped in the last run",
               "retry"},
    DbtCommand{"deps", kBitDeps, Command::kParse, nullptr, "Install the packages of a dbt project", "deps --upgrade"},
    DbtCommand{"source freshness", kBitFreshness, Command::kFreshness, RunFreshness,
               "Check how old the rows of sources are", "source freshness"},
    DbtCommand{"docs generate", kBitDocs, Command::kDocsGenerate, RunDocs,
               "Write the catalogue and the page of a dbt project", "docs generate"},
    DbtCommand{"docs serve", kBitServe, Command::kDocsGenerate, RunDocsServe,
               "Serve the page of the project to a browser", "docs serve --port 8001 --no-browser"},
    DbtCommand{"lineage", kBitLineage, Command::kCompile, RunLineage,
               "Show which columns a column is made of, and which are made of it", "lineage orders.total --upstream"},
    DbtCommand{"run-operation", kBitRunOperation, Command::kRunOperation, RunMacro, "Call a macro of a dbt project",
               "run-operation grant_all --args '{role: reader}'"},
    DbtCommand{"clone", kBitClone, Command::kClone, RunNodes,
               "Make nodes from those of another state, without building", "clone --state prod --select +orders"},
};

struct Arguments {
  DbtFlags flags;
  std::string macro;
  std::string node;  ///< of lineage
};

Result<int> Deps(CommandContext& context, DbtFlags& flags) {
  SMELT_TRY(flags.AddEnvironment([](const char* name) -> const char* { return std::getenv(name); }));
  return RunDeps(context, flags);
}

/// The command of the program at `path`; commands on the way are made.
CLI::App* AddPath(CLI::App& program, const DbtCommand& row) {
  const std::string_view path = row.path;
  const std::string summary(row.summary);
  const std::size_t space = path.find(' ');
  if (space == std::string_view::npos) return program.add_subcommand(std::string(path), summary);
  const std::string first(path.substr(0, space));
  const auto present = program.get_subcommands([&](const CLI::App* command) { return command->get_name() == first; });
  CLI::App* parent = present.empty() ? program.add_subcommand(first, summary) : present.front();
  parent->require_subcommand(1);
  parent->footer(fmt::format("Example: smelt {}", row.example));
  return parent->add_subcommand(std::string(path.substr(space + 1)), summary);
}

void AddOne(CLI::App& program, CommandContext& context, const DbtCommand& row,
            const std::shared_ptr<DbtFlags>& before) {
  CLI::App* command = AddPath(program, row);
  command->footer(fmt::format("Example: smelt {}", row.example));
  auto arguments = std::make_shared<Arguments>();
  // Flags are many: those of the command that is called are enough.
  command->preparse_callback(
      [command, arguments, &row](std::size_t) { arguments->flags.AddTo(*command, row.bit, false); });
  if (row.which == Command::kRunOperation) {
    command->add_option("macro", arguments->macro, "The macro, package.name or name")->required();
  }
  if (row.bit == kBitLineage) {
    command->add_option("node", arguments->node, "NODE or NODE.COLUMN; a source is SOURCE.TABLE; default: everything");
  }
  AddLakeOption(*command, context);
  AddJsonOption(*command, context);
  command->callback([&context, arguments, before, &row] {
    context.action = [&context, arguments, before, &row]() -> Result<int> {
      arguments->flags.Add(*before);
      if (row.run == nullptr) return Deps(context, arguments->flags);
      SMELT_ASSIGN(DbtInvocation invocation, Prepare(context, arguments->flags, row.which));
      invocation.argument = row.which == Command::kRunOperation ? arguments->macro : arguments->node;
      return row.run(invocation);
    };
  });
}

}  // namespace

void AddDbtCommands(CLI::App& program, CommandContext& context) {
  const auto before = std::make_shared<DbtFlags>();
  before->AddTo(program, kBitsAll, true);
  for (const DbtCommand& row : kDbtCommands) AddOne(program, context, row, before);
}

}  // namespace smelt::app
