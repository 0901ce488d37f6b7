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
  std::vector<std::string> starts_;
  std::string prefix_;                ///< with which all starts begin
  std::vector<std::uint64_t> heads_;  ///< the bytes behind it, as numbers that sort like them: they tell most apart
};

}  // namespace smelt::engine
