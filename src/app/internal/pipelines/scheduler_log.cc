#include "app/internal/pipelines/scheduler_log.h"

#include <fmt/format.h>

#include <iostream>

#include "app/internal/terminal/text.h"
#include "base/clock.h"
#include "base/log.h"

namespace smelt::app {
namespace {

Json Fields(const state::RunRecord& run) {
  Json fields = {{"pipeline", run.pipeline}, {"run_id", run.id}, {"triggered_by", run.triggered_by}};
  if (run.scheduled_us > 0) fields["scheduled_at"] = FormatUtcMicros(run.scheduled_us);
  if (!run.resumed_from.empty()) fields["resumed_from"] = run.resumed_from;
  return fields;
}

/// Why there is a run, for people.
std::string Cause(const state::RunRecord& run) {
  if (!run.resumed_from.empty()) return fmt::format("goes on with {}", run.resumed_from);
  if (run.scheduled_us > 0) {
    return fmt::format("{} {}Z", run.triggered_by == "schedule" ? "due" : run.triggered_by,
                       FormatUtcMicros(run.scheduled_us).substr(0, 19));
  }
  return run.triggered_by;
}

}  // namespace

void SchedulerLog::Tell(std::string_view event, const std::string& text, const Json& fields) {
  const std::lock_guard guard(mutex_);
  const std::string now = FormatUtcMicros(NowMicros());
  if (json_) {
    Json object = {{"event", event}, {"ts", now}};
    object.update(fields);
    std::cout << JsonText(object) << '\n' << std::flush;
  } else {
    std::cout << fmt::format("{}Z  {}\n", now.substr(0, 19), OneLine(text)) << std::flush;
  }
}

void SchedulerLog::Leading(std::size_t pipelines) {
  Tell("scheduler.leading", fmt::format("scheduling {} pipeline{}", pipelines, pipelines == 1 ? "" : "s"),
       {{"pipelines", pipelines}});
  Log(LogLevel::kInfo, "scheduler.leading", {{"pipelines", pipelines}});
}

void SchedulerLog::Listening(std::string_view url) {
  Tell("scheduler.listening", fmt::format("taking calls on {}", url), {{"url", url}});
  Log(LogLevel::kInfo, "scheduler.listening", {{"url", url}});
}

void SchedulerLog::StandingBy(std::string_view holder) {
  Tell("scheduler.standing_by", fmt::format("standing by: {} schedules on this lake", holder), {{"holder", holder}});
}

void SchedulerLog::DefinitionRefused(const Error& error) {
  Tell("scheduler.definition.refused", error.ToString(), {{"error", pipeline::ToJson(error)}});
  Log(LogLevel::kError, "scheduler.definition.refused", {{"error", pipeline::ToJson(error)}});
}

void SchedulerLog::RunQueued(const state::RunRecord& run) {
  Tell("scheduler.run.queued", fmt::format("{}  queued   {}  ({})", run.pipeline, run.id, Cause(run)), Fields(run));
}

void SchedulerLog::RunStarted(const state::RunRecord& run) {
  Tell("scheduler.run.started", fmt::format("{}  started  {}  ({})", run.pipeline, run.id, Cause(run)), Fields(run));
}

void SchedulerLog::RunEnded(const state::RunRecord& run, const Result<pipeline::RunReport>& report) {
  Json fields = Fields(run);
  if (!report) {
    fields["error"] = pipeline::ToJson(report.error());
    Tell("scheduler.run.refused", fmt::format("{}  refused  {}  {}", run.pipeline, run.id, report.error().ToString()),
         std::move(fields));
    Log(LogLevel::kError, "scheduler.run.refused", {{"run_id", run.id}, {"error", pipeline::ToJson(report.error())}});
    return;
  }
  const std::string_view status = state::RunStatusText(report->status);
  fields["status"] = status;
  fields["seconds"] = report->seconds;
  if (report->error) fields["error"] = pipeline::ToJson(*report->error);
  Tell("scheduler.run.ended",
       fmt::format("{}  {}  {}  in {}{}", run.pipeline, status, run.id, FormatSeconds(report->seconds),
                   report->error ? ": " + report->error->message() : ""),
       std::move(fields));
}

void SchedulerLog::Trouble(const Error& error) {
  Tell("scheduler.trouble", error.ToString(), {{"error", pipeline::ToJson(error)}});
  Log(LogLevel::kError, "scheduler.trouble", {{"error", pipeline::ToJson(error)}});
}

}  // namespace smelt::app
