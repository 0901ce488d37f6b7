#pragma once

#include <cstdint>
#include <vector>

namespace smelt::delta {

/// A set of row numbers of one data file: those that are deleted. One bit per row up to the largest. Confined to one
/// thread while it is filled, immutable when shared.
class RowSet {
 public:
  /// Adds a row; returns false when it was there already.
  bool Set(std::uint64_t row);
  bool Test(std::uint64_t row) const { return row / 64 < words_.size() && (words_[row / 64] >> (row % 64) & 1) != 0; }
  std::uint64_t count() const { return count_; }
  void Merge(const RowSet& other);
  /// The rows of this set that are not in the other.
  RowSet Without(const RowSet& other) const;
  /// Whether any row of [first, first + length) is in the set; may say yes when a neighbour within 64 rows is.
  bool AnyIn(std::uint64_t first, std::uint64_t length) const;
  /// The bits, 64 rows a word, the lowest row in the lowest bit.
  const std::vector<std::uint64_t>& words() const { return words_; }

 private:
  std::vector<std::uint64_t> words_;
  std::uint64_t count_ = 0;
};

}  // namespace smelt::delta
