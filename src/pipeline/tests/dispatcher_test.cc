#include "pipeline/internal/dispatcher.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace smelt::pipeline::internal {
namespace {

Pipeline MustParse(const std::string& yaml) {
  auto pipeline = ParsePipeline("name: p\n" + yaml, "p.yml");
  EXPECT_TRUE(pipeline) << pipeline.error().ToString();
  return std::move(*pipeline);
}

/// Starts everything that may start now; "a b:2" means the first attempt at a and the second at b.
std::string Launches(Dispatcher& dispatcher, const Pipeline& pipeline, double now) {
  std::string text;
  while (const auto launch = dispatcher.Next(now)) {
    if (!text.empty()) text += ' ';
    text += pipeline.tasks[launch->task].name;
    if (launch->attempt > 1) text += ":" + std::to_string(launch->attempt);
  }
  return text;
}

std::string Skips(Dispatcher& dispatcher, const Pipeline& pipeline) {
  std::string text;
  for (const auto& skip : dispatcher.TakeSkipped()) text += pipeline.tasks[skip.task].name + " (" + skip.reason + ") ";
  return text;
}

constexpr double kNever = std::numeric_limits<double>::infinity();

const char* const kDiamond = R"(
tasks:
  - {name: a, type: t}
  - {name: b, type: t, needs: a}
  - {name: c, type: t, needs: a}
  - {name: d, type: t, needs: [b, c]}
)";

TEST(Dispatcher, RunsADiamondSideBySide) {
  const Pipeline pipeline = MustParse(kDiamond);
  Dispatcher dispatcher(pipeline, 4, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "a");
  EXPECT_EQ(dispatcher.NextDue(), kNever);
  dispatcher.Ended(0, AttemptEnd::kSucceeded, 1);
  EXPECT_EQ(Launches(dispatcher, pipeline, 1), "b c");
  dispatcher.Ended(2, AttemptEnd::kSucceeded, 2);
  EXPECT_EQ(Launches(dispatcher, pipeline, 2), "");
  dispatcher.Ended(1, AttemptEnd::kSucceeded, 3);
  EXPECT_EQ(Launches(dispatcher, pipeline, 3), "d");
  EXPECT_FALSE(dispatcher.done());
  dispatcher.Ended(3, AttemptEnd::kSucceeded, 4);
  EXPECT_TRUE(dispatcher.done());
}

TEST(Dispatcher, KeepsToItsSlotsInTheOrderOfTheFile) {
  const Pipeline pipeline = MustParse(kDiamond);
  Dispatcher dispatcher(pipeline, 1, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "a");
  dispatcher.Ended(0, AttemptEnd::kSucceeded, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "b");
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "");
  dispatcher.Ended(1, AttemptEnd::kSucceeded, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "c");
}

TEST(Dispatcher, AFailureStopsOnlyWhatIsDownstream) {
  const Pipeline pipeline = MustParse(R"(
tasks:
  - {name: a, type: t}
  - {name: b, type: t, needs: a}
  - {name: c, type: t, needs: b}
  - {name: other, type: t}
  - {name: more, type: t, needs: other}
)");
  Dispatcher dispatcher(pipeline, 2, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "a other");
  EXPECT_FALSE(dispatcher.Ended(0, AttemptEnd::kFailed, 0));
  EXPECT_EQ(Skips(dispatcher, pipeline), "b ('a' failed) c ('b' was skipped) ");
  EXPECT_EQ(Skips(dispatcher, pipeline), "");
  dispatcher.Ended(3, AttemptEnd::kSucceeded, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "more");
  dispatcher.Ended(4, AttemptEnd::kSucceeded, 0);
  EXPECT_TRUE(dispatcher.done());
}

TEST(Dispatcher, RetriesWithGrowingJitteredPauses) {
  const Pipeline pipeline = MustParse(R"(
retries: {attempts: 4, delay: 100s, delay_max: 250s, multiplier: 2}
tasks: [{name: a, type: t}]
)");
  Dispatcher dispatcher(pipeline, 1, 0);
  const std::vector<double> longest = {100, 200, 250};
  double now = 0;
  EXPECT_EQ(Launches(dispatcher, pipeline, now), "a");
  for (int attempt = 2; attempt <= 4; ++attempt) {
    const auto delay_ms = dispatcher.Ended(0, AttemptEnd::kFailedForNow, now);
    ASSERT_TRUE(delay_ms);
    const double delay = static_cast<double>(*delay_ms) / 1000;
    const double bound = longest[static_cast<std::size_t>(attempt - 2)];
    EXPECT_GE(delay, bound / 2);
    EXPECT_LE(delay, bound);
    EXPECT_DOUBLE_EQ(dispatcher.NextDue(), now + delay);
    EXPECT_EQ(Launches(dispatcher, pipeline, now + delay - 0.01), "");
    now += delay;
    EXPECT_EQ(Launches(dispatcher, pipeline, now), "a:" + std::to_string(attempt));
  }
  EXPECT_FALSE(dispatcher.Ended(0, AttemptEnd::kFailedForNow, now));  // the fourth attempt was the last
  EXPECT_TRUE(dispatcher.done());
}

TEST(Dispatcher, APauseHoldsNoSlot) {
  const Pipeline pipeline = MustParse(R"(
retries: {attempts: 2, delay: 100s}
tasks: [{name: a, type: t}, {name: b, type: t}]
)");
  Dispatcher dispatcher(pipeline, 1, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "a");
  ASSERT_TRUE(dispatcher.Ended(0, AttemptEnd::kFailedForNow, 0));
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "b");
  EXPECT_EQ(dispatcher.NextDue(), kNever);  // the pause may end, but no slot is free
  dispatcher.Ended(1, AttemptEnd::kSucceeded, 500);
  EXPECT_EQ(Launches(dispatcher, pipeline, 500), "a:2");
}

TEST(Dispatcher, TellsOnceWhenATasksTimeIsUp) {
  const Pipeline pipeline = MustParse("tasks: [{name: a, type: t, timeout: 10s}, {name: b, type: t}]");
  Dispatcher dispatcher(pipeline, 2, 0);
  Launches(dispatcher, pipeline, 5);
  EXPECT_DOUBLE_EQ(dispatcher.NextDue(), 15);
  EXPECT_TRUE(dispatcher.TakeExpired(14.9).empty());
  EXPECT_EQ(dispatcher.TakeExpired(15), std::vector<std::size_t>{0});
  EXPECT_TRUE(dispatcher.TakeExpired(16).empty());
  EXPECT_EQ(dispatcher.NextDue(), kNever);
}

TEST(Dispatcher, TellsWhenTheTimeOfTheRunIsUp) {
  const Pipeline pipeline = MustParse("timeout: 1m\ntasks: [{name: a, type: t}]");
  Dispatcher dispatcher(pipeline, 1, 100);
  Launches(dispatcher, pipeline, 100);
  EXPECT_DOUBLE_EQ(dispatcher.NextDue(), 160);
  EXPECT_FALSE(dispatcher.RunExpired(159));
  EXPECT_TRUE(dispatcher.RunExpired(160));
  dispatcher.Stop("too late");
  EXPECT_EQ(dispatcher.NextDue(), kNever);
}

TEST(Dispatcher, StopRulesOutAllThatDoesNotRun) {
  const Pipeline pipeline = MustParse(R"(
retries: {attempts: 2, delay: 100s}
tasks:
  - {name: running, type: t}
  - {name: pausing, type: t}
  - {name: after, type: t, needs: running}
  - {name: always, type: t, needs: after, trigger_rule: all_done}
)");
  Dispatcher dispatcher(pipeline, 2, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "running pausing");
  ASSERT_TRUE(dispatcher.Ended(1, AttemptEnd::kFailedForNow, 0));
  dispatcher.Stop("stopped");
  EXPECT_EQ(Skips(dispatcher, pipeline), "pausing (stopped) after (stopped) always (stopped) ");
  EXPECT_FALSE(dispatcher.done());
  EXPECT_FALSE(dispatcher.Ended(0, AttemptEnd::kFailedForNow, 0));  // no second attempt after a stop
  EXPECT_TRUE(dispatcher.done());
  EXPECT_EQ(Launches(dispatcher, pipeline, 1'000), "");
}

TEST(Dispatcher, FollowsTriggerRules) {
  const Pipeline pipeline = MustParse(R"(
tasks:
  - {name: good, type: t}
  - {name: bad, type: t}
  - {name: after_bad, type: t, needs: bad}
  - {name: clean_up, type: t, needs: [good, after_bad], trigger_rule: all_done}
  - {name: alarm, type: t, needs: [good, after_bad], trigger_rule: one_failed}
  - {name: no_alarm, type: t, needs: good, trigger_rule: one_failed}
)");
  Dispatcher dispatcher(pipeline, 8, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "good bad");
  dispatcher.Ended(1, AttemptEnd::kFailed, 0);
  EXPECT_EQ(Skips(dispatcher, pipeline), "after_bad ('bad' failed) ");
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "alarm");  // the first failure is enough
  dispatcher.Ended(0, AttemptEnd::kSucceeded, 0);
  EXPECT_EQ(Skips(dispatcher, pipeline), "no_alarm (nothing that it needs failed) ");
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "clean_up");
}

TEST(Dispatcher, HigherPrioritiesComeFirst) {
  const Pipeline pipeline = MustParse(R"(
tasks:
  - {name: a, type: t}
  - {name: b, type: t, priority: 5}
  - {name: c, type: t, priority: -1}
  - {name: d, type: t, priority: 5}
)");
  Dispatcher dispatcher(pipeline, 4, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "b d a c");
}

TEST(Dispatcher, WhatAConditionPassesOverIsSkippedNotFailed) {
  const Pipeline pipeline = MustParse(R"(
tasks:
  - {name: branch, type: t}
  - {name: left, type: t, needs: branch}
  - {name: right, type: t, needs: branch}
  - {name: join, type: t, needs: [left, right], trigger_rule: none_failed_min_one_success}
  - {name: strict, type: t, needs: [left, right]}
)");
  Dispatcher dispatcher(pipeline, 4, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "branch");
  dispatcher.Ended(0, AttemptEnd::kSucceeded, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "left right");
  dispatcher.Skip(1);
  dispatcher.Ended(2, AttemptEnd::kSucceeded, 0);
  EXPECT_EQ(Skips(dispatcher, pipeline), "left (its condition does not hold) strict ('left' was skipped) ");
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "join");
}

TEST(Dispatcher, GoesOnBehindReusedTasks) {
  const Pipeline pipeline = MustParse(kDiamond);
  Dispatcher dispatcher(pipeline, 4, 0);
  dispatcher.Reuse(0);
  dispatcher.Reuse(2);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "b");
  dispatcher.Ended(1, AttemptEnd::kSucceeded, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "d");
}

TEST(Dispatcher, AChainOfManyTasksFailsWithoutRecursion) {
  std::string yaml = "tasks:\n  - {name: t0, type: t}\n";
  constexpr int kTasks = 20'000;
  for (int i = 1; i < kTasks; ++i) {
    yaml += "  - {name: t" + std::to_string(i) + ", type: t, needs: t" + std::to_string(i - 1) + "}\n";
  }
  const Pipeline pipeline = MustParse(yaml);
  Dispatcher dispatcher(pipeline, 1, 0);
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "t0");
  dispatcher.Ended(0, AttemptEnd::kFailed, 0);
  EXPECT_EQ(dispatcher.TakeSkipped().size(), static_cast<std::size_t>(kTasks - 1));
  EXPECT_TRUE(dispatcher.done());
}

TEST(Dispatcher, AFullPoolHoldsUpItsOwnTasksOnly) {
  const Pipeline pipeline = MustParse(R"(
tasks:
  - {name: a, type: t, pool: db, priority: 2}
  - {name: b, type: t, pool: db, priority: 1}
  - {name: c, type: t}
  - {name: d, type: t, pool: api}
)");
  Dispatcher dispatcher(pipeline, 4, 0);
  std::vector<std::size_t> asked;
  const auto admits = [&](std::size_t task) {
    asked.push_back(task);
    return task >= 2;
  };
  EXPECT_EQ(dispatcher.Next(0, admits)->task, 2U);
  EXPECT_EQ(dispatcher.Next(0, admits)->task, 3U);
  EXPECT_FALSE(dispatcher.Next(0, admits));
  EXPECT_EQ(std::ranges::count(asked, 1U), 0);  // 'a' stands before it
  EXPECT_EQ(Launches(dispatcher, pipeline, 0), "a b");
}

TEST(Dispatcher, ATaskStandsForItsItemsUntilAllAreSettled) {
  const Pipeline pipeline = MustParse(R"(
tasks:
  - {name: each, type: t, retries: {attempts: 2, delay: 1s}}
  - {name: after, type: t, needs: each}
)");
  Dispatcher dispatcher(pipeline, 2, 0);
  EXPECT_EQ(dispatcher.Next(0)->task, 0U);
  EXPECT_EQ(dispatcher.Expand(0, 3), 2U);
  EXPECT_EQ(dispatcher.Next(0)->task, 2U);
  EXPECT_EQ(dispatcher.Next(0)->task, 3U);
  EXPECT_FALSE(dispatcher.Next(0));  // no slot is free
  EXPECT_FALSE(dispatcher.Ended(2, AttemptEnd::kSucceeded, 0));
  EXPECT_TRUE(dispatcher.Ended(3, AttemptEnd::kFailedForNow, 0));  // an item is tried again as its task would be
  EXPECT_EQ(dispatcher.Next(0)->task, 4U);
  dispatcher.Ended(4, AttemptEnd::kSucceeded, 0);
  EXPECT_EQ(dispatcher.Next(5)->attempt, 2);
  dispatcher.Ended(3, AttemptEnd::kSucceeded, 5);
  EXPECT_FALSE(dispatcher.Next(5));
  EXPECT_FALSE(dispatcher.done());
  dispatcher.Conclude(0, true);
  EXPECT_EQ(dispatcher.Next(5)->task, 1U);
}

}  // namespace
}  // namespace smelt::pipeline::internal
