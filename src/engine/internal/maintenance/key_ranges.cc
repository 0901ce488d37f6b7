#include "engine/internal/maintenance/key_ranges.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace smelt::engine {
namespace {

/// Up to eight bytes as a number, the first the highest; what is missing counts as zero.
std::uint64_t NumberOf(std::string_view bytes) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
  return std::endian::native == std::endian::little ? std::byteswap(number) : number;
}

}  // namespace

KeyRanges::KeyRanges(std::vector<std::string> starts) : starts_(std::move(starts)) {
  heads_.reserve(starts_.size());
  for (const std::string& start : starts_) heads_.push_back(HeadOf(start));
}

KeyRanges::Head KeyRanges::HeadOf(std::string_view key) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  return {NumberOf(key.substr(0, kWord)), key.size() > kWord ? NumberOf(key.substr(kWord, kWord)) : 0};
}

std::size_t KeyRanges::RangeOf(std::string_view key) const {
  const auto [low, high] = std::ranges::equal_range(heads_, HeadOf(key));
  if (low == high) return static_cast<std::size_t>(low - heads_.begin());
  const auto begin = starts_.begin() + (low - heads_.begin());
  const auto end = starts_.begin() + (high - heads_.begin());
  const auto after = std::upper_bound(begin, end, key);
  return static_cast<std::size_t>(after - starts_.begin());
}

}  // namespace smelt::engine
