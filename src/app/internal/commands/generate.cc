#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/generate_step.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/terminal/progress_view.h"
#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

/// A command that makes use of what was generated.
std::string NextCommand(const generate::OlistOptions& options, const generate::GenerateReport& /*report*/) {
  return fmt::format("smelt demo --data {} --lake demo-lake", ShellWord(options.out_dir));
}
std::string NextCommand(const generate::DataSetOptions& options, const generate::GenerateReport& report) {
  const std::string file = report.files.empty() ? "*.csv" : report.files.front().name;
  return fmt::format("smelt sql -c {}", ShellWord(fmt::format("from '{}/{}' limit 10", options.out_dir, file)));
}

/// Generates and lists the files.
template <typename Options>
Result<int> Generate(const CommandContext& context, const Options& options) {
  // The list of files that follows says more than the display would leave behind where lines stay.
  ProgressOptions shown = ProgressTo(STDOUT_FILENO, context.json);
  if (shown.style != ProgressStyle::kLive) shown.style = ProgressStyle::kSilent;
  ProgressView progress(std::move(shown));
  SMELT_ASSIGN(auto report, GenerateAsStep(options, progress, context.stop));
  progress.Stop();
  for (const auto& file : report.files) {
    if (context.json) {
      std::cout << JsonText(Json({{"file", file.name}, {"rows", file.rows}, {"bytes", file.bytes}})) << "\n";
    } else {
      std::cout << fmt::format("{:>10} rows  {:>7.1f} MB  {}\n", FormatCount(file.rows),
                               static_cast<double>(file.bytes) / 1e6, file.name);
    }
  }
  if (!context.json) {
    std::cout << fmt::format("{:>10} rows in all\nNext:\n  {}\n", FormatCount(report.rows()),
                             NextCommand(options, report));
  }
  return 0;
}

template <typename Options>
void AddSeedAndFolder(CLI::App& command, CommandContext& context, Options& options) {
  command.add_option("--seed", options.seed, "The same seed gives the same bytes")->capture_default_str();
  command.add_option("--out", options.out_dir, "The folder to write to")->required()->type_name("DIR");
  AddJsonOption(command, context);
}

/// The options that all data sets with a base period have.
template <typename Options>
void AddGenerateOptions(CLI::App& command, CommandContext& context, Options& options, const std::string& scale) {
  command.add_option("--scale", options.scale, scale)->capture_default_str();
  AddSeedAndFolder(command, context, options);
  command.add_option("--extra-days", options.extra_days, "Also write this many later daily drops, a folder each")
      ->capture_default_str();
  command.add_option("--first-extra-day", options.first_extra_day, "The first daily drop; 1 follows the base period")
      ->capture_default_str();
  command.add_flag("!--no-base", options.base, "Leave out the files of the base period");
}

void AddGenerateOlist(CLI::App& command, CommandContext& context) {
  auto* olist = command.add_subcommand("olist", "Nine CSV files shaped like the public Olist marketplace data set");
  olist->footer("Example: smelt generate olist --scale 0.1 --seed 7 --out data --extra-days 2");
  auto options = std::make_shared<generate::OlistOptions>();
  AddGenerateOptions(*olist, context, *options, "Size relative to the public data set");
  olist->callback(
      [&context, options] { context.action = [&context, options] { return Generate(context, *options); }; });
}

void AddThreads(CLI::App& command, generate::DataSetOptions& options) {
  command.add_option("--threads", options.threads, "Files and parts of files made at a time; 0 is one per core")
      ->capture_default_str();
}

void AddBadShare(CLI::App& command, generate::DataSetOptions& options) {
  command.add_option("--bad-share", options.bad_share, "Instead: the share of rows of each table with a bad value")
      ->type_name("SHARE");
}

/// Of a data set that comes day by day: nothing lies before its first day.
void AddGenerateDrops(CLI::App& command, CommandContext& context) {
  struct Drops {
    generate::DataSetOptions options;
    int first_day = 1, days = 1;
  };
  auto drops = std::make_shared<Drops>();
  generate::DataSetOptions& options = drops->options;
  options.built_in = "landing";
  command.add_option("--rate", options.rate, "Orders a day, about; 10000 unless given")->type_name("ROWS");
  command.add_option("--days", drops->days, "How many days")->capture_default_str()->check(CLI::Range(1, 3650));
  command.add_option("--first-day", drops->first_day, "The first day to write, to go on with what was written before")
      ->capture_default_str()
      ->check(CLI::Range(1, 3650));
  command.add_option("--bad-share", options.bad_share, "The share of rows with a bad value; 0.02 unless given")
      ->type_name("SHARE");
  AddSeedAndFolder(command, context, options);
  AddThreads(command, options);
  command.callback([&context, drops] {
    drops->options.base = drops->first_day == 1;
    drops->options.first_extra_day = std::max(1, drops->first_day - 1);
    drops->options.extra_days = drops->options.base ? drops->days - 1 : drops->days;
    context.action = [&context, drops] { return Generate(context, drops->options); };
  });
}

void AddGenerateDescribed(CLI::App& command, CommandContext& context,
                          const std::shared_ptr<generate::DataSetOptions>& options) {
  AddGenerateOptions(command, context, *options, "Size relative to the description");
  command.add_option("--dirt", options->dirt, "What shares of bad values are multiplied by; 0 is clean")
      ->capture_default_str();
  AddBadShare(command, *options);
  AddThreads(command, *options);
  command.callback(
      [&context, options] { context.action = [&context, options] { return Generate(context, *options); }; });
}

}  // namespace

void AddGenerateCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("generate", "Write synthetic source data");
  command->require_subcommand(1);
  command->footer("Example: smelt generate olist --scale 0.1 --seed 7 --out data");
  AddGenerateOlist(*command, context);

  auto* physical = command->add_subcommand("physical", "Nine CSV files of a maker and seller of physical goods");
  physical->footer("Example: smelt generate physical --scale 0.1 --seed 7 --out data --extra-days 2");
  auto options = std::make_shared<generate::DataSetOptions>();
  options->built_in = "physical";
  AddGenerateDescribed(*physical, context, options);

  auto* landing =
      command->add_subcommand("landing", "Files that the systems of a shop drop into one folder, day by day");
  landing->footer("Example: smelt generate landing --rate 20000 --days 3 --bad-share 0.02 --out raw");
  AddGenerateDrops(*landing, context);

  auto* described = command->add_subcommand("file", "CSV files of a data set that you describe in YAML");
  described->footer("Example: smelt generate file shop.yml --scale 0.1 --seed 7 --out data");
  options = std::make_shared<generate::DataSetOptions>();
  described->add_option("description", options->description, "The description, see docs/reference/data-sets.md")
      ->required()
      ->type_name("FILE");
  AddGenerateDescribed(*described, context, options);
}

}  // namespace smelt::app
