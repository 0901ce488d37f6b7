#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "app/internal/dbt/commands.h"
#include "app/internal/dbt/event_log.h"
#include "app/internal/dbt/run_summary.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/terminal/report_view.h"

namespace smelt::app {
namespace {

constexpr int kNodesFailed = 1;

ProgressOptions DisplayOf(const DbtInvocation& invocation) {
  ProgressOptions display = ProgressTo(STDOUT_FILENO, invocation.context.json);
  if (!invocation.context.json && invocation.is_quiet) display.style = ProgressStyle::kSilent;
  return display;
}

std::vector<StepResult> StepsOf(const transform::RunResults& results) {
  std::vector<StepResult> steps;
  for (const auto& node : results.nodes) steps.push_back(node.step);
  return steps;
}

void PrintResults(const DbtInvocation& invocation, const transform::RunResults& results) {
  const std::vector<StepResult> steps = StepsOf(results);
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  if (steps.empty()) std::cout << "Nothing to do. No node of this kind is selected.\n";
  std::cout << RenderOutcome(steps, results.seconds, terminal);
  std::cout << SummaryLine(CountStates(steps)) << "\n";
  std::vector<std::string> next = LookAtFailures(invocation.context, steps);
  if (results.Outcome()) next.push_back("smelt sql --lake " + ShellWord(invocation.context.lake));
  std::cout << RenderNext(next, terminal);
  std::cout.flush();
}

/// Runs with the display that the flags ask for.
Result<transform::RunResults> RunWithDisplay(DbtInvocation& invocation, engine::Engine& engine) {
  transform::InvokeOptions& options = invocation.options;
  const bool prints = invocation.flags.On("print", true);
  if (invocation.logs_json) {
    DbtEventLog log(options.invocation_id);
    log.RunStarted(options.threads, options.target.name);
    if (prints) options.print = [&log](std::string_view text) { log.Printed(text); };
    auto results = transform::Invoke(engine, options, log, invocation.context.stop);
    if (results) log.RunFinished(CountStates(StepsOf(*results)), results->seconds);
    return results;
  }
  ProgressView progress(DisplayOf(invocation));
  if (prints) options.print = [&progress](std::string_view text) { progress.Print(text); };
  auto results = transform::Invoke(engine, options, progress, invocation.context.stop);
  progress.Stop();
  return results;
}

}  // namespace

Result<int> RunNodes(DbtInvocation& invocation) {
  const bool reads_only = invocation.command == transform::Command::kTest;
  SMELT_ASSIGN(auto engine,
               OpenEngine(invocation, reads_only ? engine::MissingLake::kRefuse : engine::MissingLake::kMake));
  PrintNotes(invocation);
  SMELT_ASSIGN(transform::RunResults results, RunWithDisplay(invocation, *engine));
  const bool shows = !invocation.context.json && !invocation.logs_json && !invocation.is_quiet;
  if (shows) PrintResults(invocation, results);
  const Status outcome = results.Outcome();
  if (outcome) return 0;
  if (!invocation.logs_json) ReportError(invocation.context, outcome.error());
  return kNodesFailed;
}

}  // namespace smelt::app
