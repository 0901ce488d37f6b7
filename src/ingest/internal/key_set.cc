#include "ingest/internal/key_set.h"

#include <cstring>

namespace smelt::ingest {
namespace {

constexpr std::size_t kFirstSlots = 1024;

__extension__ using Wide = unsigned __int128;

/// Folds the product of two numbers: every bit of the result depends on all bits of both.
std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

void KeySet::Part(std::string_view text) {
  const auto take = [&](std::uint64_t word) {
    current_.high = Mix(current_.high ^ word, 0xA0761D6478BD642F);
    current_.low = Mix(current_.low ^ word, 0xE7037ED1A0B428DB) + word;
  };
  take(text.size() + 1);  // so that ("ab", "c") and ("a", "bc") differ
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    take(word);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, text.data() + at, text.size() - at);
  take(rest);
}

bool KeySet::Insert() {
  Hash hash = current_;
  current_ = Hash{};
  if (hash == Hash{0, 0}) hash.low = 1;
  if (2 * (used_ + 1) > slots_.size()) Grow();
  if (!Place(hash)) return false;
  ++used_;
  return true;
}

void KeySet::Clear() {
  slots_.clear();
  used_ = 0;
  current_ = Hash{};
}

void KeySet::Grow() {
  std::vector<Hash> old(slots_.empty() ? kFirstSlots : 2 * slots_.size(), Hash{0, 0});
  old.swap(slots_);
  for (const Hash& hash : old) {
    if (hash != Hash{0, 0}) Place(hash);
  }
}

bool KeySet::Place(const Hash& hash) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash.high & mask;; at = (at + 1) & mask) {
    if (slots_[at] == hash) return false;
    if (slots_[at] == Hash{0, 0}) {
      slots_[at] = hash;
      return true;
    }
  }
}

}  // namespace smelt::ingest
