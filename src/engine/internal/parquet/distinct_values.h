#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace smelt::engine::parquet {

/// Distinct values, numbered in the order in which they first came. A value is what `Traits` compares: numbers by their
/// bits, so that 0.0 and -0.0 are two.
template <class Traits>
class DistinctValues {
 public:
  using Value = typename Traits::Value;

  std::uint32_t NumberOf(const Value& value) {
    const std::uint64_t hash = Traits::Hash(value);
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.number == kNone) return Add(value, hash, at);
      if (slot.hash == static_cast<std::uint32_t>(hash >> 32) && Traits::AreEqual(values_[slot.number], value)) {
        return slot.number;
      }
    }
  }

  const std::vector<Value>& values() const { return values_; }
  std::size_t size() const { return values_.size(); }
  void Clear() {
    if (values_.empty()) return;
    values_.clear();
    keeper_.Clear();
    std::ranges::fill(slots_, Slot{});
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::size_t kSlotsFirst = 1024;
  struct Slot {
    std::uint32_t hash = 0;  ///< its upper half
    std::uint32_t number = kNone;
  };

  std::uint32_t Add(const Value& value, std::uint64_t hash, std::size_t at) {
    const auto number = static_cast<std::uint32_t>(values_.size());
    slots_[at] = {static_cast<std::uint32_t>(hash >> 32), number};
    values_.push_back(keeper_.Keep(value));
    if (2 * values_.size() > slots_.size()) Widen();
    return number;
  }

  void Widen() {
    slots_.assign(2 * slots_.size(), Slot{});
    mask_ = slots_.size() - 1;
    for (std::uint32_t number = 0; number < values_.size(); ++number) {
      const std::uint64_t hash = Traits::Hash(values_[number]);
      std::size_t at = hash & mask_;
      while (slots_[at].number != kNone) at = (at + 1) & mask_;
      slots_[at] = {static_cast<std::uint32_t>(hash >> 32), number};
    }
  }

  std::vector<Slot> slots_ = std::vector<Slot>(kSlotsFirst);
  std::size_t mask_ = kSlotsFirst - 1;
  std::vector<Value> values_;
  typename Traits::Keeper keeper_;
};

}  // namespace smelt::engine::parquet
