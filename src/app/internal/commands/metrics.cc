#include <iostream>

#include "app/internal/command.h"
#include "app/internal/metrics/commands.h"
#include "app/internal/metrics_report.h"
#include "base/clock.h"
#include "base/file.h"

namespace smelt::app {

namespace {

Result<int> WriteMetrics(CommandContext& context, const std::string& out) {
  SMELT_ASSIGN(const auto project, FindProject(context));
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(const state::StoreAddress address, StateAddress(context));
  SMELT_ASSIGN(const std::string text, MetricsText(*engine, address, project, NowMicros()));
  if (out.empty()) {
    std::cout << text;
    return 0;
  }
  // Through a rename, so that a collector never reads half of it.
  SMELT_TRY(WriteWholeFile(out, text));
  return 0;
}

}  // namespace

void AddMetricsCommand(CLI::App& program, CommandContext& context) {
  auto* command =
      program.add_subcommand("metrics", "Ask for the metrics of a project; alone: metrics of the lake for Prometheus");
  command->footer(
      "Example: smelt metrics query --metrics revenue --group-by metric_time__month\n"
      "Example: smelt metrics --lake lake --out /var/lib/prometheus/node-exporter/smelt.prom");
  command->require_subcommand(0, 1);
  auto out = std::make_shared<std::string>();
  command->add_option("--out", *out, "Write them here, for the textfile collector; by default on standard output")
      ->type_name("FILE");
  AddProjectOption(*command, context);
  AddLakeOptions(*command, context);
  command->callback([&context, command, out] {
    // CLI11 calls this for commands within, too.
    if (!command->get_subcommands().empty()) return;
    context.action = [&context, out] { return WriteMetrics(context, *out); };
  });
  AddMetricQueryCommand(*command, context);
  AddMetricListCommand(*command, context);
  AddMetricDimensionsCommand(*command, context);
}

}  // namespace smelt::app
