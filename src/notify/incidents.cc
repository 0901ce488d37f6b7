#include "notify/incidents.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/id.h"

namespace smelt::notify {
namespace {

using state::AlertBatch;
using state::AlertRecord;
using state::DeliveryRecord;
using state::IncidentRecord;
using state::IncidentStatus;

/// So many problems are listed in an alert; the rest is a number.
constexpr std::size_t kProblemsMax = 20;
/// So far back runs are looked for that have not been judged.
constexpr std::int64_t kRunsMax = 200;

bool MatchesAny(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() ||
         std::ranges::any_of(patterns, [&](const std::string& pattern) { return MatchesPattern(pattern, text); });
}

bool Matches(const Route& route, const std::string& pipeline, const Problem& problem) {
  if (problem.severity < route.severity || !MatchesAny(route.pipelines, pipeline)) return false;
  if (!MatchesAny(route.tasks, problem.task)) return false;
  if (route.suites.empty()) return true;
  constexpr std::string_view kSuite = "suite ";
  return problem.kind == "suite" && problem.name.starts_with(kSuite) &&
         MatchesAny(route.suites, std::string_view(problem.name).substr(kSuite.size()));
}

/// What an incident of the route is known by.
std::string GroupingOf(const Route& route, const std::string& pipeline, const Problem& problem) {
  std::string grouping = fmt::format("{}|{}", route.name, pipeline);
  if (route.group_by == GroupBy::kTask) grouping += "|" + problem.task;
  if (route.group_by == GroupBy::kProblem) grouping += "|" + problem.Id();
  return grouping;
}

/// The problems of an incident as its record keeps them: id → severity.
using Known = std::map<std::string, Severity>;

Known KnownProblems(const IncidentRecord& incident) {
  Known known;
  const auto problems = incident.details.find("problems");
  if (problems == incident.details.end() || !problems->is_object()) return known;
  for (const auto& [id, severity] : problems->items()) {
    known[id] = ParseSeverity(severity.is_string() ? severity.get<std::string>() : "").value_or(Severity::kError);
  }
  return known;
}

std::string TaskOf(const std::string& problem_id) {
  return problem_id.substr(0, problem_id.find('/'));
}

std::string Replace(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

/// "silver.orders failed", "12 problems in 3 tasks".
std::string Headline(const std::vector<Problem>& problems) {
  if (problems.size() == 1) {
    const Problem& only = problems.front();
    const bool failed = only.severity >= Severity::kError;
    return fmt::format("{} {}", only.name,
                       failed                             ? "failed"
                       : only.severity == Severity::kInfo ? "has a note"
                                                          : "warns");
  }
  std::set<std::string> tasks;
  for (const Problem& problem : problems) tasks.insert(problem.task);
  return fmt::format(
      "{} problems{}", problems.size(),
      tasks.size() > 1 ? fmt::format(" in {} tasks", tasks.size()) : fmt::format(" in {}", *tasks.begin()));
}

std::string DurationText(std::int64_t micros) {
  const std::int64_t minutes = micros / 60'000'000;
  if (minutes < 1) return "less than a minute";
  if (minutes < 120) return fmt::format("{} min", minutes);
  if (minutes < 48 * 60) return fmt::format("{} h", minutes / 60);
  return fmt::format("{} days", minutes / (24 * 60));
}

/// What a run that was judged is known by. One that is at work is judged each time that it misses an SLA, and again
/// when it has ended.
std::string JudgedName(const state::RunRecord& run, std::size_t sla_misses) {
  return state::HasEnded(run.status) ? run.id : fmt::format("{}/sla/{}", run.id, sla_misses);
}

/// Judges one run.
class RunJudge {
 public:
  RunJudge(const Settings& settings, const RunFacts& facts, const ChannelsTold& told, std::int64_t now_us)
      : settings_(settings), facts_(facts), told_(told), now_us_(now_us), judged_(JudgedTasks(facts)) {
    batch_.judged_run = JudgedName(facts.run, facts.sla_misses.size());
  }

  Result<AlertBatch> Run(const std::vector<Problem>& problems, const std::vector<IncidentRecord>& open) {
    std::map<std::string, Group> groups;
    for (const Problem& problem : problems) {
      for (const Route& route : settings_.routes) {
        if (!Matches(route, facts_.run.pipeline, problem)) continue;
        Group& group = groups[GroupingOf(route, facts_.run.pipeline, problem)];
        group.route = &route;
        group.problems.push_back(problem);
        if (!route.go_on) break;
      }
    }
    for (const IncidentRecord& incident : open) {
      const auto group = groups.find(incident.grouping);
      if (group == groups.end()) {
        SMELT_TRY(GoOnWithout(incident));
        continue;
      }
      GoOn(incident, group->second);
      groups.erase(group);
    }
    for (auto& [grouping, group] : groups) Begin(grouping, group);
    return std::move(batch_);
  }

 private:
  struct Group {
    const Route* route = nullptr;
    std::vector<Problem> problems;
  };

  /// Whether nothing can be said of a problem that was there before.
  bool IsOpen(const std::string& problem_id) const {
    return facts_.run.status != state::RunStatus::kSucceeded && !judged_.contains(TaskOf(problem_id));
  }

  Alert Describe(const IncidentRecord& incident, Action action, Severity severity) const {
    Alert alert;
    alert.id = NewUuid();
    alert.incident = incident.id;
    alert.action = action;
    alert.severity = severity;
    alert.title = incident.title;
    alert.project = facts_.run.project;
    alert.pipeline = facts_.run.pipeline;
    alert.run_id = facts_.run.id;
    alert.run_status = state::RunStatusText(facts_.run.status);
    alert.link = Replace(Replace(Replace(settings_.link, "{run_id}", facts_.run.id), "{pipeline}", facts_.run.pipeline),
                         "{project}", facts_.run.project);
    alert.created_us = now_us_;
    alert.started_us = facts_.run.started_us;
    alert.finished_us = facts_.run.finished_us;
    alert.opened_us = incident.opened_us;
    alert.runs = incident.runs;
    if (facts_.last_good) {
      alert.last_good_run = facts_.last_good->id;
      alert.last_good_us = facts_.last_good->finished_us;
    }
    return alert;
  }

  void Tell(const Alert& alert, const std::vector<std::string>& channels, std::int64_t due_us) {
    batch_.alerts.push_back({.id = alert.id,
                             .incident_id = alert.incident,
                             .action = std::string(ActionText(alert.action)),
                             .run_id = alert.run_id,
                             .created_us = now_us_,
                             .body = ToJson(alert)});
    for (const std::string& channel : channels) {
      batch_.deliveries.push_back({.alert_id = alert.id, .channel = channel, .due_us = due_us});
    }
  }

  void TellProblems(const IncidentRecord& incident, Action action, const Group& group, const Known& known) {
    Alert alert = Describe(incident, action, *ParseSeverity(incident.severity));
    alert.route = group.route->name;
    alert.problems_total = group.problems.size();
    alert.problems = group.problems;
    for (Problem& problem : alert.problems) problem.is_new = !known.contains(problem.Id());
    std::ranges::stable_sort(alert.problems, std::ranges::greater(),
                             [](const Problem& problem) { return std::pair(problem.severity, problem.is_new); });
    if (alert.problems.size() > kProblemsMax) alert.problems.resize(kProblemsMax);
    Tell(alert, group.route->channels, DueTime(*group.route, alert.severity, now_us_));
  }

  /// Writes what the problems are now into the record.
  static void Describe(IncidentRecord& incident, const Group& group, const Known& carried, const std::string& prefix) {
    Known now = carried;
    for (const Problem& problem : group.problems) now[problem.Id()] = problem.severity;
    Severity worst = Severity::kInfo;
    Json problems = Json::object();
    for (const auto& [id, severity] : now) {
      worst = std::max(worst, severity);
      problems[id] = SeverityText(severity);
    }
    incident.severity = SeverityText(worst);
    incident.title = prefix + Headline(group.problems);
    incident.details = {{"route", group.route->name}, {"problems", std::move(problems)}};
  }

  std::string Prefix() const { return fmt::format("{}: ", facts_.run.pipeline); }

  void Begin(const std::string& grouping, const Group& group) {
    IncidentRecord incident;
    incident.id = NewUuid();
    incident.grouping = grouping;
    incident.pipeline = facts_.run.pipeline;
    incident.run_id = facts_.run.id;
    incident.runs = 1;
    incident.opened_us = now_us_;
    incident.notified_us = now_us_;
    Describe(incident, group, {}, Prefix());
    TellProblems(incident, Action::kTrigger, group, {});
    batch_.incidents.push_back(std::move(incident));
  }

  void GoOn(const IncidentRecord& before, const Group& group) {
    const Known known = KnownProblems(before);
    Known carried;
    for (const auto& [id, severity] : known) {
      if (IsOpen(id)) carried[id] = severity;
    }
    IncidentRecord incident = before;
    incident.run_id = facts_.run.id;
    ++incident.runs;
    Describe(incident, group, carried, Prefix());
    const bool is_more = std::ranges::any_of(group.problems, [&](const Problem& problem) {
      const auto found = known.find(problem.Id());
      return found == known.end() || found->second < problem.severity;
    });
    const bool is_old = group.route->repeat_ms > 0 && incident.status == IncidentStatus::kOpen &&
                        now_us_ - incident.notified_us >= group.route->repeat_ms * 1'000;
    if (is_more || is_old) {
      // What was acknowledged was less than this.
      if (is_more) incident.status = IncidentStatus::kOpen;
      incident.notified_us = now_us_;
      TellProblems(incident, is_more ? Action::kUpdate : Action::kRepeat, group, known);
    }
    batch_.incidents.push_back(std::move(incident));
  }

  /// An incident of which this run shows nothing: it is over, unless the run did not get so far.
  Status GoOnWithout(const IncidentRecord& before) {
    const Known known = KnownProblems(before);
    if (std::ranges::any_of(known, [&](const auto& problem) { return IsOpen(problem.first); })) return {};
    IncidentRecord incident = before;
    incident.status = IncidentStatus::kResolved;
    incident.resolved_us = now_us_;
    incident.title = fmt::format("{}good again after {}", Prefix(), DurationText(now_us_ - incident.opened_us));
    batch_.withdrawn.push_back(incident.id);
    const std::string route_name = incident.details.value("route", std::string());
    const auto route = std::ranges::find(settings_.routes, route_name, &Route::name);
    if (route == settings_.routes.end() || route->resolve) {
      SMELT_ASSIGN(const std::vector<std::string> told, told_(incident.id));
      std::vector<std::string> now, later;
      for (const std::string& name : told) {
        const Channel* channel = settings_.Find(name);
        if (channel == nullptr) continue;
        // A pager falls silent by it: that need not wait for the morning.
        (channel->kind == ChannelKind::kPagerDuty ? now : later).push_back(name);
      }
      const Severity severity = ParseSeverity(incident.severity).value_or(Severity::kError);
      const std::int64_t due_us = route == settings_.routes.end() ? now_us_ : DueTime(*route, severity, now_us_);
      Alert alert = Describe(incident, Action::kResolve, severity);
      alert.route = route_name;
      if (!told.empty()) Tell(alert, now, now_us_);
      for (const std::string& channel : later) {
        batch_.deliveries.push_back({.alert_id = alert.id, .channel = channel, .due_us = due_us});
      }
    }
    batch_.incidents.push_back(std::move(incident));
    return {};
  }

  const Settings& settings_;
  const RunFacts& facts_;
  const ChannelsTold& told_;
  const std::int64_t now_us_;
  const std::set<std::string> judged_;
  AlertBatch batch_;
};

/// The runs of each pipeline that have not been judged, oldest first.
Result<std::vector<state::RunRecord>> NewRuns(state::RunStore& runs, state::AlertStore& alerts) {
  SMELT_ASSIGN(const std::vector<state::RunRecord> newest, runs.ListRuns({.limit = kRunsMax}));
  std::map<std::string, std::vector<state::RunRecord>> unjudged;
  std::set<std::string> done;
  std::vector<state::RunRecord> late;
  for (const state::RunRecord& run : newest) {
    if (run.status == state::RunStatus::kRunning) {
      SMELT_ASSIGN(const auto misses, runs.SlaMisses(run.id));
      SMELT_ASSIGN(const bool told, alerts.IsJudged(JudgedName(run, misses.size())));
      if (!misses.empty() && !told) late.push_back(run);
    }
    if (!state::HasEnded(run.status) || done.contains(run.pipeline)) continue;
    SMELT_ASSIGN(const bool judged, alerts.IsJudged(run.id));
    if (judged) {
      done.insert(run.pipeline);
    } else {
      unjudged[run.pipeline].push_back(run);
    }
  }
  std::vector<state::RunRecord> found = std::move(late);
  for (auto& [pipeline, list] : unjudged) {
    // Alerts about a past that nobody asked about would help nobody.
    if (!done.contains(pipeline)) list.resize(1);
    found.insert(found.end(), list.rbegin(), list.rend());
  }
  std::ranges::stable_sort(found, {}, &state::RunRecord::started_us);
  return found;
}

Result<RunFacts> FactsOf(state::RunStore& runs, const state::RunRecord& run) {
  RunFacts facts{.run = run};
  SMELT_ASSIGN(facts.tasks, runs.Tasks(run.id));
  SMELT_ASSIGN(facts.sla_misses, runs.SlaMisses(run.id));
  SMELT_ASSIGN(const std::vector<state::RunRecord> all, runs.ListRuns({.pipeline = run.pipeline, .limit = kRunsMax}));
  bool before = false;
  for (const state::RunRecord& other : all) {
    if (before && other.status == state::RunStatus::kSucceeded) {
      facts.last_good = other;
      break;
    }
    before = before || other.id == run.id;
  }
  return facts;
}

}  // namespace

bool MatchesPattern(std::string_view pattern, std::string_view text) {
  // Two pointers with one place to come back to: linear in practice, and never exponential.
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::int64_t DueTime(const Route& route, Severity severity, std::int64_t now_us) {
  if (!route.quiet_hours) return now_us;
  const QuietHours& quiet = *route.quiet_hours;
  if (quiet.unless_at_least && severity >= *quiet.unless_at_least) return now_us;
  using std::chrono::days;
  const std::chrono::sys_time<std::chrono::microseconds> now{std::chrono::microseconds(now_us)};
  const std::chrono::local_seconds local = quiet.zone.ToLocal(std::chrono::floor<std::chrono::seconds>(now));
  const auto today = std::chrono::floor<days>(local);
  const bool over_midnight = quiet.to_minute < quiet.from_minute;
  // They may have begun yesterday.
  for (const std::chrono::local_days day : {today - days(1), today}) {
    if (!quiet.weekdays[std::chrono::weekday(day).c_encoding()]) continue;
    const auto begin = day + std::chrono::minutes(quiet.from_minute);
    const auto end = day + days(over_midnight ? 1 : 0) + std::chrono::minutes(quiet.to_minute);
    if (local < begin || local >= end) continue;
    return std::chrono::microseconds(quiet.zone.ToInstant(end).time_since_epoch()).count();
  }
  return now_us;
}

Result<AlertBatch> Judge(const Settings& settings, const RunFacts& facts, const SampleReader& read,
                         const std::vector<IncidentRecord>& open, const ChannelsTold& told, std::int64_t now_us) {
  return RunJudge(settings, facts, told, now_us).Run(FindProblems(facts, settings.samples, read), open);
}

Result<std::int64_t> JudgeRuns(const Settings& settings, state::RunStore& runs, state::AlertStore& alerts,
                               const SampleReader& read, std::int64_t now_us) {
  std::int64_t recorded = 0;
  SMELT_ASSIGN(const std::vector<state::RunRecord> ended, NewRuns(runs, alerts));
  const ChannelsTold told = [&](const std::string& incident) { return alerts.ChannelsTold(incident); };
  for (const state::RunRecord& run : ended) {
    SMELT_ASSIGN(const RunFacts facts, FactsOf(runs, run));
    SMELT_ASSIGN(const std::vector<IncidentRecord> open, alerts.Unresolved(run.pipeline));
    SMELT_ASSIGN(const AlertBatch batch, Judge(settings, facts, read, open, told, now_us));
    SMELT_ASSIGN(const bool is_new, alerts.Record(batch));
    if (is_new) recorded += std::ssize(batch.alerts);
  }
  return recorded;
}

Status Acknowledge(const Settings& settings, state::AlertStore& alerts, const std::string& incident,
                   std::int64_t now_us) {
  SMELT_ASSIGN(const std::vector<IncidentRecord> open, alerts.Unresolved(""));
  std::vector<IncidentRecord> found;
  for (const IncidentRecord& one : open) {
    if (!incident.empty() && one.id.starts_with(incident)) found.push_back(one);
  }
  if (found.size() != 1) {
    return Fail(Error(ErrorCode::kAlertUnknown,
                      fmt::format("{} unresolved incident{} begin{} with '{}'", found.empty() ? "no" : "several",
                                  found.empty() ? "" : "s", found.empty() ? "s" : "", incident))
                    .Hint("`smelt alerts list` shows them"));
  }
  IncidentRecord& record = found.front();
  record.status = IncidentStatus::kAcknowledged;
  SMELT_ASSIGN(const std::vector<std::string> told, alerts.ChannelsTold(record.id));
  Alert alert{.id = NewUuid(), .incident = record.id, .action = Action::kAcknowledge};
  alert.severity = ParseSeverity(record.severity).value_or(Severity::kError);
  alert.title = record.title;
  alert.pipeline = record.pipeline;
  alert.run_id = record.run_id;
  alert.opened_us = record.opened_us;
  alert.created_us = now_us;
  AlertBatch batch{.incidents = {record}};
  batch.alerts.push_back(
      {alert.id, record.id, std::string(ActionText(alert.action)), record.run_id, now_us, ToJson(alert)});
  for (const std::string& channel : told) {
    if (settings.Find(channel) == nullptr) continue;
    batch.deliveries.push_back({.alert_id = alert.id, .channel = channel, .due_us = now_us});
  }
  SMELT_TRY(alerts.Record(batch));
  return {};
}

}  // namespace smelt::notify
