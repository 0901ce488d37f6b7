#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "app/internal/metrics/commands.h"
#include "app/internal/metrics/layer_command.h"

namespace smelt::app {
namespace {

/// A text in one line.
std::string OneLine(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

/// Names and what is said of them, below each other.
void PrintRows(const std::vector<std::array<std::string, 3>>& rows) {
  std::size_t first = 0, second = 0;
  for (const auto& row : rows) {
    first = std::max(first, row[0].size());
    second = std::max(second, row[1].size());
  }
  for (const auto& row : rows) fmt::print("{:<{}}  {:<{}}  {}\n", row[0], first, row[1], second, OneLine(row[2]));
}

Result<int> List(const DbtInvocation& invocation, const transform::SemanticLayer& layer) {
  std::vector<std::array<std::string, 3>> rows;
  for (const transform::MetricInfo& metric : layer.metrics()) {
    if (invocation.context.json) {
      const Json line = {{"name", metric.name},
                         {"type", metric.type},
                         {"label", metric.label},
                         {"description", OneLine(metric.description)}};
      fmt::print("{}\n", JsonText(line));
      continue;
    }
    rows.push_back({metric.name, metric.type, metric.description});
  }
  for (const transform::SavedMetricQuery& saved : layer.saved_queries()) {
    if (invocation.context.json) {
      const Json line = {{"name", saved.name},
                         {"type", "saved query"},
                         {"label", saved.label},
                         {"description", OneLine(saved.description)}};
      fmt::print("{}\n", JsonText(line));
      continue;
    }
    rows.push_back({saved.name, "saved query", saved.description});
  }
  PrintRows(rows);
  return 0;
}

Result<int> ListDimensions(const DbtInvocation& invocation, const transform::SemanticLayer& layer,
                           const std::vector<std::string>& metrics) {
  SMELT_ASSIGN(const auto dimensions, layer.Dimensions(metrics));
  std::vector<std::array<std::string, 3>> rows;
  for (const transform::MetricDimension& one : dimensions) {
    if (invocation.context.json) {
      Json line = {
          {"name", one.name}, {"kind", one.kind}, {"label", one.label}, {"description", OneLine(one.description)}};
      if (!one.grain.empty()) line["grain"] = one.grain;
      fmt::print("{}\n", JsonText(line));
      continue;
    }
    rows.push_back({one.name, one.grain.empty() ? one.kind : fmt::format("time by {}", one.grain), one.description});
  }
  PrintRows(rows);
  return 0;
}

}  // namespace

void AddMetricListCommand(CLI::App& metrics, CommandContext& context) {
  auto* command = metrics.add_subcommand("list", "The metrics of a project and its saved queries");
  command->footer("Example: smelt metrics list --project-dir projects/olist");
  OnSemanticLayer(*command, context, List);
}

void AddMetricDimensionsCommand(CLI::App& metrics, CommandContext& context) {
  auto* command = metrics.add_subcommand("dimensions", "What metrics can be grouped and filtered by");
  command->footer("Example: smelt metrics dimensions --metrics revenue,orders");
  const auto names = std::make_shared<std::vector<std::string>>();
  command->add_option("--metrics", *names, "What all of these can be grouped by; default: any metric")
      ->delimiter(',')
      ->type_name("NAMES");
  OnSemanticLayer(*command, context,
                  [names](DbtInvocation& invocation, const transform::SemanticLayer& layer) -> Result<int> {
                    return ListDimensions(invocation, layer, *names);
                  });
}

}  // namespace smelt::app
