#include "notify/channels/pagerduty.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "notify/internal/alert_text.h"

namespace smelt::notify::channels {
namespace {

constexpr std::size_t kSummaryMax = 1'024;

std::string_view EventAction(Action action) {
  if (action == Action::kResolve) return "resolve";
  return action == Action::kAcknowledge ? "acknowledge" : "trigger";
}

Json Details(const Alert& alert) {
  Json details = Json::object();
  for (const auto& [label, value] : internal::Facts(alert)) details[label] = value;
  Json problems = Json::array();
  for (const Problem& problem : alert.problems) {
    Json one = {{"name", problem.name}, {"task", problem.task}, {"message", problem.message}};
    if (!problem.hint.empty()) one["hint"] = problem.hint;
    for (const Sample& sample : problem.samples) {
      one["samples"].push_back({{"of", sample.of}, {"columns", sample.columns}, {"rows", sample.rows}});
    }
    problems.push_back(std::move(one));
  }
  if (!problems.empty()) details["problems"] = std::move(problems);
  if (const std::string more = internal::MoreProblems(alert); !more.empty()) details["more"] = more;
  return details;
}

}  // namespace

Json PagerDutyEvent(const Alert& alert) {
  Json event = {{"event_action", EventAction(alert.action)}, {"dedup_key", alert.incident}, {"client", "smelt"}};
  if (event["event_action"] != "trigger") return event;
  event["payload"] = {{"summary", internal::CutText(internal::Subject(alert), kSummaryMax)},
                      {"source", alert.project.empty() ? "smelt" : alert.project},
                      {"severity", SeverityText(alert.severity)},
                      {"timestamp", FormatUtcMicros(alert.created_us)},
                      {"component", alert.pipeline},
                      {"group", alert.route},
                      {"class", alert.problems.empty() ? "test" : alert.problems.front().kind},
                      {"custom_details", Details(alert)}};
  if (!alert.link.empty()) {
    event["client_url"] = alert.link;
    event["links"] = Json::array({{{"href", alert.link}, {"text", "Run " + alert.run_id}}});
  }
  return event;
}

Result<Post> PagerDutyPost(const Channel& channel, const Alert& alert) {
  SMELT_ASSIGN(const Secret key, channel.key->Read());
  Json event = {{"routing_key", key.Reveal()}};
  event.update(PagerDutyEvent(alert));
  return Post{.url = channel.url, .body = JsonText(event)};
}

}  // namespace smelt::notify::channels
