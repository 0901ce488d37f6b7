#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::engine {

/// Ranges of a column's values, by the sort keys that begin them. Immutable.
class KeyRanges {
 public:
  /// `starts` are ascending, none twice. What sorts before the first is a range, too.
  explicit KeyRanges(std::vector<std::string> starts);

  std::size_t count() const { return starts_.size() + 1; }
  /// The number of the range that holds a key: how many ranges begin at it or before it.
  std::size_t RangeOf(std::string_view key) const;

 private:
  /// The first bytes of a key as numbers that sort like it: they tell most keys apart.
  struct Head {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    auto operator<=>(const Head&) const = default;
  };
  static Head HeadOf(std::string_view key);

  std::vector<std::string> starts_;
  std::vector<Head> heads_;
};

}  // namespace smelt::engine
