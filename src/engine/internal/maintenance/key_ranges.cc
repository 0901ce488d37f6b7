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

/// How many of the ascending numbers are not greater, found without a jump that a processor could guess wrong.
std::size_t CountUpTo(const std::vector<std::uint64_t>& numbers, std::uint64_t value) {
  if (numbers.empty()) return 0;
  std::size_t begin = 0;
  for (std::size_t count = numbers.size(); count > 1;) {
    const std::size_t half = count / 2;
    begin += numbers[begin + half - 1] <= value ? half : 0;
    count -= half;
  }
  return begin + (numbers[begin] <= value ? 1 : 0);
}

}  // namespace

KeyRanges::KeyRanges(std::vector<std::string> starts) : starts_(std::move(starts)) {
  if (starts_.empty()) return;
  const std::string& first = starts_.front();
  const auto [end, other] = std::ranges::mismatch(first, starts_.back());
  prefix_.assign(first.begin(), end);
  heads_.reserve(starts_.size());
  for (const std::string& start : starts_) heads_.push_back(HeadOf(std::string_view(start).substr(prefix_.size())));
}

std::size_t KeyRanges::RangeOf(std::string_view key) const {
  const int side = key.substr(0, prefix_.size()).compare(prefix_);
  if (side != 0) return side < 0 ? 0 : starts_.size();
  const std::uint64_t head = HeadOf(key.substr(prefix_.size()));
  const std::size_t end = CountUpTo(heads_, head);
  if (end == 0 || heads_[end - 1] != head) return end;
  const auto alike = std::ranges::lower_bound(heads_, head) - heads_.begin();
  const auto after = std::upper_bound(starts_.begin() + alike, starts_.begin() + static_cast<std::ptrdiff_t>(end), key);
  return static_cast<std::size_t>(after - starts_.begin());
}

}  // namespace smelt::engine
