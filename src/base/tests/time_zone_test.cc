#include "base/time_zone.h"

#include <gtest/gtest.h>

#include "base/tzif.h"
#include "base/zone_rule.h"

namespace smelt {
namespace {

using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;

TimeZone Zone(std::string_view name) {
  auto zone = TimeZone::Find(name);
  EXPECT_TRUE(zone) << zone.error().ToString();
  return zone ? *zone : TimeZone();
}

TEST(TimeZone, RefusesInventions) {
  EXPECT_TRUE(TimeZone::Find("UTC"));
  for (const std::string_view name : {"", "Mars/Olympus", "/etc/passwd", "../zoneinfo/UTC", "."}) {
    const auto zone = TimeZone::Find(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_EQ(zone.error().code(), ErrorCode::kConfigValueInvalid);
  }
  for (const std::string_view bytes : {"TZif", "TZif2", "not a zone"}) EXPECT_FALSE(ParseTzif(bytes, "x"));
}

TEST(TimeZone, KnowsItsClocksPastAndFuture) {
  const TimeZone berlin = Zone("Europe/Berlin");
  EXPECT_EQ(berlin.SpanAt(sys_days(std::chrono::year(2018) / 7 / 1)).offset, hours(2));
  EXPECT_EQ(berlin.SpanAt(sys_days(std::chrono::year(2018) / 12 / 1)).offset, hours(1));
  EXPECT_EQ(berlin.SpanAt(sys_days(std::chrono::year(2090) / 7 / 1)).offset, hours(2));
  EXPECT_EQ(berlin.SpanAt(sys_days(std::chrono::year(2090) / 7 / 1)).end,
            sys_days(std::chrono::year(2090) / 10 / 29) + hours(1));
  EXPECT_EQ(berlin.SpanAt(sys_days(std::chrono::year(1850) / 1 / 1)).offset, seconds(3'208)) << "local mean time";
  EXPECT_EQ(Zone("Australia/Sydney").SpanAt(sys_days(std::chrono::year(2080) / 1 / 15)).offset, hours(11));
  EXPECT_EQ(Zone("Asia/Kolkata").SpanAt(sys_days(std::chrono::year(2050) / 1 / 1)).offset, minutes(330));
  EXPECT_EQ(berlin.ToInstant(local_days(std::chrono::year(2018) / 3 / 25) + minutes(150)),
            sys_days(std::chrono::year(2018) / 3 / 25) + hours(1));  // skipped: the moment of the change
  EXPECT_EQ(berlin.ToInstant(local_days(std::chrono::year(2018) / 10 / 28) + minutes(150)),
            sys_days(std::chrono::year(2018) / 10 / 28) + minutes(30));  // twice: the first
}

TEST(ZoneRule, ReadsPosixRules) {
  const auto rule = ZoneRule::Parse("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1");
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->standard, hours(-3));
  EXPECT_EQ(rule->summer, hours(-2));
  EXPECT_EQ(rule->changes[0].In(std::chrono::year(2024)), local_days(std::chrono::year(2024) / 3 / 30) + hours(22));
  EXPECT_EQ(ZoneRule::Parse("IST-5:30")->standard, minutes(330));
  for (const std::string_view text : {"", "E", "EST", "EST5EDT", "EST5EDT,M13.1.0,M1.1.0", "EST5EDT,M3.2.0"}) {
    EXPECT_FALSE(ZoneRule::Parse(text)) << text;
  }
}

}  // namespace
}  // namespace smelt
