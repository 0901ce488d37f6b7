#pragma once

#include <cstdint>
#include <vector>

namespace smelt::generate {

/// Orders per day from the first to the last day of the base period; they add up to `total`.
std::vector<std::int64_t> OrdersPerBaseDay(std::int64_t total);

/// Orders of a day after the base period at scale 1.
std::int64_t OrdersOfExtraDay(int day);

/// How much longer parcels travel in the busy season around this day, in per cent of the usual time.
int TransitPerCent(int day);

}  // namespace smelt::generate
