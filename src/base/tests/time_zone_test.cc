#include "base/time_zone.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace smelt {
namespace {

std::int64_t Seconds(std::string_view time) {
  return *ParseTimestampMicros(time) / 1'000'000;
}

TEST(TimeZone, OffsetsOfWinterAndSummer) {
  const auto berlin = TimeZone::Load("Europe/Berlin");
  ASSERT_TRUE(berlin) << berlin.error().ToString();
  EXPECT_EQ(berlin->OffsetSeconds(Seconds("2024-01-15T12:00:00Z")), 3'600);
  EXPECT_EQ(berlin->OffsetSeconds(Seconds("2024-07-15T12:00:00Z")), 7'200);
  // The change is at 01:00 of UTC, to the second.
  EXPECT_EQ(berlin->OffsetSeconds(Seconds("2024-03-31T00:59:59Z")), 3'600);
  EXPECT_EQ(berlin->OffsetSeconds(Seconds("2024-03-31T01:00:00Z")), 7'200);
  // Behind the last entry of the file, by the rule at its end.
  EXPECT_EQ(berlin->OffsetSeconds(Seconds("2099-07-15T12:00:00Z")), 7'200);
  EXPECT_EQ(berlin->OffsetSeconds(Seconds("2099-12-15T12:00:00Z")), 3'600);
  EXPECT_EQ(berlin->OffsetSeconds(Seconds("1850-01-01T00:00:00Z")), 3'208) << "local mean time";
}

TEST(TimeZone, SouthernSummerAndOddOffsets) {
  const auto sydney = TimeZone::Load("Australia/Sydney");
  ASSERT_TRUE(sydney);
  EXPECT_EQ(sydney->OffsetSeconds(Seconds("2080-01-15T12:00:00Z")), 39'600);
  EXPECT_EQ(sydney->OffsetSeconds(Seconds("2080-06-15T12:00:00Z")), 36'000);
  const auto kathmandu = TimeZone::Load("Asia/Kathmandu");
  ASSERT_TRUE(kathmandu);
  EXPECT_EQ(kathmandu->OffsetSeconds(Seconds("2024-01-15T12:00:00Z")), 20'700);
  const auto sao_paulo = TimeZone::Load("America/Sao_Paulo");
  ASSERT_TRUE(sao_paulo);
  EXPECT_EQ(sao_paulo->OffsetSeconds(Seconds("2018-12-15T12:00:00Z")), -7'200);
  EXPECT_EQ(sao_paulo->OffsetSeconds(Seconds("2024-12-15T12:00:00Z")), -10'800);
}

TEST(TimeZone, LocalTimesThatComeTwiceOrNever) {
  const auto berlin = TimeZone::Load("Europe/Berlin");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->ToUtcSeconds(Seconds("2024-07-15T12:00:00Z")), Seconds("2024-07-15T10:00:00Z"));
  EXPECT_EQ(berlin->ToUtcSeconds(Seconds("2024-03-31T02:30:00Z")), Seconds("2024-03-31T01:00:00Z"));
  EXPECT_EQ(berlin->ToUtcSeconds(Seconds("2024-10-27T02:30:00Z")), Seconds("2024-10-27T00:30:00Z"));
  EXPECT_EQ(TimeZone::Load("UTC")->ToUtcSeconds(1'234), 1'234);
}

TEST(TimeZone, NamesThatAreNone) {
  for (const char* name : {"Mars/Olympus", "", "/etc/passwd", "../zoneinfo/UTC", "Europe"}) {
    const auto zone = TimeZone::Load(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_EQ(zone.error().code(), ErrorCode::kConfigValueInvalid);
  }
}

}  // namespace
}  // namespace smelt
