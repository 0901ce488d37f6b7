#include "app/internal/trace_export.h"

#include <fmt/format.h>

#include <utility>

namespace smelt::app {
namespace {

void PutCount(Json& attributes, const char* name, std::int64_t count) {
  if (count >= 0) attributes[name] = count;
}

}  // namespace

observe::Span TraceExport::SpanOf(const std::string& path, const std::string& parent) const {
  observe::Span span;
  span.trace_id = observe::TraceIdOf(run_id_);
  span.span_id = observe::SpanIdOf(path);
  if (!parent.empty()) span.parent_id = observe::SpanIdOf(parent);
  span.attributes = {{"smelt.run_id", run_id_}};
  return span;
}

void TraceExport::OnRunStarted(const std::string& run_id, const pipeline::Pipeline&, std::int64_t at_us) {
  run_id_ = run_id;
  started_us_ = at_us;
}

void TraceExport::OnTaskFinished(const TimedTask& task) {
  if (task.started_us == 0) return;
  const pipeline::TaskReport& report = task.report;
  const std::string path = fmt::format("{}/{}", run_id_, report.name);
  observe::Span span = SpanOf(path, run_id_);
  span.name = "task " + report.name;
  span.started_us = task.started_us;
  span.finished_us = task.finished_us;
  span.attributes["smelt.task"] = report.name;
  span.attributes["smelt.task_type"] = report.type;
  span.attributes["smelt.attempts"] = report.attempts;
  span.attributes["smelt.status"] = state::TaskStatusText(report.status);
  PutCount(span.attributes, "smelt.rows_in", report.outcome.rows_in);
  PutCount(span.attributes, "smelt.rows_out", report.outcome.rows_out);
  PutCount(span.attributes, "smelt.commits", report.outcome.commits);
  span.failed = !state::Succeeded(report.status);
  if (report.error) span.message = report.error->message();
  spans_.push_back(std::move(span));
  for (const TimedStep& step : task.steps) {
    observe::Span child = SpanOf(fmt::format("{}/{}", path, step.result.name), path);
    child.name = fmt::format("{} {}", step.result.kind, step.result.name);
    child.started_us = step.started_us;
    child.finished_us = step.finished_us;
    child.attributes["smelt.task"] = report.name;
    child.attributes["smelt.step"] = step.result.name;
    child.attributes["smelt.status"] = StepStatusText(step.result.status);
    PutCount(child.attributes, "smelt.rows_in", step.result.rows_in);
    PutCount(child.attributes, "smelt.rows_out", step.result.rows_out);
    PutCount(child.attributes, "smelt.rows_quarantined", step.result.rows_quarantined);
    child.failed = step.result.status == StepStatus::kFailed;
    child.message = step.result.message;
    spans_.push_back(std::move(child));
  }
}

void TraceExport::OnRunFinished(const pipeline::RunReport& report, std::int64_t at_us) {
  observe::Span span = SpanOf(run_id_, "");
  span.name = "pipeline " + report.pipeline;
  span.started_us = started_us_;
  span.finished_us = at_us;
  span.attributes["smelt.pipeline"] = report.pipeline;
  span.attributes["smelt.status"] = state::RunStatusText(report.status);
  span.failed = report.error.has_value();
  if (report.error) span.message = report.error->message();
  spans_.push_back(std::move(span));
}

Status TraceExport::Send(std::stop_token stop) const {
  if (spans_.empty()) return {};
  return observe::SendTraces(target_, spans_, std::move(stop));
}

}  // namespace smelt::app
