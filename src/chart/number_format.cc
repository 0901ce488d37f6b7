#include "chart/number_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace smelt::chart {
namespace {

struct Magnitude {
  double unit;
  std::string_view suffix;
};

constexpr const char* kNoBreakSpace = "\xC2\xA0";
constexpr std::array<Magnitude, 5> kMagnitudes = {{{1e12, "T"}, {1e9, "bn"}, {1e6, "M"}, {1e3, "k"}, {1, ""}}};
constexpr std::array<Magnitude, 6> kByteUnits = {
    {{1e15, " PB"}, {1e12, " TB"}, {1e9, " GB"}, {1e6, " MB"}, {1e3, " kB"}, {1, " B"}}};

std::string WithThousands(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  const std::size_t end = std::min(text.find('.'), text.size());
  for (std::size_t at = end; at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

/// Puts the signs of number and currency around a figure that has none.
std::string Dress(bool negative, std::string figure, const NumberFormat& format) {
  if (format.kind == NumberKind::kCurrency) {
    const std::string sign = CurrencySign(format.currency);
    // A sign with letters, like R$ or CHF, stands apart from the figure.
    const bool apart = !sign.empty() && std::isalpha(static_cast<unsigned char>(sign.front())) != 0;
    figure.insert(0, sign + (apart ? kNoBreakSpace : ""));
  }
  const bool is_zero = figure.find_first_of("123456789") == std::string::npos;
  return (negative && !is_zero ? "-" : "") + figure;
}

int DecimalsOf(double size, const NumberFormat& format) {
  if (format.decimals >= 0) return std::min(format.decimals, 12);
  if (format.kind == NumberKind::kPercent) return 1;
  if (format.kind == NumberKind::kCurrency) return 2;
  if (size == std::floor(size)) return 0;
  return size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
}

template <std::size_t kCount>
const Magnitude& MagnitudeOf(double size, const std::array<Magnitude, kCount>& magnitudes) {
  for (const Magnitude& magnitude : magnitudes) {
    // What would be rounded to a thousand belongs to the next.
    if (size >= magnitude.unit * 0.9995) return magnitude;
  }
  return magnitudes.back();
}

std::string Scaled(double size, const Magnitude& magnitude, int decimals) {
  return fmt::format("{:.{}f}{}", size / magnitude.unit, decimals, magnitude.suffix);
}

}  // namespace

std::string CurrencySign(const std::string& code) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kSigns = {
      {{"BRL", "R$"}, {"EUR", "€"}, {"USD", "$"}, {"GBP", "£"}, {"JPY", "¥"}}};
  for (const auto& [known, sign] : kSigns) {
    if (known == code) return std::string(sign);
  }
  return code;
}

std::string FormatNumber(double value, const NumberFormat& format) {
  if (!std::isfinite(value)) return "n/a";
  const double size = std::abs(value);
  if (format.kind == NumberKind::kBytes) return FormatShort(value, format);
  if (format.kind == NumberKind::kPercent) {
    return Dress(value < 0, WithThousands(size * 100, DecimalsOf(size, format)) + "%", format);
  }
  return Dress(value < 0, WithThousands(size, DecimalsOf(size, format)), format);
}

std::string FormatShort(double value, const NumberFormat& format) {
  if (!std::isfinite(value)) return "n/a";
  const double size = std::abs(value);
  if (format.kind == NumberKind::kPercent) {
    const int decimals = format.decimals >= 0 ? format.decimals : size < 0.0995 ? 1 : 0;
    return Dress(value < 0, WithThousands(size * 100, decimals) + "%", format);
  }
  const Magnitude& magnitude =
      format.kind == NumberKind::kBytes ? MagnitudeOf(size, kByteUnits) : MagnitudeOf(size, kMagnitudes);
  const double figure = size / magnitude.unit;
  int decimals = figure >= 99.95 ? 0 : figure >= 9.995 ? 1 : 2;
  if (magnitude.unit == 1) {
    decimals = size == std::floor(size) ? 0 : std::min(decimals, format.decimals >= 0 ? format.decimals : decimals);
  }
  return Dress(value < 0, Scaled(size, magnitude, decimals), format);
}

std::string FormatTick(double value, double step, double largest, const NumberFormat& format) {
  const bool percent = format.kind == NumberKind::kPercent;
  const double factor = percent ? 100 : 1;
  const Magnitude& magnitude = percent                             ? kMagnitudes.back()
                               : format.kind == NumberKind::kBytes ? MagnitudeOf(std::abs(largest), kByteUnits)
                                                                   : MagnitudeOf(std::abs(largest), kMagnitudes);
  const double smallest = step * factor / magnitude.unit;
  const int decimals = smallest > 0 ? std::clamp(static_cast<int>(std::ceil(-std::log10(smallest) - 1e-9)), 0, 6) : 0;
  const double size = std::abs(value) * factor;
  if (size == 0) return Dress(false, percent ? "0%" : "0", format);
  return Dress(value < 0, Scaled(size, magnitude, decimals) + (percent ? "%" : ""), format);
}

std::string FormatChange(double value, const NumberFormat& format) {
  std::string text = FormatNumber(value, format);
  return value > 0 && text.find_first_of("123456789") != std::string::npos ? "+" + text : text;
}

}  // namespace smelt::chart
