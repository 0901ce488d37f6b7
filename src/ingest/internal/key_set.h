#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace smelt::ingest {

/// Remembers keys by a hash of 128 bits: 16 bytes each, whatever their length, and a chance of confusing two that is
/// below 1e-20 at ten thousand million keys. Confined to one thread.
class KeySet {
 public:
  /// Adds a part of the next key.
  void Part(std::string_view text);
  /// Ends the key. Returns false when it was there already.
  bool Insert();
  void Clear();

 private:
  struct Hash {
    std::uint64_t high = kSeedHigh, low = kSeedLow;
    bool operator==(const Hash&) const = default;
  };
  static constexpr std::uint64_t kSeedHigh = 0x9E3779B97F4A7C15, kSeedLow = 0xD1B54A32D192ED03;

  void Grow();
  bool Place(const Hash& hash);

  Hash current_;
  std::vector<Hash> slots_;  ///< open addressing; a free slot is all zero
  std::size_t used_ = 0;
};

}  // namespace smelt::ingest
