#include "delta/row_set.h"

#include <bit>
#include <cstddef>

namespace smelt::delta {

bool RowSet::Set(std::uint64_t row) {
  if (row / 64 >= words_.size()) words_.resize(row / 64 + 1);
  std::uint64_t& word = words_[row / 64];
  const std::uint64_t bit = std::uint64_t{1} << (row % 64);
  if ((word & bit) != 0) return false;
  word |= bit;
  ++count_;
  return true;
}

void RowSet::Merge(const RowSet& other) {
  if (other.words_.size() > words_.size()) words_.resize(other.words_.size());
  count_ = 0;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (i < other.words_.size()) words_[i] |= other.words_[i];
    count_ += static_cast<std::uint64_t>(std::popcount(words_[i]));
  }
}

RowSet RowSet::Without(const RowSet& other) const {
  RowSet rest = *this;
  rest.count_ = 0;
  for (std::size_t i = 0; i < rest.words_.size(); ++i) {
    if (i < other.words_.size()) rest.words_[i] &= ~other.words_[i];
    rest.count_ += static_cast<std::uint64_t>(std::popcount(rest.words_[i]));
  }
  return rest;
}

bool RowSet::AnyIn(std::uint64_t first, std::uint64_t length) const {
  for (std::uint64_t word = first / 64; word <= (first + length) / 64 && word < words_.size(); ++word) {
    if (words_[word] != 0) return true;
  }
  return false;
}

}  // namespace smelt::delta
