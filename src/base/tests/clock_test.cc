#include "base/clock.h"

#include <gtest/gtest.h>

namespace smelt {
namespace {

TEST(Clock, FormatsUtcMicros) {
  EXPECT_EQ(FormatUtcMicros(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatUtcMicros(1527141600123456), "2018-05-24T06:00:00.123456Z");
  EXPECT_EQ(FormatUtcMicros(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(Clock, ParsesWhatItFormats) {
  for (const std::int64_t micros : {std::int64_t{0}, std::int64_t{1527141600123456}, std::int64_t{-1},
                                    std::int64_t{-62135596800000000}, std::int64_t{253402300799999999}}) {
    EXPECT_EQ(*ParseTimestampMicros(FormatUtcMicros(micros)), micros);
  }
}

TEST(Clock, ParsesTheAllowedForms) {
  constexpr std::int64_t kSix = 1527141600000000;  // 2018-05-24T06:00:00Z
  EXPECT_EQ(*ParseTimestampMicros("2018-05-24T06:00:00Z"), kSix);
  EXPECT_EQ(*ParseTimestampMicros("2018-05-24 06:00:00"), kSix);
  EXPECT_EQ(*ParseTimestampMicros("2018-05-24 06:00"), kSix);
  EXPECT_EQ(*ParseTimestampMicros("2018-05-24T08:00:00+02:00"), kSix);
  EXPECT_EQ(*ParseTimestampMicros("2018-05-24 08:00:00+02"), kSix);
  EXPECT_EQ(*ParseTimestampMicros("2018-05-24T00:30:00-0530"), kSix);
  EXPECT_FALSE(ParseTimestampMicros("2018-05-24T00:30:00-053"));
  EXPECT_EQ(*ParseTimestampMicros("2018-05-24T03:30:00.000-02:30"), kSix);
  EXPECT_EQ(*ParseTimestampMicros("2018-05-24T06:00:00.1Z"), kSix + 100'000);
  EXPECT_EQ(*ParseTimestampMicros("2018-05-24T06:00:00.123456789"), kSix + 123'456);
  EXPECT_EQ(*ParseTimestampMicros("2018-05-24"), kSix - 6 * std::int64_t{3'600'000'000});
  EXPECT_EQ(*ParseTimestampMicros("2020-02-29"), 1582934400000000);
}

TEST(Clock, RefusesEverythingElse) {
  for (const std::string_view text :
       {"", "yesterday", "2018-5-24", "2018-13-01", "2018-02-30", "2019-02-29", "2018-05-24T", "2018-05-24T24:00:00",
        "2018-05-24T06:60:00", "2018-05-24T06:00:60", "2018-05-24T06:00:00.", "2018-05-24T06:00:00.1234567890",
        "2018-05-24T06:00.5", "2018-05-24T06:00:00 Z", "2018-05-24T06:00:00+2:00", "2018-05-24T06:00:00Zx",
        "2018-05-24x", " 2018-05-24"}) {
    const auto parsed = ParseTimestampMicros(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kConfigValueInvalid);
  }
}

TEST(Clock, NowIsOneClockInTwoUnits) {
  const std::int64_t before = NowMicros() / 1000;
  const std::int64_t millis = NowMillis();
  EXPECT_LE(before, millis);
  EXPECT_LE(millis, NowMicros() / 1000);
}

}  // namespace
}  // namespace smelt
