#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace smelt::delta {

/// A set of hashes in one piece of memory: quick where there are many and each is looked for once. Confined to one
/// thread.
class HashSet {
 public:
  /// Returns whether the hash is new.
  bool Insert(std::uint64_t hash) {
    if (hash == kFree) hash = 1;
    if (2 * (count_ + 1) > slots_.size()) Grow();
    const bool is_new = Put(hash);
    count_ += is_new ? 1 : 0;
    return is_new;
  }

 private:
  static constexpr std::uint64_t kFree = 0;
  static constexpr std::size_t kSlotsMin = 64;  ///< a power of two, as are all sizes

  bool Put(std::uint64_t hash) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at] != kFree) {
      if (slots_[at] == hash) return false;
      at = (at + 1) & mask;
    }
    slots_[at] = hash;
    return true;
  }

  void Grow() {
    std::vector<std::uint64_t> old(slots_.empty() ? kSlotsMin : 2 * slots_.size(), kFree);
    old.swap(slots_);
    for (const std::uint64_t hash : old) {
      if (hash != kFree) Put(hash);
    }
  }

  std::vector<std::uint64_t> slots_;
  std::size_t count_ = 0;
};

}  // namespace smelt::delta
