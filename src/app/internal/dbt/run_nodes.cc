#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "app/internal/dbt/commands.h"
#include "app/internal/dbt/run_summary.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/terminal/report_view.h"

namespace smelt::app {
namespace {

constexpr int kNodesFailed = 1;

ProgressOptions DisplayOf(const DbtInvocation& invocation) {
  ProgressOptions display = ProgressTo(STDOUT_FILENO, invocation.context.json);
  if (!invocation.context.json && (invocation.is_quiet || invocation.logs_json)) display.style = ProgressStyle::kSilent;
  return display;
}

void PrintResults(const DbtInvocation& invocation, const transform::RunResults& results) {
  std::vector<StepResult> steps;
  for (const auto& node : results.nodes) steps.push_back(node.step);
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  if (steps.empty()) std::cout << "Nothing to do. No node of this kind is selected.\n";
  std::cout << RenderOutcome(steps, results.seconds, terminal);
  std::cout << SummaryLine(CountStates(steps)) << "\n";
  std::vector<std::string> next = LookAtFailures(invocation.context, steps);
  if (results.Outcome()) next.push_back("smelt sql --lake " + ShellWord(invocation.context.lake));
  std::cout << RenderNext(next, terminal);
  std::cout.flush();
}

}  // namespace

Result<int> RunNodes(DbtInvocation& invocation) {
  CommandContext& context = invocation.context;
  const bool reads_only = invocation.command == transform::Command::kTest;
  SMELT_ASSIGN(auto engine,
               OpenEngine(invocation, reads_only ? engine::MissingLake::kRefuse : engine::MissingLake::kMake));
  PrintNotes(invocation);
  ProgressView progress(DisplayOf(invocation));
  if (invocation.flags.On("print", true)) {
    invocation.options.print = [&progress](std::string_view text) { progress.Print(text); };
  }
  auto results = transform::Invoke(*engine, invocation.options, progress, context.stop);
  progress.Stop();
  if (!results) return Fail(std::move(results.error()));
  if (!context.json && !invocation.is_quiet) PrintResults(invocation, *results);
  const Status outcome = results->Outcome();
  if (outcome) return 0;
  ReportError(context, outcome.error());
  return kNodesFailed;
}

}  // namespace smelt::app
