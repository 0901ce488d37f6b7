#include "pipeline/time_zone.h"

#include <gtest/gtest.h>

#include <string>

#include "base/clock.h"
#include "pipeline/internal/zone_rule.h"
#include "pipeline/timetable.h"

namespace smelt::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

TimeZone Zone(std::string_view name) {
  auto zone = TimeZone::Find(name);
  EXPECT_TRUE(zone) << zone.error().ToString();
  return zone ? *zone : TimeZone();
}

std::int64_t Micros(std::string_view utc) {
  return ParseTimestampMicros(utc).value();
}

Timetable Cron(std::string_view schedule, std::string_view zone) {
  return {CronSchedule::Parse(schedule).value(), Zone(zone)};
}

/// The next `count` instants after `after`, as "06:30 07:00".
std::string Next(const Timetable& timetable, std::string_view after, int count) {
  std::string text;
  std::int64_t at = Micros(after);
  for (int i = 0; i < count; ++i) {
    at = timetable.NextAfter(at).value();
    text += (text.empty() ? "" : " ") + FormatUtcMicros(at).substr(5, 11);
  }
  return text;
}

std::string Previous(const Timetable& timetable, std::string_view before, int count) {
  std::string text;
  std::int64_t at = Micros(before);
  for (int i = 0; i < count; ++i) {
    at = timetable.PreviousBefore(at).value();
    text += (text.empty() ? "" : " ") + FormatUtcMicros(at).substr(5, 11);
  }
  return text;
}

TEST(TimeZone, RefusesInventions) {
  EXPECT_TRUE(TimeZone::Find("UTC"));
  for (const std::string_view name : {"", "Mars/Olympus", "/etc/passwd", "../zoneinfo/UTC", "."}) {
    const auto zone = TimeZone::Find(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_EQ(zone.error().code(), ErrorCode::kPipelineSchedule);
  }
  for (const std::string_view bytes : {"TZif", "TZif2", "not a zone"}) EXPECT_FALSE(TimeZone::FromTzif(bytes, "x"));
}

TEST(TimeZone, KnowsItsClocksPastAndFuture) {
  const TimeZone berlin = Zone("Europe/Berlin");
  EXPECT_EQ(berlin.SpanAt(sys_days(std::chrono::year(2018) / 7 / 1)).offset, hours(2));
  EXPECT_EQ(berlin.SpanAt(sys_days(std::chrono::year(2018) / 12 / 1)).offset, hours(1));
  EXPECT_EQ(berlin.SpanAt(sys_days(std::chrono::year(2090) / 7 / 1)).offset, hours(2));
  EXPECT_EQ(berlin.SpanAt(sys_days(std::chrono::year(2090) / 7 / 1)).end,
            sys_days(std::chrono::year(2090) / 10 / 29) + hours(1));
  EXPECT_EQ(Zone("Asia/Kolkata").SpanAt(sys_days(std::chrono::year(2050) / 1 / 1)).offset, minutes(330));
  EXPECT_EQ(berlin.ToInstant(local_days(std::chrono::year(2018) / 3 / 25) + minutes(150)),
            sys_days(std::chrono::year(2018) / 3 / 25) + hours(1));  // skipped: the moment of the change
  EXPECT_EQ(berlin.ToInstant(local_days(std::chrono::year(2018) / 10 / 28) + minutes(150)),
            sys_days(std::chrono::year(2018) / 10 / 28) + minutes(30));  // twice: the first
}

TEST(ZoneRule, ReadsPosixRules) {
  const auto rule = internal::ZoneRule::Parse("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1");
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->standard, hours(-3));
  EXPECT_EQ(rule->summer, hours(-2));
  EXPECT_EQ(rule->changes[0].In(std::chrono::year(2024)), local_days(std::chrono::year(2024) / 3 / 30) + hours(22));
  EXPECT_EQ(internal::ZoneRule::Parse("IST-5:30")->standard, minutes(330));
  for (const std::string_view text : {"", "E", "EST", "EST5EDT", "EST5EDT,M13.1.0,M1.1.0", "EST5EDT,M3.2.0"}) {
    EXPECT_FALSE(internal::ZoneRule::Parse(text)) << text;
  }
}

TEST(Timetable, ASkippedHourFiresAtTheJump) {
  // 02:00 to 03:00 of 10 March 2024 does not exist in New York; it would be 07:00 UTC.
  EXPECT_EQ(Next(Cron("30 2 * * *", "America/New_York"), "2024-03-09T08:00:00Z", 3),
            "03-10T07:00 03-11T06:30 03-12T06:30");
  EXPECT_EQ(Previous(Cron("30 2 * * *", "America/New_York"), "2024-03-12T06:00:00Z", 3),
            "03-11T06:30 03-10T07:00 03-09T07:30");
  EXPECT_EQ(Next(Cron("*/20 2,3 * * *", "America/New_York"), "2024-03-10T06:00:00Z", 3),
            "03-10T07:00 03-10T07:20 03-10T07:40");
  EXPECT_EQ(Next(Cron("30 * * * *", "America/New_York"), "2024-03-10T06:00:00Z", 3),
            "03-10T06:30 03-10T07:30 03-10T08:30");
}

TEST(Timetable, ADoubledHourFiresOnceUnlessHoursAreCounted) {
  // 01:00 to 02:00 of 3 November 2024 comes twice in New York: at 05:00 and 06:00 UTC.
  EXPECT_EQ(Next(Cron("30 1 * * *", "America/New_York"), "2024-11-02T06:00:00Z", 2), "11-03T05:30 11-04T06:30");
  EXPECT_EQ(Previous(Cron("30 1 * * *", "America/New_York"), "2024-11-04T06:30:00Z", 2), "11-03T05:30 11-02T05:30");
  EXPECT_EQ(Next(Cron("30 * * * *", "America/New_York"), "2024-11-03T05:00:00Z", 3),
            "11-03T05:30 11-03T06:30 11-03T07:30");
  EXPECT_EQ(Previous(Cron("30 * * * *", "America/New_York"), "2024-11-03T07:30:00Z", 2), "11-03T06:30 11-03T05:30");
}

TEST(Timetable, ADayThatAZoneSkipsCostsNoRun) {
  // Samoa went from 29 to 31 December 2011.
  EXPECT_EQ(Next(Cron("0 12 30 12 *", "Pacific/Apia"), "2011-12-01T00:00:00Z", 1), "12-30T10:00");
}

TEST(Timetable, IntervalsCountFromTheirAnchor) {
  const Timetable quarter(15LL * 60 * 1'000'000, 0);
  EXPECT_EQ(Next(quarter, "2018-05-24T06:00:00Z", 2), "05-24T06:15 05-24T06:30");
  EXPECT_EQ(Previous(quarter, "2018-05-24T06:00:00Z", 1), "05-24T05:45");
  const Timetable late(3'600LL * 1'000'000, Micros("2018-05-24T06:10:00Z"));
  EXPECT_EQ(Next(late, "2018-05-24T03:59:00Z", 2), "05-24T04:10 05-24T05:10");
  EXPECT_EQ(late.Describe(), "every 1 h");
}

}  // namespace
}  // namespace smelt::pipeline
