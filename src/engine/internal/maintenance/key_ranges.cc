#include "engine/internal/maintenance/key_ranges.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace smelt::engine {
namespace {

/// Up to eight bytes as a number, the first the highest; what is missing counts as zero.
std::uint64_t HeadOf(std::string_view bytes) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
  return std::endian::native == std::endian::little ? std::byteswap(number) : number;
}

}  // namespace

void CountUpTo(std::span<const std::uint64_t> ascending, std::span<const std::uint64_t> values,
               std::span<std::uint32_t> counts) {
  std::ranges::fill(counts, 0);
  if (ascending.empty()) return;
  // Steps of the same width for all, and no jump that a processor could guess wrong.
  for (std::size_t count = ascending.size(); count > 1;) {
    const std::size_t half = count / 2;
    const std::uint64_t* const middle = ascending.data() + half - 1;
    for (std::size_t i = 0; i < values.size(); ++i) {
      counts[i] += static_cast<std::uint32_t>(half) * static_cast<std::uint32_t>(middle[counts[i]] <= values[i]);
    }
    count -= half;
  }
  for (std::size_t i = 0; i < values.size(); ++i) counts[i] += ascending[counts[i]] <= values[i] ? 1 : 0;
}

KeyRanges::KeyRanges(std::vector<std::string> starts) : starts_(std::move(starts)) {
  if (starts_.empty()) return;
  const std::string& first = starts_.front();
  const auto [end, other] = std::ranges::mismatch(first, starts_.back());
  prefix_.assign(first.begin(), end);
  heads_.reserve(starts_.size());
  for (const std::string& start : starts_) heads_.push_back(HeadOf(std::string_view(start).substr(prefix_.size())));
  const bool are_told = first.size() - prefix_.size() <= sizeof(std::uint64_t) &&
                        std::ranges::all_of(starts_, [&](const auto& start) { return start.size() == first.size(); });
  if (are_told) size_ = first.size();
}

std::size_t KeyRanges::RangeAmong(std::size_t heads, std::string_view key) const {
  const int side = key.substr(0, prefix_.size()).compare(prefix_);
  if (side != 0) return side < 0 ? 0 : starts_.size();
  const bool is_told = key.size() == size_ || heads == 0;
  if (is_told) return heads;
  const std::uint64_t head = HeadOf(key.substr(prefix_.size()));
  if (heads_[heads - 1] != head) return heads;
  const auto alike = std::ranges::lower_bound(heads_, head) - heads_.begin();
  const auto end = starts_.begin() + static_cast<std::ptrdiff_t>(heads);
  return static_cast<std::size_t>(std::upper_bound(starts_.begin() + alike, end, key) - starts_.begin());
}

void KeyRanges::RangesOf(std::span<const std::string_view> keys, std::span<std::uint32_t> ranges) const {
  std::vector<std::uint64_t> heads;
  heads.reserve(keys.size());
  for (const std::string_view key : keys) {
    heads.push_back(HeadOf(key.size() < prefix_.size() ? std::string_view() : key.substr(prefix_.size())));
  }
  CountUpTo(heads_, heads, ranges);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ranges[i] = static_cast<std::uint32_t>(RangeAmong(ranges[i], keys[i]));
  }
}

std::size_t KeyRanges::RangeOf(std::string_view key) const {
  std::uint32_t range = 0;
  RangesOf({&key, 1}, {&range, 1});
  return range;
}

}  // namespace smelt::engine
