#include "engine/internal/ordered_values.h"

#include <algorithm>
#include <bit>

namespace smelt::engine {
namespace {

constexpr std::size_t kSlotsMin = 1024;
/// From so many different values on, they have to occur often enough to be counted.
constexpr std::size_t kDistinctUnjudged = 100'000;
constexpr std::size_t kOccurrencesMin = 4;

/// Fibonacci hashing: the upper bits of the product are well mixed.
std::size_t SlotOf(std::uint64_t value, std::size_t slots) {
  return static_cast<std::size_t>((value * 0x9E3779B97F4A7C15U) >> (64 - std::countr_zero(slots)));
}

}  // namespace

void OrderedValues::Add(std::uint64_t value, std::uint64_t count) {
  size_ += count;
  if (one_by_one_) {
    all_.insert(all_.end(), count, value);
    return;
  }
  if (2 * distinct_ >= counted_.size()) {
    Grow();
    if (one_by_one_) {
      all_.insert(all_.end(), count, value);
      return;
    }
  }
  std::size_t slot = SlotOf(value, counted_.size());
  while (counted_[slot].count != 0 && counted_[slot].value != value) slot = (slot + 1) & (counted_.size() - 1);
  if (counted_[slot].count == 0) ++distinct_;
  counted_[slot].value = value;
  counted_[slot].count += count;
}

void OrderedValues::Grow() {
  if (distinct_ >= kDistinctUnjudged && size_ < distinct_ * kOccurrencesMin) return HoldOneByOne();
  std::vector<Counted> before(std::max(kSlotsMin, 4 * counted_.size()));
  std::swap(before, counted_);
  for (const Counted& one : before) {
    if (one.count == 0) continue;
    std::size_t slot = SlotOf(one.value, counted_.size());
    while (counted_[slot].count != 0) slot = (slot + 1) & (counted_.size() - 1);
    counted_[slot] = one;
  }
}

void OrderedValues::HoldOneByOne() {
  for (const Counted& one : counted_) all_.insert(all_.end(), one.count, one.value);
  counted_ = {};
  one_by_one_ = true;
}

void OrderedValues::AddAll(const OrderedValues& other) {
  if (size_ == 0) {
    *this = other;
    return;
  }
  if (other.one_by_one_ && !one_by_one_) HoldOneByOne();
  if (other.one_by_one_) {
    all_.insert(all_.end(), other.all_.begin(), other.all_.end());
    size_ += other.all_.size();
    return;
  }
  for (const Counted& one : other.counted_) {
    if (one.count > 0) Add(one.value, one.count);
  }
}

std::vector<std::uint64_t> OrderedValues::At(const std::vector<std::uint64_t>& places) {
  if (!one_by_one_) return AtCounted(places);
  std::vector<std::uint64_t> values;
  auto begin = all_.begin();
  for (const std::uint64_t place : places) {
    const auto nth = all_.begin() + static_cast<std::ptrdiff_t>(place);
    if (nth >= begin) std::nth_element(begin, nth, all_.end());
    begin = nth + 1;
    values.push_back(*nth);
  }
  return values;
}

std::vector<std::uint64_t> OrderedValues::AtCounted(const std::vector<std::uint64_t>& places) const {
  std::vector<Counted> sorted;
  std::ranges::copy_if(counted_, std::back_inserter(sorted), [](const Counted& one) { return one.count > 0; });
  std::ranges::sort(sorted, {}, &Counted::value);
  std::vector<std::uint64_t> values;
  std::uint64_t before = 0;
  auto one = sorted.begin();
  for (const std::uint64_t place : places) {
    while (before + one->count <= place) before += (one++)->count;
    values.push_back(one->value);
  }
  return values;
}

}  // namespace smelt::engine
