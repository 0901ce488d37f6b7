#pragma once

#include <cstdint>
#include <vector>

namespace smelt::engine {

/// A multiset of 64-bit numbers that knows which of them stand at given places of their order. As long as the same
/// numbers come again and again, each is held once with its count; where most differ, one by one, eight bytes each.
/// Confined to a thread.
class OrderedValues {
 public:
  void Add(std::uint64_t value) { Add(value, 1); }
  void AddAll(const OrderedValues& other);

  std::uint64_t size() const { return size_; }
  /// The values at these places, counted from 0 and in ascending order, each below size(). Afterwards the set is only
  /// good for another call.
  std::vector<std::uint64_t> At(const std::vector<std::uint64_t>& places);

 private:
  struct Counted {
    std::uint64_t value = 0;
    std::uint64_t count = 0;  ///< 0: the slot is free
  };

  void Add(std::uint64_t value, std::uint64_t count);
  void Grow();
  void HoldOneByOne();
  std::vector<std::uint64_t> AtCounted(const std::vector<std::uint64_t>& places) const;

  std::uint64_t size_ = 0;
  std::vector<Counted> counted_;  ///< a hash table, at most half full; empty when values are held one by one
  std::size_t distinct_ = 0;
  std::vector<std::uint64_t> all_;
  bool one_by_one_ = false;
};

}  // namespace smelt::engine
