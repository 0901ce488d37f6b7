#include "notify/alert.h"

#include <algorithm>
#include <array>

#include "base/clock.h"

namespace smelt::notify {
namespace {

constexpr std::array<std::string_view, 6> kActions = {"trigger", "update", "repeat", "acknowledge", "resolve", "test"};

std::int64_t Time(const Json& json, const char* key) {
  const auto micros = ParseTimestampMicros(TextAt(json, key));
  return micros ? *micros : 0;
}

std::int64_t Count(const Json& json, const char* key, std::int64_t fallback) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : fallback;
}

Json TimeText(std::int64_t micros) {
  return micros == 0 ? Json() : Json(FormatUtcMicros(micros));
}

std::vector<std::string> Texts(const Json& json) {
  std::vector<std::string> texts;
  for (const Json& one : json) {
    if (one.is_string()) texts.push_back(one.get<std::string>());
  }
  return texts;
}

Json SampleToJson(const Sample& sample) {
  return {{"of", sample.of}, {"columns", sample.columns}, {"rows", sample.rows}};
}

Sample SampleFromJson(const Json& json) {
  Sample sample;
  sample.of = TextAt(json, "of");
  if (const auto columns = json.find("columns"); columns != json.end()) sample.columns = Texts(*columns);
  if (const auto rows = json.find("rows"); rows != json.end()) {
    for (const Json& row : *rows) sample.rows.push_back(Texts(row));
  }
  return sample;
}

Json ProblemToJson(const Problem& problem) {
  Json json = {{"task", problem.task},       {"name", problem.name},
               {"kind", problem.kind},       {"severity", SeverityText(problem.severity)},
               {"message", problem.message}, {"is_new", problem.is_new}};
  if (!problem.hint.empty()) json["hint"] = problem.hint;
  for (const Sample& sample : problem.samples) json["samples"].push_back(SampleToJson(sample));
  return json;
}

Problem ProblemFromJson(const Json& json) {
  Problem problem;
  problem.task = TextAt(json, "task");
  problem.name = TextAt(json, "name");
  problem.kind = TextAt(json, "kind");
  problem.severity = ParseSeverity(TextAt(json, "severity")).value_or(Severity::kError);
  problem.message = TextAt(json, "message");
  problem.hint = TextAt(json, "hint");
  const auto is_new = json.find("is_new");
  problem.is_new = is_new == json.end() || !is_new->is_boolean() || is_new->get<bool>();
  if (const auto samples = json.find("samples"); samples != json.end()) {
    for (const Json& sample : *samples) problem.samples.push_back(SampleFromJson(sample));
  }
  return problem;
}

}  // namespace

std::string_view ActionText(Action action) {
  return kActions.at(static_cast<std::size_t>(action));
}

Json ToJson(const Alert& alert) {
  Json json = {{"id", alert.id},
               {"incident", alert.incident},
               {"action", ActionText(alert.action)},
               {"severity", SeverityText(alert.severity)},
               {"title", alert.title},
               {"project", alert.project},
               {"pipeline", alert.pipeline},
               {"route", alert.route},
               {"run_id", alert.run_id},
               {"run_status", alert.run_status},
               {"link", alert.link},
               {"created", TimeText(alert.created_us)},
               {"started", TimeText(alert.started_us)},
               {"finished", TimeText(alert.finished_us)},
               {"opened", TimeText(alert.opened_us)},
               {"runs", alert.runs},
               {"last_good_run", alert.last_good_run},
               {"last_good", TimeText(alert.last_good_us)},
               {"problems_total", alert.problems_total},
               {"problems", Json::array()}};
  for (const Problem& problem : alert.problems) json["problems"].push_back(ProblemToJson(problem));
  return json;
}

Alert AlertFromJson(const Json& json) {
  Alert alert;
  if (!json.is_object()) return alert;
  alert.id = TextAt(json, "id");
  alert.incident = TextAt(json, "incident");
  const auto action = std::ranges::find(kActions, TextAt(json, "action"));
  if (action != kActions.end()) alert.action = static_cast<Action>(action - kActions.begin());
  alert.severity = ParseSeverity(TextAt(json, "severity")).value_or(Severity::kError);
  alert.title = TextAt(json, "title");
  alert.project = TextAt(json, "project");
  alert.pipeline = TextAt(json, "pipeline");
  alert.route = TextAt(json, "route");
  alert.run_id = TextAt(json, "run_id");
  alert.run_status = TextAt(json, "run_status");
  alert.link = TextAt(json, "link");
  alert.created_us = Time(json, "created");
  alert.started_us = Time(json, "started");
  alert.finished_us = Time(json, "finished");
  alert.opened_us = Time(json, "opened");
  alert.runs = Count(json, "runs", 1);
  alert.last_good_run = TextAt(json, "last_good_run");
  alert.last_good_us = Time(json, "last_good");
  if (const auto problems = json.find("problems"); problems != json.end()) {
    for (const Json& problem : *problems) alert.problems.push_back(ProblemFromJson(problem));
  }
  const auto listed = static_cast<std::int64_t>(alert.problems.size());
  alert.problems_total = static_cast<std::size_t>(std::max(listed, Count(json, "problems_total", listed)));
  return alert;
}

}  // namespace smelt::notify
