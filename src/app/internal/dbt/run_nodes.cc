#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <memory>

#include "app/internal/dbt/commands.h"
#include "app/internal/dbt/run_display.h"
#include "app/internal/dbt/run_summary.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/result_writer.h"
#include "app/internal/terminal/report_view.h"
#include "app/internal/terminal/text.h"
#include "app/internal/write_audit.h"
#include "base/id.h"

namespace smelt::app {
namespace {

constexpr int kNodesFailed = 1;
constexpr int kInterrupted = 2;  // as dbt ends

void PrintResults(const DbtInvocation& invocation, const DoneSteps& done, bool succeeded) {
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  if (invocation.context.stop.stop_requested()) std::cout << "Exited because of keyboard interrupt\n";
  if (done.steps.empty()) std::cout << "Nothing to do. No node of this kind is selected.\n";
  std::cout << RenderOutcome(done.steps, done.seconds, terminal);
  std::cout << SummaryLine(CountStates(done.steps)) << "\n";
  std::vector<std::string> next = LookAtFailures(invocation.context, done.steps);
  if (succeeded) next.push_back("smelt sql --lake " + ShellWord(invocation.context.lake));
  std::cout << RenderNext(next, terminal);
  std::cout.flush();
}

/// Of --show: the first rows of the seeds that were loaded.
Status ShowSeeds(engine::Engine& engine, const DoneSteps& done) {
  constexpr int kRowsShown = 10;
  SMELT_ASSIGN(auto session, engine.Connect());
  for (const StepResult& step : done.steps) {
    const std::size_t dot = step.name.find('.');
    if (step.kind != "seed" || step.status != StepStatus::kDone || dot == std::string::npos) continue;
    const std::string name = fmt::format("{}.{}", engine::QuoteIdentifier(step.name.substr(0, dot)),
                                         engine::QuoteIdentifier(step.name.substr(dot + 1)));
    std::cout << fmt::format("\nSample of table: {}\n", step.name);
    auto writer = MakeResultWriter(OutputFormat::kTable, std::cout, TerminalWidth(STDOUT_FILENO), kRowsShown);
    SMELT_TRY(session->Stream(fmt::format("from {} limit {}", name, kRowsShown), *writer));
    SMELT_TRY(writer->Finish());
  }
  return {};
}

/// What has to find the rows good before they are committed; null: nothing.
Result<std::unique_ptr<ProjectAudit>> MakeAudit(engine::Engine& engine, const DbtInvocation& invocation) {
  if (!invocation.smelt_project || !invocation.flags.On("audit", true)) return nullptr;
  const transform::InvokeOptions& options = invocation.options;
  return ProjectAudit::Make(engine, *invocation.smelt_project, options.vars, options.run_id,
                            options.skip_unchanged && !options.full_refresh);
}

}  // namespace

Result<int> RunNodes(DbtInvocation& invocation) {
  const bool reads_only = invocation.command == transform::Command::kTest;
  SMELT_ASSIGN(auto engine,
               OpenEngine(invocation, reads_only ? engine::MissingLake::kRefuse : engine::MissingLake::kMake));
  PrintNotes(invocation);
  if (invocation.options.run_id.empty()) invocation.options.run_id = NewRunId();
  SMELT_ASSIGN(const auto audit, MakeAudit(*engine, invocation));
  invocation.options.audit = audit.get();
  transform::RunResults results;
  SMELT_ASSIGN(const DoneSteps done, RunWithDisplay(invocation, [&](RunObserver& observer) -> Result<DoneSteps> {
                 SMELT_ASSIGN(results,
                              transform::Invoke(*engine, invocation.options, observer, invocation.context.stop));
                 DoneSteps steps{.steps = {}, .seconds = results.seconds};
                 for (const transform::NodeResult& node : results.nodes) steps.steps.push_back(node.step);
                 return steps;
               }));
  if (audit != nullptr) SMELT_TRY(audit->Store());
  const Status outcome = results.Outcome();
  if (ShowsSummary(invocation)) PrintResults(invocation, done, outcome.has_value());
  if (invocation.flags.On("show") && ShowsSummary(invocation)) SMELT_TRY(ShowSeeds(*engine, done));
  if (outcome) return 0;
  if (results.interrupted) {
    if (!ShowsSummary(invocation)) return kInterrupted;
    std::cerr << "interrupted: every table is as before or as after its step; `smelt retry` does the rest\n";
    return kInterrupted;
  }
  if (!invocation.logs_json) ReportError(invocation.context, outcome.error());
  return kNodesFailed;
}

}  // namespace smelt::app
