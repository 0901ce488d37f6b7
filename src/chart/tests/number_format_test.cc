#include "chart/number_format.h"

#include <gtest/gtest.h>

#include <limits>

namespace smelt::chart {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

NumberFormat Reais(int decimals = -1) {
  return {.kind = NumberKind::kCurrency, .decimals = decimals, .currency = "BRL"};
}

TEST(NumberFormat, WritesFiguresInFull) {
  EXPECT_EQ(FormatNumber(1234567, {}), "1,234,567");
  EXPECT_EQ(FormatNumber(-999.5, {.decimals = 1}), "-999.5");
  EXPECT_EQ(FormatNumber(1234567.891, Reais()), "R$\u00A01,234,567.89");
  EXPECT_EQ(FormatNumber(-12.5, {.kind = NumberKind::kCurrency, .currency = "EUR"}), "-€12.50");
  EXPECT_EQ(FormatNumber(5, {.kind = NumberKind::kCurrency, .decimals = 0, .currency = "CHF"}), "CHF\u00A05");
  EXPECT_EQ(FormatNumber(0.0679, {.kind = NumberKind::kPercent}), "6.8%");
  EXPECT_EQ(FormatNumber(kNone, Reais()), "n/a");
}

TEST(NumberFormat, GivesNoSignToWhatIsRoundedToZero) {
  EXPECT_EQ(FormatNumber(-0.001, {.decimals = 1}), "0.0");
  EXPECT_EQ(FormatChange(0.0001, {.kind = NumberKind::kPercent}), "0.0%");
}

TEST(NumberFormat, Shortens) {
  EXPECT_EQ(FormatShort(15843553.24, Reais()), "R$\u00A015.8M");
  EXPECT_EQ(FormatShort(999'999, {}), "1.00M");
  EXPECT_EQ(FormatShort(340'200, {}), "340k");
  EXPECT_EQ(FormatShort(12, {}), "12");
  EXPECT_EQ(FormatShort(4.086, {}), "4.09");
  EXPECT_EQ(FormatShort(0.9189, {.kind = NumberKind::kPercent}), "92%");
  EXPECT_EQ(FormatShort(0.0031, {.kind = NumberKind::kPercent}), "0.3%");
  EXPECT_EQ(FormatShort(1.5e9, {.kind = NumberKind::kBytes}), "1.50 GB");
}

TEST(NumberFormat, WritesTheMarksOfAnAxisAlike) {
  EXPECT_EQ(FormatTick(500'000, 500'000, 2'000'000, {}), "0.5M");
  EXPECT_EQ(FormatTick(2'000'000, 500'000, 2'000'000, {}), "2.0M");
  EXPECT_EQ(FormatTick(0, 500'000, 2'000'000, Reais()), "R$\u00A00");
  EXPECT_EQ(FormatTick(0.9, 0.05, 1, {.kind = NumberKind::kPercent}), "90%");
  EXPECT_EQ(FormatTick(-20, 20, 80, {}), "-20");
}

TEST(NumberFormat, GivesChangesTheirSign) {
  EXPECT_EQ(FormatChange(0.123, {.kind = NumberKind::kPercent}), "+12.3%");
  EXPECT_EQ(FormatChange(-0.004, {.kind = NumberKind::kPercent}), "-0.4%");
  EXPECT_EQ(FormatChange(1204, {}), "+1,204");
}

}  // namespace
}  // namespace smelt::chart
