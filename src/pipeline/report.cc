#include "pipeline/report.h"

#include <algorithm>
#include <array>

#include "base/clock.h"

namespace smelt::pipeline {
namespace {

constexpr std::array<StepStatus, 5> kStepStatuses = {StepStatus::kDone, StepStatus::kNothing, StepStatus::kWarned,
                                                     StepStatus::kFailed, StepStatus::kSkipped};

StepStatus ParseStepStatus(std::string_view text) {
  const auto status = std::ranges::find(kStepStatuses, text, StepStatusText);
  return status == kStepStatuses.end() ? StepStatus::kDone : *status;
}

void PutCounts(Json& json, std::int64_t rows_in, std::int64_t rows_out, std::int64_t rows_quarantined) {
  if (rows_in >= 0) json["rows_in"] = rows_in;
  if (rows_out >= 0) json["rows_out"] = rows_out;
  if (rows_quarantined >= 0) json["rows_quarantined"] = rows_quarantined;
}

void PutUsage(Json& json, const Usage& usage) {
  if (usage == Usage()) return;
  json["usage"] = {
      {"cpu_seconds", usage.cpu_seconds}, {"bytes_read", usage.bytes_read}, {"bytes_written", usage.bytes_written}};
}

/// The member of a JSON object if it is there and of the fallback's type.
template <typename T>
T Member(const Json& json, const char* key, T fallback) {
  const auto found = json.find(key);
  if (found == json.end()) return fallback;
  if constexpr (std::is_same_v<T, std::string>) {
    return found->is_string() ? found->template get<T>() : fallback;
  } else {
    return found->is_number() ? found->template get<T>() : fallback;
  }
}

Json ObjectMember(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_object() ? *found : Json::object();
}

Usage UsageFromJson(const Json& json) {
  const Json usage = ObjectMember(json, "usage");
  return {.cpu_seconds = Member<double>(usage, "cpu_seconds", 0),
          .bytes_read = Member<std::int64_t>(usage, "bytes_read", 0),
          .bytes_written = Member<std::int64_t>(usage, "bytes_written", 0)};
}

StepResult StepFromJson(const Json& json) {
  StepResult step;
  step.name = Member<std::string>(json, "name", "");
  step.kind = Member<std::string>(json, "kind", "");
  step.status = ParseStepStatus(Member<std::string>(json, "status", ""));
  step.rows_in = Member<std::int64_t>(json, "rows_in", -1);
  step.rows_out = Member<std::int64_t>(json, "rows_out", -1);
  step.rows_quarantined = Member<std::int64_t>(json, "rows_quarantined", -1);
  step.seconds = Member<double>(json, "seconds", 0);
  step.usage = UsageFromJson(json);
  step.message = Member<std::string>(json, "message", "");
  step.details = ObjectMember(json, "details");
  return step;
}

}  // namespace

bool TaskReport::idle() const {
  if (outcome.commits > 0) return false;
  if (status != state::TaskStatus::kDone) return status == state::TaskStatus::kNothing;
  return !outcome.steps.empty() && std::ranges::all_of(outcome.steps, [](const StepResult& step) {
    return step.status == StepStatus::kNothing || step.kind == "inputs";
  });
}

bool RunReport::nothing_to_do() const {
  return status == state::RunStatus::kSucceeded && std::ranges::all_of(tasks, [](const TaskReport& task) {
           if (!task.reused_from.empty()) return true;
           return task.outcome.commits == 0 && (task.status != state::TaskStatus::kDone || task.idle());
         });
}

int RunReport::exit_code() const {
  return error ? Describe(error->code()).exit_code : 0;
}

Json ToJson(const StepResult& step) {
  Json json = {{"name", step.name}, {"kind", step.kind}, {"status", StepStatusText(step.status)}};
  PutCounts(json, step.rows_in, step.rows_out, step.rows_quarantined);
  json["seconds"] = step.seconds;
  PutUsage(json, step.usage);
  if (!step.message.empty()) json["message"] = step.message;
  if (!step.details.empty()) json["details"] = step.details;
  return json;
}

Json ToJson(const TaskOutcome& outcome) {
  Json json = {{"status", StepStatusText(outcome.status)}};
  PutCounts(json, outcome.rows_in, outcome.rows_out, outcome.rows_quarantined);
  json["commits"] = outcome.commits;
  PutUsage(json, outcome.usage);
  json["steps"] = Json::array();
  for (const StepResult& step : outcome.steps) json["steps"].push_back(ToJson(step));
  if (!outcome.details.empty()) json["details"] = outcome.details;
  return json;
}

Json ToJson(const TaskReport& task) {
  Json json = {{"task", task.name},
               {"type", task.type},
               {"status", state::TaskStatusText(task.status)},
               {"attempts", task.attempts},
               {"seconds", task.seconds}};
  if (task.attempts > 0 || !task.reused_from.empty()) json["outcome"] = ToJson(task.outcome);
  if (task.error) json["error"] = ToJson(*task.error);
  if (!task.skipped_because.empty()) json["skipped_because"] = task.skipped_because;
  if (!task.reused_from.empty()) json["reused_from"] = task.reused_from;
  if (!task.item_of.empty()) {
    json["item_of"] = task.item_of;
    json["item"] = task.item;
  }
  return json;
}

Json ToJson(const RunReport& report) {
  Json json = {{"run_id", report.run_id},
               {"pipeline", report.pipeline},
               {"status", state::RunStatusText(report.status)},
               {"nothing_to_do", report.nothing_to_do()},
               {"seconds", report.seconds},
               {"tasks", Json::array()}};
  for (const TaskReport& task : report.tasks) json["tasks"].push_back(ToJson(task));
  if (!report.resumed_from.empty()) json["resumed_from"] = report.resumed_from;
  if (report.error) json["error"] = ToJson(*report.error);
  for (const SlaMiss& miss : report.sla_misses) {
    json["sla_misses"].push_back({{"task", miss.task}, {"due_at", FormatUtcMicros(miss.due_us)}});
  }
  if (report.record_error) json["record_error"] = ToJson(*report.record_error);
  return json;
}

Json ToJson(const Error& error) {
  Json json = {{"code", CodeText(error.code())}, {"message", error.message()}};
  if (!error.hint().empty()) json["hint"] = error.hint();
  if (!error.file().empty()) json["file"] = error.file();
  if (error.line() > 0) json["line"] = error.line();
  if (error.column() > 0) json["column"] = error.column();
  return json;
}

TaskOutcome OutcomeFromJson(const Json& json) {
  TaskOutcome outcome;
  if (!json.is_object()) return outcome;
  outcome.status = ParseStepStatus(Member<std::string>(json, "status", ""));
  outcome.rows_in = Member<std::int64_t>(json, "rows_in", -1);
  outcome.rows_out = Member<std::int64_t>(json, "rows_out", -1);
  outcome.rows_quarantined = Member<std::int64_t>(json, "rows_quarantined", -1);
  outcome.commits = Member<std::int64_t>(json, "commits", 0);
  outcome.usage = UsageFromJson(json);
  if (const auto steps = json.find("steps"); steps != json.end() && steps->is_array()) {
    for (const Json& step : *steps) {
      if (step.is_object()) outcome.steps.push_back(StepFromJson(step));
    }
  }
  outcome.details = ObjectMember(json, "details");
  return outcome;
}

}  // namespace smelt::pipeline
