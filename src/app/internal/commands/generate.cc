#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "app/internal/command.h"
#include "app/internal/generate_step.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/terminal/progress_view.h"
#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

Result<int> Generate(const CommandContext& context, const generate::OlistOptions& options) {
  // The list of files that follows says more than the display would leave behind where lines stay.
  ProgressOptions shown = ProgressTo(STDOUT_FILENO, context.json);
  if (shown.style != ProgressStyle::kLive) shown.style = ProgressStyle::kSilent;
  ProgressView progress(std::move(shown));
  SMELT_ASSIGN(auto report, GenerateAsStep(options, progress, context.stop));
  progress.Stop();
  for (const auto& file : report.files) {
    if (context.json) {
      std::cout << Json({{"file", file.name}, {"rows", file.rows}, {"bytes", file.bytes}}).dump() << "\n";
    } else {
      std::cout << fmt::format("{:>10} rows  {:>7.1f} MB  {}\n", FormatCount(file.rows),
                               static_cast<double>(file.bytes) / 1e6, file.name);
    }
  }
  if (!context.json) {
    std::cout << fmt::format("{:>10} rows in all\nNext:\n  smelt demo --data {} --lake demo-lake\n",
                             FormatCount(report.rows()), ShellWord(options.out_dir));
  }
  return 0;
}

}  // namespace

void AddGenerateCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("generate", "Write synthetic source data");
  command->require_subcommand(1);
  command->footer("Example: smelt generate olist --scale 0.1 --seed 7 --out data");
  auto* olist = command->add_subcommand("olist", "Nine CSV files shaped like the public Olist marketplace data set");
  olist->footer("Example: smelt generate olist --scale 0.1 --seed 7 --out data --extra-days 2");
  auto options = std::make_shared<generate::OlistOptions>();
  olist->add_option("--scale", options->scale, "Size relative to the public data set")->capture_default_str();
  olist->add_option("--seed", options->seed, "The same seed gives the same bytes")->capture_default_str();
  olist->add_option("--out", options->out_dir, "The folder to write to")->required()->type_name("DIR");
  olist->add_option("--extra-days", options->extra_days, "Also write this many later daily drops, a folder each")
      ->capture_default_str();
  olist->add_option("--first-extra-day", options->first_extra_day, "The first daily drop; 1 follows the base period")
      ->capture_default_str();
  olist->add_flag("!--no-base", options->base, "Leave out the nine files of the base period");
  AddJsonOption(*olist, context);
  olist->callback(
      [&context, options] { context.action = [&context, options] { return Generate(context, *options); }; });
}

}  // namespace smelt::app
