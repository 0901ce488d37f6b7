#include "transform/freshness.h"

#include <unistd.h>

#include <iostream>

#include "app/internal/dbt/commands.h"
#include "app/internal/dbt/run_display.h"
#include "app/internal/dbt/run_summary.h"
#include "app/internal/terminal/report_view.h"

namespace smelt::app {

Result<int> RunFreshness(DbtInvocation& invocation) {
  SMELT_ASSIGN(auto engine, OpenEngine(invocation, engine::MissingLake::kAwaitWrite));
  PrintNotes(invocation);
  transform::FreshnessResults results;
  SMELT_ASSIGN(const DoneSteps done, RunWithDisplay(invocation, [&](RunObserver& observer) -> Result<DoneSteps> {
                 SMELT_ASSIGN(results,
                              transform::CheckFreshness(*engine, invocation.options, observer,
                                                        invocation.flags.Text("output"), invocation.context.stop));
                 DoneSteps steps{.steps = {}, .seconds = results.seconds};
                 for (const transform::NodeResult& hook : results.hooks) steps.steps.push_back(hook.step);
                 for (const transform::SourceFreshness& source : results.sources) steps.steps.push_back(source.step);
                 return steps;
               }));
  if (ShowsSummary(invocation)) {
    if (done.steps.empty()) std::cout << "Nothing to do. No source with a freshness configuration is selected.\n";
    if (!done.steps.empty()) std::cout << RenderOutcome(done.steps, done.seconds, DescribeTerminal(STDOUT_FILENO));
    std::cout << SummaryLine(CountStates(done.steps)) << "\n";
  }
  return results.Passed() ? 0 : 1;
}

}  // namespace smelt::app
