#include "transform/internal/metrics/grain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace smelt::transform {
namespace {

constexpr std::array<std::string_view, 9> kGrains = {"millisecond", "second", "minute",  "hour", "day",
                                                     "week",        "month",  "quarter", "year"};
constexpr std::array<std::string_view, 6> kDateParts = {"year", "quarter", "month", "day", "dow", "doy"};

}  // namespace

std::optional<Grain> ParseGrain(std::string_view text) {
  const auto* found = std::ranges::find(kGrains, text);
  if (found == kGrains.end()) return std::nullopt;
  return static_cast<Grain>(found - kGrains.begin());
}

std::string_view GrainText(Grain grain) {
  return kGrains.at(static_cast<std::size_t>(grain));
}

std::string GrainWindow::Sql() const {
  return fmt::format("interval {} {}", count, GrainText(grain));
}

std::string Truncated(Grain grain, std::string_view time) {
  if (grain == Grain::kDay) return fmt::format("({})::date", time);
  return fmt::format("date_trunc('{}', {}){}", GrainText(grain), time, grain > Grain::kDay ? "::date" : "");
}

bool IsDatePart(std::string_view text) {
  return std::ranges::find(kDateParts, text) != kDateParts.end();
}

}  // namespace smelt::transform
