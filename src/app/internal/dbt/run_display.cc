#include "app/internal/dbt/run_display.h"

#include <unistd.h>

#include <iostream>

#include "app/internal/dbt/event_log.h"
#include "app/internal/dbt/log_file.h"
#include "app/internal/dbt/run_summary.h"

namespace smelt::app {
namespace {

ProgressOptions DisplayOf(const DbtInvocation& invocation) {
  ProgressOptions display = ProgressTo(STDOUT_FILENO, invocation.context.json);
  if (!invocation.context.json && invocation.is_quiet) display.style = ProgressStyle::kSilent;
  return display;
}

using Work = std::function<Result<DoneSteps>(RunObserver&)>;

/// Where what templates print goes; `log` may be null.
void PrintTo(DbtInvocation& invocation, DbtEventLog* log, std::function<void(std::string_view)> show) {
  if (!invocation.flags.On("print", true)) return;
  invocation.options.print = [log, show = std::move(show)](std::string_view text) {
    if (log != nullptr) log->Printed(text);
    show(text);
  };
}

Result<DoneSteps> RunWithEvents(DbtInvocation& invocation, DbtEventLog* file, const Work& work) {
  const transform::InvokeOptions& options = invocation.options;
  const std::string level = invocation.flags.Text("log_level");
  DbtEventLog log(std::cout, {.as_json = true, .lowest = level.empty() ? "info" : level}, options.invocation_id);
  log.RunStarted(options.threads, options.target.name);
  PrintTo(invocation, file, [&log](std::string_view text) { log.Printed(text); });
  ObserverPair both(log, file);
  auto done = work(both);
  if (done) log.RunFinished(CountStates(done->steps), done->seconds);
  return done;
}

Result<DoneSteps> RunWithView(DbtInvocation& invocation, DbtEventLog* file, const Work& work) {
  ProgressView progress(DisplayOf(invocation));
  PrintTo(invocation, file, [&progress](std::string_view text) { progress.Print(text); });
  ObserverPair both(progress, file);
  auto done = work(both);
  progress.Stop();
  return done;
}

}  // namespace

Result<DoneSteps> RunWithDisplay(DbtInvocation& invocation,
                                 const std::function<Result<DoneSteps>(RunObserver&)>& work) {
  const auto file = DbtLogFile::Open(invocation);
  DbtEventLog* log = file == nullptr ? nullptr : &file->events();
  if (log != nullptr) {
    log->RunStarted(invocation.options.threads, invocation.options.target.name);
    invocation.options.warn = [log, told = invocation.options.warn](const Error& warning) {
      log->Warned(warning.ToString());
      if (told) told(warning);
    };
  }
  auto done = invocation.logs_json ? RunWithEvents(invocation, log, work) : RunWithView(invocation, log, work);
  if (log != nullptr && done) log->RunFinished(CountStates(done->steps), done->seconds);
  if (log != nullptr && !done) log->Failed(done.error());
  return done;
}

bool ShowsSummary(const DbtInvocation& invocation) {
  return !invocation.context.json && !invocation.logs_json && !invocation.is_quiet;
}

}  // namespace smelt::app
