#include "pipeline/internal/agenda.h"

#include <gtest/gtest.h>

#include <string>

#include "base/clock.h"

namespace smelt::pipeline::internal {
namespace {

Pipeline Make(const std::string& yaml, const std::string& name = "p") {
  auto pipeline = ParsePipeline("name: " + name + "\n" + yaml + "\ntasks: [{name: a, type: t}]\n", name + ".yml");
  EXPECT_TRUE(pipeline) << pipeline.error().ToString();
  return pipeline ? std::move(*pipeline) : Pipeline{};
}

std::int64_t At(std::string_view text) {
  return ParseTimestampMicros(text).value();
}

std::string Text(const std::optional<Due>& due) {
  return due ? due->pipeline + " " + FormatUtcMicros(due->at_us).substr(5, 11) : "";
}

TEST(Agenda, TellsWhatIsDueInOrder) {
  Agenda agenda;
  EXPECT_FALSE(agenda.NextDue());
  const std::int64_t now = At("2018-05-24T06:10:00Z");
  EXPECT_EQ(agenda.Enter(Make("schedule: '0 7 * * *'", "daily"), 0, now), now);
  agenda.Enter(Make("every: 15m", "often"), 0, now);
  EXPECT_EQ(agenda.NextDue(), At("2018-05-24T06:15:00Z"));
  EXPECT_EQ(Text(agenda.Take(At("2018-05-24T06:14:59Z"))), "");
  EXPECT_EQ(Text(agenda.Take(At("2018-05-24T06:15:00Z"))), "often 05-24T06:15");
  EXPECT_EQ(agenda.NextDue(), At("2018-05-24T06:30:00Z"));
  agenda.Remove("often");
  EXPECT_EQ(agenda.NextDue(), At("2018-05-24T07:00:00Z"));
}

TEST(Agenda, WithoutCatchUpOnlyTheLastMissedInstantCounts) {
  Agenda agenda;
  agenda.Enter(Make("schedule: '0 2 * * *'"), At("2018-05-20T02:00:00Z"), At("2018-05-24T06:00:00Z"));
  EXPECT_EQ(Text(agenda.Take(At("2018-05-24T06:00:00Z"))), "p 05-24T02:00");
  EXPECT_EQ(Text(agenda.Take(At("2018-05-24T06:00:00Z"))), "");
}

TEST(Agenda, CatchUpTakesEveryMissedInstant) {
  Agenda agenda;
  const Pipeline pipeline = Make("schedule: '0 2 * * *'\ncatchup: true\nstart: 2018-05-22\nend: 2018-05-24");
  EXPECT_EQ(agenda.Enter(pipeline, 0, At("2018-05-24T06:00:00Z")), At("2018-05-22") - 1);
  EXPECT_EQ(Text(agenda.Take(At("2018-05-24T06:00:00Z"))), "p 05-22T02:00");
  EXPECT_EQ(Text(agenda.Take(At("2018-05-24T06:00:00Z"))), "p 05-23T02:00");
  EXPECT_EQ(Text(agenda.Take(At("2018-05-24T06:00:00Z"))), "");
  EXPECT_FALSE(agenda.NextDue());  // it ends before the 24th
}

TEST(Agenda, AClockSetBackRepeatsNothing) {
  Agenda agenda;
  const Pipeline pipeline = Make("every: 15m");
  agenda.Enter(pipeline, At("2018-05-24T06:30:00Z"), At("2018-05-24T05:40:00Z"));
  EXPECT_EQ(agenda.NextDue(), At("2018-05-24T06:45:00Z"));
  // A cursor that is days ahead comes from a clock that was wrong.
  EXPECT_EQ(agenda.Enter(pipeline, At("2030-01-01T00:00:00Z"), At("2018-05-24T05:40:00Z")), At("2018-05-24T05:40:00Z"));
  EXPECT_EQ(agenda.NextDue(), At("2018-05-24T05:45:00Z"));
}

}  // namespace
}  // namespace smelt::pipeline::internal
