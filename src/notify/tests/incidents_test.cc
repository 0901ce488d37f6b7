#include "notify/incidents.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/clock.h"
#include "base/id.h"

namespace smelt::notify {
namespace {

using state::RunStatus;
using state::TaskStatus;

constexpr std::int64_t kSecond = 1'000'000;

/// A state database of its own, in which runs end as a test says.
class IncidentsTest : public ::testing::Test {
 protected:
  IncidentsTest() : folder_(std::filesystem::temp_directory_path() / ("smelt-test-" + NewUuid())) {
    runs_ = std::move(*state::RunStore::Open((folder_ / "state.db").string()));
    alerts_ = std::move(*state::AlertStore::Open((folder_ / "state.db").string()));
    settings_.channels = {{.name = "team"}, {.name = "pager", .kind = ChannelKind::kPagerDuty}};
    settings_.routes = {{.name = "all", .channels = {"team"}}};
  }
  ~IncidentsTest() override { std::filesystem::remove_all(folder_); }

  /// A run that ends with these tasks: name → steps that failed; "-" skips the task.
  void End(RunStatus status, const std::vector<std::pair<std::string, std::vector<std::string>>>& tasks,
           const std::string& pipeline = "daily") {
    const auto lock = runs_->LockPipeline(pipeline, "run");
    state::RunRecord run;
    run.id = NewRunId();
    run.pipeline = pipeline;
    run.project = "shop";
    run.started_us = NowMicros();
    ASSERT_TRUE(runs_->StartRun(run));
    for (const auto& [name, failed] : tasks) {
      state::TaskRecord task;
      task.run_id = run.id;
      task.name = name;
      task.type = "validate";
      task.status = failed.empty() ? TaskStatus::kDone : TaskStatus::kFailed;
      if (failed == std::vector<std::string>{"-"}) task.status = TaskStatus::kSkipped;
      task.outcome["steps"] = Json::array();
      if (task.status == TaskStatus::kFailed) {
        for (const std::string& step : failed) {
          task.outcome["steps"].push_back({{"name", step}, {"kind", "suite"}, {"status", "failed"}});
        }
      }
      ASSERT_TRUE(runs_->AddTask(task));
    }
    ASSERT_TRUE(runs_->FinishRun(run.id, status, ""));
  }

  /// Judges what has ended, and returns the actions of the alerts that were recorded then, in their order.
  std::vector<std::string> Judge(std::int64_t now_us = NowMicros()) {
    const auto recorded = JudgeRuns(settings_, *runs_, *alerts_, nullptr, now_us);
    EXPECT_TRUE(recorded) << recorded.error().ToString();
    std::vector<std::string> actions;
    const auto deliveries = *alerts_->Deliveries({.limit = *recorded});
    for (const auto& one : deliveries) actions.insert(actions.begin(), one.alert.action);
    return actions;
  }

  /// Takes everything that is due as sent.
  std::vector<state::AlertDelivery> SendAll(std::int64_t now_us = NowMicros() + kSecond) {
    std::vector<state::AlertDelivery> sent;
    while (auto claimed = *alerts_->Claim(now_us, 300 * kSecond)) {
      claimed->delivery.status = state::DeliveryStatus::kSent;
      EXPECT_TRUE(alerts_->Finish(claimed->delivery));
      sent.push_back(*claimed);
    }
    return sent;
  }

  std::filesystem::path folder_;
  std::unique_ptr<state::RunStore> runs_;
  std::unique_ptr<state::AlertStore> alerts_;
  Settings settings_;
};

using Actions = std::vector<std::string>;

TEST_F(IncidentsTest, ManyProblemsAreOneAlert) {
  std::vector<std::string> suites;
  for (int i = 0; i < 300; ++i) suites.push_back("suite " + std::to_string(i));
  End(RunStatus::kFailed, {{"checks", suites}, {"gold", {"-"}}});
  EXPECT_EQ(Judge(), (Actions{"trigger"}));
  const auto sent = SendAll();
  ASSERT_EQ(sent.size(), 1U);
  const Alert alert = AlertFromJson(sent[0].alert.body);
  EXPECT_EQ(alert.title, "daily: 300 problems in checks");
  EXPECT_EQ(alert.problems_total, 300U);
  EXPECT_EQ(alert.problems.size(), 20U);
}

TEST_F(IncidentsTest, TheSameAgainIsNotToldAgain) {
  End(RunStatus::kFailed, {{"a", {"x"}}});
  EXPECT_EQ(Judge(), (Actions{"trigger"}));
  EXPECT_EQ(Judge(), Actions{}) << "a run is judged once";
  End(RunStatus::kFailed, {{"a", {"x"}}});
  EXPECT_EQ(Judge(), Actions{});
  End(RunStatus::kFailed, {{"a", {"x", "y"}}});
  EXPECT_EQ(Judge(), (Actions{"update"}));
  End(RunStatus::kFailed, {{"a", {"y"}}});
  EXPECT_EQ(Judge(), Actions{}) << "less is wrong";
  const auto open = *alerts_->Unresolved("daily");
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].runs, 4);
}

TEST_F(IncidentsTest, WhatIsOverIsToldToThoseWhoKnow) {
  settings_.routes[0].channels = {"team", "pager"};
  End(RunStatus::kSucceeded, {{"a", {}}});
  EXPECT_EQ(Judge(), Actions{});
  End(RunStatus::kFailed, {{"a", {"x"}}});
  EXPECT_EQ(Judge(), (Actions{"trigger"})) << "two deliveries of one alert; the newest is shown";
  const auto told = SendAll();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(AlertFromJson(told[0].alert.body).last_good_run, (*runs_->ListRuns({.pipeline = "daily"}))[1].id);
  End(RunStatus::kSucceeded, {{"a", {}}});
  EXPECT_EQ(Judge(), (Actions{"resolve"}));
  EXPECT_EQ(SendAll().size(), 2U);
  EXPECT_TRUE(alerts_->Unresolved("daily")->empty());
}

TEST_F(IncidentsTest, NobodyIsToldOfWhatIsOverBeforeItWasSent) {
  End(RunStatus::kFailed, {{"a", {"x"}}});
  Judge();
  End(RunStatus::kSucceeded, {{"a", {}}});
  EXPECT_EQ(Judge(), Actions{});
  EXPECT_TRUE(SendAll().empty());
  EXPECT_EQ(alerts_->Deliveries({})->at(0).delivery.status, state::DeliveryStatus::kDropped);
}

TEST_F(IncidentsTest, ATaskThatWasSkippedIsAsItWas) {
  End(RunStatus::kFailed, {{"a", {}}, {"b", {"y"}}});
  EXPECT_EQ(Judge(), (Actions{"trigger"}));
  SendAll();
  // Now something before it fails: whether y is well again is not known.
  End(RunStatus::kFailed, {{"a", {"x"}}, {"b", {"-"}}});
  EXPECT_EQ(Judge(), (Actions{"update"}));
  End(RunStatus::kFailed, {{"a", {"x"}}, {"b", {"-"}}});
  EXPECT_EQ(Judge(), Actions{});
  EXPECT_TRUE(alerts_->Unresolved("daily")->at(0).details["problems"].contains("b/y"));
  End(RunStatus::kSucceeded, {{"a", {}}, {"b", {}}});
  EXPECT_EQ(Judge(), (Actions{"resolve"}));
}

TEST_F(IncidentsTest, RepeatsAndAcknowledgements) {
  settings_.routes[0].repeat_ms = 3'600'000;
  const std::int64_t start = NowMicros();
  End(RunStatus::kFailed, {{"a", {"x"}}});
  EXPECT_EQ(Judge(start), (Actions{"trigger"}));
  SendAll();
  End(RunStatus::kFailed, {{"a", {"x"}}});
  EXPECT_EQ(Judge(start + 3'599 * kSecond), Actions{});
  End(RunStatus::kFailed, {{"a", {"x"}}});
  EXPECT_EQ(Judge(start + 3'601 * kSecond), (Actions{"repeat"}));
  ASSERT_TRUE(Acknowledge(settings_, *alerts_, alerts_->Unresolved("")->at(0).id.substr(0, 8), start));
  End(RunStatus::kFailed, {{"a", {"x"}}});
  EXPECT_EQ(Judge(start + 9'000 * kSecond), Actions{}) << "somebody is at it";
  EXPECT_EQ(Acknowledge(settings_, *alerts_, "nothing", start).error().code(), ErrorCode::kAlertUnknown);
}

TEST_F(IncidentsTest, RoutesChooseAndGroup) {
  settings_.routes = {{.name = "a", .tasks = {"a*"}, .channels = {"pager"}, .group_by = GroupBy::kProblem},
                      {.name = "suites", .suites = {"*_gold"}, .channels = {"team"}, .go_on = true},
                      {.name = "rest", .channels = {"team"}}};
  End(RunStatus::kFailed, {{"alpha", {"x", "y"}}, {"b", {"suite orders_gold", "z"}}});
  Judge();
  std::map<std::string, int> count;
  for (const auto& one : SendAll()) ++count[AlertFromJson(one.alert.body).route + " " + one.delivery.channel];
  EXPECT_EQ(count, (std::map<std::string, int>{{"a pager", 2}, {"suites team", 1}, {"rest team", 1}}));
}

TEST_F(IncidentsTest, DeadRunsAreJudgedByWhoeverComesNext) {
  End(RunStatus::kSucceeded, {{"a", {}}});
  Judge();
  {
    // Its process dies: nobody holds its lock, and it never says that it has ended.
    state::RunRecord run;
    run.id = NewRunId();
    run.pipeline = "daily";
    run.started_us = NowMicros();
    ASSERT_TRUE(runs_->StartRun(run));
  }
  End(RunStatus::kSucceeded, {{"b", {}}}, "hourly");
  EXPECT_EQ(Judge(), (Actions{"trigger"}));
  EXPECT_EQ(alerts_->Unresolved("")->at(0).title, "daily: daily failed");
}

TEST(QuietHours, WaitForTheMorning) {
  Route route{.quiet_hours =
                  QuietHours{.from_minute = 22 * 60, .to_minute = 7 * 60, .zone = *TimeZone::Find("Europe/Berlin")}};
  const auto due = [&](std::string_view now, Severity severity) {
    return FormatUtcMicros(DueTime(route, severity, *ParseTimestampMicros(now)));
  };
  EXPECT_EQ(due("2024-01-10T20:59:00Z", Severity::kError), "2024-01-10T20:59:00.000000Z") << "21:59 there";
  EXPECT_EQ(due("2024-01-10T21:00:00Z", Severity::kError), "2024-01-11T06:00:00.000000Z");
  EXPECT_EQ(due("2024-01-11T05:59:00Z", Severity::kError), "2024-01-11T06:00:00.000000Z");
  EXPECT_EQ(due("2024-01-11T06:00:00Z", Severity::kError), "2024-01-11T06:00:00.000000Z");
  EXPECT_EQ(due("2024-01-10T23:00:00Z", Severity::kCritical), "2024-01-10T23:00:00.000000Z");
  // Clocks go forward in this night: seven in the morning comes an hour earlier.
  EXPECT_EQ(due("2024-03-30T23:00:00Z", Severity::kError), "2024-03-31T05:00:00.000000Z");
  route.quiet_hours->weekdays = {false, false, false, false, false, true, false};  // Friday
  EXPECT_EQ(due("2024-01-13T01:00:00Z", Severity::kError), "2024-01-13T06:00:00.000000Z") << "began on Friday";
  EXPECT_EQ(due("2024-01-13T22:00:00Z", Severity::kError), "2024-01-13T22:00:00.000000Z") << "Saturday";
}

TEST(Patterns, StarsStandForAnyText) {
  EXPECT_TRUE(MatchesPattern("daily", "daily"));
  EXPECT_FALSE(MatchesPattern("daily", "daily2"));
  EXPECT_TRUE(MatchesPattern("*_gold", "orders_gold"));
  EXPECT_TRUE(MatchesPattern("a*b*c", "a--b-b--c"));
  EXPECT_FALSE(MatchesPattern("a*b*c", "a--b-b--"));
  EXPECT_TRUE(MatchesPattern("*", ""));
  EXPECT_FALSE(MatchesPattern("", "x"));
}

}  // namespace
}  // namespace smelt::notify
