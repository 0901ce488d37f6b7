#include "workbook/cell_value.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "base/clock.h"

namespace smelt::workbook {
namespace {

double DaysOf(const char* instant) {
  const auto serial = SerialOf(*ParseTimestampMicros(instant));
  return serial ? serial->days : -1;
}

TEST(CellValue, InstantsAreWhatExcelCounts) {
  EXPECT_EQ(DaysOf("1900-01-01"), 1);
  EXPECT_EQ(DaysOf("1900-02-28"), 59);
  EXPECT_EQ(DaysOf("1900-03-01"), 61);  // Excel has a 29 February in between
  EXPECT_EQ(DaysOf("1970-01-01"), 25569);
  EXPECT_EQ(DaysOf("2018-05-24 06:00:00"), 43244.25);
  EXPECT_EQ(DaysOf("9999-12-31"), 2958465);
}

TEST(CellValue, InstantsThatExcelHasNoDateForAreNone) {
  EXPECT_FALSE(SerialOf(*ParseTimestampMicros("1899-12-31 23:59:59.999999")));
  EXPECT_FALSE(SerialOf(*ParseTimestampMicros("9999-12-31 23:59:59") + 1'000'000));
  EXPECT_FALSE(SerialOf(INT64_MAX));
  EXPECT_FALSE(SerialOf(INT64_MIN));
}

TEST(CellValue, FractionsOfSecondsAreTold) {
  EXPECT_FALSE(SerialOf(*ParseTimestampMicros("2018-05-24 06:00:01"))->has_fraction_of_second);
  EXPECT_TRUE(SerialOf(*ParseTimestampMicros("2018-05-24 06:00:01.5"))->has_fraction_of_second);
  EXPECT_EQ(SerialOfTime(86'400'000'000).days, 1);
  EXPECT_EQ(SerialOfTime(21'600'000'000).days, 0.25);
}

TEST(CellValue, NumbersOfFifteenDigitsAreExact) {
  EXPECT_EQ(ExactNumber("-1234.50"), -1234.5);
  EXPECT_EQ(ExactNumber("999999999999999"), 999999999999999.0);
  EXPECT_EQ(ExactNumber("0.000123456789012345"), 0.000123456789012345);
  EXPECT_EQ(ExactNumber("100000000000000000000"), 1e20);
  EXPECT_EQ(ExactNumber("1e+22"), 1e22);
  EXPECT_EQ(ExactNumber("0"), 0.0);
}

TEST(CellValue, LongerNumbersAreNotExact) {
  EXPECT_FALSE(ExactNumber("1234567890123456"));
  EXPECT_FALSE(ExactNumber("9007199254740993"));
  EXPECT_FALSE(ExactNumber("12345678901234.56"));
  EXPECT_EQ(NearestNumber("0.30000000000000004"), 0.30000000000000004);
}

TEST(CellValue, WhatIsNoFiniteNumberIsNone) {
  for (const char* text : {"nan", "inf", "-inf", "", "12a", "1,5", " 1"}) {
    EXPECT_FALSE(ExactNumber(text)) << text;
    EXPECT_FALSE(NearestNumber(text)) << text;
  }
}

}  // namespace
}  // namespace smelt::workbook
