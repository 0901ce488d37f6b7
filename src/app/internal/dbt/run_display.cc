#include "app/internal/dbt/run_display.h"

#include <unistd.h>

#include "app/internal/dbt/event_log.h"
#include "app/internal/dbt/run_summary.h"

namespace smelt::app {
namespace {

ProgressOptions DisplayOf(const DbtInvocation& invocation) {
  ProgressOptions display = ProgressTo(STDOUT_FILENO, invocation.context.json);
  if (!invocation.context.json && invocation.is_quiet) display.style = ProgressStyle::kSilent;
  return display;
}

}  // namespace

Result<DoneSteps> RunWithDisplay(DbtInvocation& invocation,
                                 const std::function<Result<DoneSteps>(RunObserver&)>& work) {
  transform::InvokeOptions& options = invocation.options;
  const bool prints = invocation.flags.On("print", true);
  if (invocation.logs_json) {
    DbtEventLog log(options.invocation_id);
    log.RunStarted(options.threads, options.target.name);
    if (prints) options.print = [&log](std::string_view text) { log.Printed(text); };
    auto done = work(log);
    if (done) log.RunFinished(CountStates(done->steps), done->seconds);
    return done;
  }
  ProgressView progress(DisplayOf(invocation));
  if (prints) options.print = [&progress](std::string_view text) { progress.Print(text); };
  auto done = work(progress);
  progress.Stop();
  return done;
}

bool ShowsSummary(const DbtInvocation& invocation) {
  return !invocation.context.json && !invocation.logs_json && !invocation.is_quiet;
}

}  // namespace smelt::app
