#include "quality/tolerance.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace smelt::quality {

bool Tolerance::Covers(double a, double b) const {
  return a == b || std::abs(a - b) <= std::max(amount, share * std::max(std::abs(a), std::abs(b)));
}

Result<Tolerance> ParseTolerance(std::string_view text) {
  constexpr double kPercent = 100;
  const bool is_share = text.ends_with('%');
  std::string_view digits = text.substr(0, text.size() - (is_share ? 1 : 0));
  while (digits.ends_with(' ')) digits.remove_suffix(1);
  double number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || !std::isfinite(number) || number < 0) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("'{}' is no tolerance", text))
                    .Hint("write an amount like 0.01 or a share like 0.5%"));
  }
  return is_share ? Tolerance{.amount = 0, .share = number / kPercent} : Tolerance{.amount = number, .share = 0};
}

}  // namespace smelt::quality
