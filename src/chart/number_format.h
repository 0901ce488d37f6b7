#pragma once

#include <cstdint>
#include <string>

namespace smelt::chart {

enum class NumberKind : std::uint8_t {
  kNumber,
  kCurrency,  ///< the sign of the currency stands before it
  kPercent,   ///< 0.25 is 25 %
  kBytes,     ///< "1.5 GB", in powers of 1,000
};

/// How figures are written: thousands with a comma, decimals with a point.
struct NumberFormat {
  NumberKind kind = NumberKind::kNumber;
  int decimals = -1;          ///< -1: whole numbers none, others as many as tell three digits; percent 1, currency 2
  std::string currency = {};  ///< ISO 4217: "BRL"
};

/// The figure in full: "R$ 1,234,567.89" (with a space that does not break), "25.0%", "-12". What is no number is
/// "n/a".
std::string FormatNumber(double value, const NumberFormat& format);
/// The figure shortened to about four characters: "R$ 1.2M", "340k", "25%".
std::string FormatShort(double value, const NumberFormat& format);
/// A figure on an axis whose marks are `step` apart and end at `largest`: shortened, all of them alike.
std::string FormatTick(double value, double step, double largest, const NumberFormat& format);
/// A change with its sign: "+12.3%", "-0.4%", "+1,204", "0.0%".
std::string FormatChange(double value, const NumberFormat& format);
/// "R$", "€", "$", "£"; the code itself for others.
std::string CurrencySign(const std::string& code);

}  // namespace smelt::chart
