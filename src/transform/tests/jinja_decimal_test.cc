#include <gtest/gtest.h>

#include "transform/internal/jinja/decimal.h"
#include "transform/internal/jinja/operators.h"

namespace smelt::transform::jinja {
namespace {

Value Number(std::string_view text) {
  return Value(Decimal::Parse(text));
}

std::string Calculated(std::string_view left, Operator operation, std::string_view right) {
  auto value = Calculate(operation, Number(left), Number(right));
  return value ? value->ToText() : value.error().message();
}

// The expected texts are those of Python's decimal module.
TEST(JinjaDecimal, PrintsAsPythonDoes) {
  const std::pair<const char*, const char*> expected[] = {
      {"10.50", "10.50"},    {"-0.001", "-0.001"},
      {"1E+20", "1E+20"},    {"1.5e3", "1.5E+3"},
      {"0.0000001", "1E-7"}, {"0.000001", "0.000001"},
      {"007", "7"},          {"123456789012345678901234567890", "123456789012345678901234567890"}};
  for (const auto& [text, printed] : expected) EXPECT_EQ(Number(text).ToText(), printed) << text;
  EXPECT_EQ(Number("1.0").Repr(), "Decimal('1.0')");
  for (const char* text : {"", "-", "1.2.3", "x", "1e", "1e99999", "0x1"})
    EXPECT_EQ(Decimal::Parse(text), nullptr) << text;
}

TEST(JinjaDecimal, CalculatesAsPythonDoes) {
  EXPECT_EQ(Calculated("10.50", Operator::kAdd, "0.5"), "11.00");
  EXPECT_EQ(Calculated("1", Operator::kSubtract, "1.25"), "-0.25");
  EXPECT_EQ(Calculated("-1.5", Operator::kMultiply, "2.50"), "-3.750");
  EXPECT_EQ(Calculated("1", Operator::kDivide, "3"), "0.3333333333333333333333333333");
  EXPECT_EQ(Calculated("2", Operator::kDivide, "3"), "0.6666666666666666666666666667");
  EXPECT_EQ(Calculated("10.50", Operator::kDivide, "2"), "5.25");
  EXPECT_EQ(Calculated("1.00", Operator::kDivide, "1"), "1.00");
  EXPECT_EQ(Calculated("100", Operator::kDivide, "4"), "25");
  EXPECT_EQ(Calculated("-7.5", Operator::kFloorDivide, "2"), "-3");
  EXPECT_EQ(Calculated("-7.5", Operator::kModulo, "2"), "-1.5");
  EXPECT_EQ(Calculated("9999999999999999999999999999", Operator::kAdd, "0.5"), "1.000000000000000000000000000E+28");
  EXPECT_EQ(Calculated("1234567890123456789", Operator::kMultiply, "1234567890123456789"),
            "1.524157875323883675019051999E+36");
  EXPECT_EQ(Calculated("1", Operator::kDivide, "0"), "division by zero");
  EXPECT_FALSE(Calculate(Operator::kAdd, Number("1"), Value(1.5)));
  EXPECT_EQ(Calculate(Operator::kAdd, Value(1), Number("0.5"))->ToText(), "1.5");
  EXPECT_EQ(Negate(Number("1.50"))->ToText(), "-1.50");
}

TEST(JinjaDecimal, ComparesWithEveryNumber) {
  EXPECT_TRUE(Number("1.0").Equals(Value(1)));
  EXPECT_TRUE(Value(1).Equals(Number("1.00")));
  EXPECT_TRUE(Number("1.0").Equals(Number("1")));
  EXPECT_EQ(Number("1.0").Hash(), Value(1).Hash());
  EXPECT_FALSE(Number("1.0").Equals(Value("1.0")));
  EXPECT_EQ(Compare(Number("-2"), Value(1)).value_or(9), -1);
  EXPECT_EQ(Compare(Value(2.5), Number("2.25")).value_or(9), 1);
  EXPECT_EQ(Compare(Number("2.250"), Number("2.25")).value_or(9), 0);
  EXPECT_FALSE(Compare(Number("1"), Value("1")));
}

TEST(JinjaDecimal, RoundsHalfToEven) {
  auto rounded = [](std::string_view text, int places) { return Decimal::Parse(text)->Rounded(places)->ToText(); };
  EXPECT_EQ(rounded("2.5", 0), "2");
  EXPECT_EQ(rounded("3.5", 0), "4");
  EXPECT_EQ(rounded("-2.51", 0), "-3");
  EXPECT_EQ(rounded("1.005", 2), "1.00");
  EXPECT_EQ(rounded("1", 2), "1.00");
  EXPECT_EQ(rounded("155", -1), "1.6E+2");
  EXPECT_EQ(Decimal::Parse("-12.9")->Truncated(), -12);
  EXPECT_EQ(Decimal::Parse("0.9")->Truncated(), 0);
  EXPECT_EQ(Decimal::Parse("1e30")->Truncated(), std::nullopt);
}

}  // namespace
}  // namespace smelt::transform::jinja
