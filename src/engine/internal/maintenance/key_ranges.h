#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::engine {

/// How many of the ascending numbers are not greater than each of the values, into `counts`, which has as many places
/// as there are values. All searches advance side by side: none waits for the memory that another one reads.
void CountUpTo(std::span<const std::uint64_t> ascending, std::span<const std::uint64_t> values,
               std::span<std::uint32_t> counts);

/// Ranges of a column's values, by the sort keys that begin them. Immutable.
class KeyRanges {
 public:
  /// `starts` are ascending, none twice. What sorts before the first is a range, too.
  explicit KeyRanges(std::vector<std::string> starts);

  std::size_t count() const { return starts_.size() + 1; }
  /// The number of the range that holds a key: how many ranges begin at it or before it.
  std::size_t RangeOf(std::string_view key) const;
  /// The same of many keys, which is quicker.
  void RangesOf(std::span<const std::string_view> keys, std::span<std::uint32_t> ranges) const;

 private:
  /// The range of a key, given how many heads are not greater than its own.
  std::size_t RangeAmong(std::size_t heads, std::string_view key) const;

  std::vector<std::string> starts_;
  std::string prefix_;                ///< with which all starts begin
  std::vector<std::uint64_t> heads_;  ///< the bytes behind it, as numbers that sort like them: they tell most apart
  std::optional<std::size_t> size_;   ///< of all starts, where heads tell keys of this size apart
};

}  // namespace smelt::engine
