#include "pipeline/internal/sla_watch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace smelt::pipeline::internal {
namespace {

constexpr std::int64_t kMinute = 60'000'000;

Pipeline MakeWatched(const std::string& more = "") {
  return ParsePipeline("name: p\nsla: 1h\nevery: 1d\n" + more +
                           "tasks: [{name: a, type: t, sla: 10m}, {name: b, type: t, sla: 20m}, {name: c, type: t}]\n",
                       "p.yml")
      .value();
}

std::string Missed(SlaWatch& watch, std::int64_t now_us) {
  std::string text;
  for (const SlaMiss& miss : watch.TakeMissed(now_us))
    text += miss.task + "@" + std::to_string(miss.due_us / kMinute) + " ";
  return text;
}

TEST(SlaWatch, CountsFromWhenTheRunWasDue) {
  SlaWatch watch(MakeWatched(), 105 * kMinute, {.triggered_by = "schedule", .scheduled_us = 100 * kMinute});
  EXPECT_DOUBLE_EQ(watch.SecondsLeft(105 * kMinute), 300);
  EXPECT_EQ(Missed(watch, 109 * kMinute), "");
  EXPECT_EQ(Missed(watch, 110 * kMinute), "a@110 ");
  EXPECT_EQ(Missed(watch, 111 * kMinute), "");
  watch.Settle(1);
  EXPECT_EQ(Missed(watch, 200 * kMinute), "@160 ");
  EXPECT_TRUE(std::isinf(watch.SecondsLeft(0)));
}

TEST(SlaWatch, CountsFromTheBeginOfRunsThatAreNotDueNow) {
  const std::int64_t began = 1'000 * kMinute;
  SlaWatch manual(MakeWatched(), began, {});
  SlaWatch backfill(MakeWatched(), began, {.triggered_by = "backfill", .scheduled_us = kMinute});
  SlaWatch late(MakeWatched("catchup: true\nstart: 2018-05-24\n"), began,
                {.triggered_by = "schedule", .scheduled_us = kMinute});
  for (SlaWatch* watch : {&manual, &backfill, &late}) {
    EXPECT_EQ(Missed(*watch, began), "");
    EXPECT_EQ(Missed(*watch, began + 10 * kMinute), "a@1010 ");
  }
}

}  // namespace
}  // namespace smelt::pipeline::internal
