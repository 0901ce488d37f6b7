#include "ingest/internal/value_parser.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace smelt::ingest {
namespace {

/// The parsed value, or nothing when the text was refused.
template <typename T, typename Parse>
std::optional<T> Try(Parse parse) {
  T value{};
  if (parse(value) != nullptr) return std::nullopt;
  return value;
}

auto Integer(std::string_view text) {
  return Try<std::int64_t>([&](auto& value) { return ParseInteger(text, value); });
}
auto Decimal(std::string_view text, int precision = 10, int scale = 2) {
  return Try<std::int64_t>([&](auto& value) { return ParseDecimal(text, precision, scale, value); });
}
auto Real(std::string_view text) {
  return Try<double>([&](auto& value) { return ParseReal(text, value); });
}
auto Boolean(std::string_view text) {
  return Try<std::int64_t>([&](auto& value) { return ParseBoolean(text, value); });
}
auto Date(std::string_view text) {
  return Try<std::int64_t>([&](auto& value) { return ParseDate(text, value); });
}
auto Timestamp(std::string_view text) {
  return Try<std::int64_t>([&](auto& value) { return ParseTimestamp(text, value); });
}
auto TimestampTz(std::string_view text) {
  return Try<std::int64_t>([&](auto& value) { return ParseTimestampTz(text, value); });
}

TEST(ValueParser, Integers) {
  EXPECT_EQ(Integer("0"), 0);
  EXPECT_EQ(Integer("-42"), -42);
  EXPECT_EQ(Integer("+7"), 7);
  EXPECT_EQ(Integer("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(Integer("-9223372036854775808"), INT64_MIN);
  for (const char* text : {"", "+", "-", "+-1", "1.0", "1e3", " 1", "1 ", "12a", "0x1F", "9223372036854775808"}) {
    EXPECT_EQ(Integer(text), std::nullopt) << text;
  }
}

TEST(ValueParser, Decimals) {
  EXPECT_EQ(Decimal("12.5"), 1250);
  EXPECT_EQ(Decimal("12"), 1200);
  EXPECT_EQ(Decimal("-0.07"), -7);
  EXPECT_EQ(Decimal("+1.00"), 100);
  EXPECT_EQ(Decimal(".5"), 50);
  EXPECT_EQ(Decimal("5."), 500);
  EXPECT_EQ(Decimal("1.2300"), 123);
  EXPECT_EQ(Decimal("99999999.99"), 9'999'999'999);
  EXPECT_EQ(Decimal("00000000000000000000001"), 100);
  EXPECT_EQ(Decimal("0.00"), 0);
  EXPECT_EQ(Decimal("999999999999999999", 18, 0), 999'999'999'999'999'999);
  for (const char* text : {"", ".", "-", "+", "1.234", "100000000", "1,5", "1e2", "1.2.3", "--1", " 1", "abc",
                           "99999999999999999999999"}) {
    EXPECT_EQ(Decimal(text), std::nullopt) << text;
  }
  EXPECT_EQ(Decimal("1000000000000000000", 18, 0), std::nullopt);
  EXPECT_EQ(Decimal("1", 18, 18), std::nullopt);
  EXPECT_EQ(Decimal("0.1", 18, 18), 100'000'000'000'000'000);
}

TEST(ValueParser, Reals) {
  EXPECT_EQ(Real("-23.54562128115268"), -23.54562128115268);
  EXPECT_EQ(Real("1e3"), 1000.0);
  EXPECT_EQ(Real("+0.5"), 0.5);
  for (const char* text : {"", "nan", "inf", "-inf", "1e999", "1,5", "1.5x", " 1", "+-1", "+"}) {
    EXPECT_EQ(Real(text), std::nullopt) << text;
  }
}

TEST(ValueParser, Booleans) {
  for (const char* text : {"true", "TRUE", "t", "1", "Yes", "y"}) EXPECT_EQ(Boolean(text), 1) << text;
  for (const char* text : {"false", "F", "0", "no", "N"}) EXPECT_EQ(Boolean(text), 0) << text;
  for (const char* text : {"", "2", "truee", "on"}) EXPECT_EQ(Boolean(text), std::nullopt) << text;
}

TEST(ValueParser, Dates) {
  EXPECT_EQ(Date("1970-01-01"), 0);
  EXPECT_EQ(Date("1969-12-31"), -1);
  EXPECT_EQ(Date("2000-02-29"), 11'016);
  EXPECT_EQ(Date("2018-10-17"), 17'821);
  EXPECT_EQ(Date("0001-01-01"), -719'162);
  EXPECT_EQ(Date("9999-12-31"), 2'932'896);
  for (const char* text : {"", "2018-2-1", "2018-02-30", "1900-02-29", "2018-13-01", "2018-00-01", "0000-01-01",
                           "17/10/2018", "2018-10-17 ", "2018-10-17 00:00:00"}) {
    EXPECT_EQ(Date(text), std::nullopt) << text;
  }
}

TEST(ValueParser, Timestamps) {
  constexpr std::int64_t kSecond = 1'000'000;
  EXPECT_EQ(Timestamp("1970-01-01 00:00:01"), kSecond);
  EXPECT_EQ(Timestamp("1970-01-01T00:01"), 60 * kSecond);
  EXPECT_EQ(Timestamp("1970-01-02"), 86'400 * kSecond);
  EXPECT_EQ(Timestamp("2017-10-02 10:56:33"), 1'506'941'793 * kSecond);
  EXPECT_EQ(Timestamp("1969-12-31 23:59:59.5"), -kSecond / 2);
  EXPECT_EQ(Timestamp("1970-01-01 00:00:00.123456789"), 123'456);
  for (const char* text :
       {"", "2017-10-02 24:00:00", "2017-10-02 10:60:00", "2017-10-02 10:56:60", "2017-10-02 1:02:03",
        "2017-10-02 10:56:33.", "2017-10-02 10:56:33.1234567890", "2017-10-02 10:56:33Z", "2017-10-02 10:56:33+01:00",
        "2017-10-02_10:56:33", "2017-10-02 ", "soon"}) {
    EXPECT_EQ(Timestamp(text), std::nullopt) << text;
  }
}

TEST(ValueParser, TimestampsWithZone) {
  constexpr std::int64_t kHour = 3'600'000'000;
  EXPECT_EQ(TimestampTz("1970-01-01T01:00:00Z"), kHour);
  EXPECT_EQ(TimestampTz("1970-01-01 01:00:00"), kHour);
  EXPECT_EQ(TimestampTz("1970-01-01T00:00:00-03:00"), 3 * kHour);
  EXPECT_EQ(TimestampTz("1970-01-01T05:30:00+0530"), 0);
  EXPECT_EQ(TimestampTz("1970-01-01T02:00:00.5+02"), 500'000);
  for (const char* text : {"1970-01-01T00:00:00z", "1970-01-01T00:00:00+5", "1970-01-01T00:00:00+25:00",
                           "1970-01-01T00:00:00 BRT", "1970-01-01T00:00:00+01:"}) {
    EXPECT_EQ(TimestampTz(text), std::nullopt) << text;
  }
}

TEST(ValueParser, Formats) {
  const auto parse = [](const char* format, std::string_view text) -> std::optional<std::int64_t> {
    const auto compiled = TimeFormat::Compile(format);
    EXPECT_TRUE(compiled) << format;
    return Try<std::int64_t>([&](auto& value) { return compiled->Parse(text, value); });
  };
  EXPECT_EQ(parse("%d/%m/%Y", "02/01/1970"), 86'400'000'000);
  EXPECT_EQ(parse("%d.%m.%y %H:%M", "01.01.70 00:01"), 60'000'000);
  EXPECT_EQ(parse("%d.%m.%y", "01.01.68"), Timestamp("2068-01-01"));
  EXPECT_EQ(parse("%Y%m%dT%H%M%S.%f%z", "19700101T000000.25-0100"), 3'600'250'000);
  EXPECT_EQ(parse("%Y-%m-%d 100%%", "1970-01-01 100%"), 0);
  EXPECT_EQ(parse("%d/%m/%Y", "32/01/1970"), std::nullopt);
  EXPECT_EQ(parse("%d/%m/%Y", "02/01/1970 "), std::nullopt);
  EXPECT_EQ(parse("%d/%m/%Y", "02-01-1970"), std::nullopt);
  EXPECT_TRUE(TimeFormat::Compile("%Y-%m-%d %H:%M")->has_time());
  EXPECT_FALSE(TimeFormat::Compile("%Y-%m-%d")->has_time());
  EXPECT_TRUE(TimeFormat::Compile("%Y-%m-%d%z")->has_zone());
  for (const char* format : {"%Q-%m-%d", "%Y-%m", "%H:%M", "%Y-%m-%d %"}) {
    const auto compiled = TimeFormat::Compile(format);
    ASSERT_FALSE(compiled) << format;
    EXPECT_EQ(compiled.error().code(), ErrorCode::kConfigValueInvalid);
  }
}

}  // namespace
}  // namespace smelt::ingest
