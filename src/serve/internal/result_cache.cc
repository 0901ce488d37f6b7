#include "serve/internal/result_cache.h"

#include <utility>

namespace smelt::serve::internal {

/// About what an answer, its key and the places in list and map take in memory.
std::size_t ResultCache::BytesOf(const Kept& kept) {
  constexpr std::size_t kFixed = 500;
  constexpr std::size_t kOfColumn = 100;
  return kFixed + kept.key.size() + kept.answer->rows.capacity() + kOfColumn * kept.answer->columns.size();
}

AnswerPtr ResultCache::Find(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return found->second->answer;
}

std::size_t ResultCache::Put(const std::string& key, AnswerPtr answer) {
  Kept kept{key, std::move(answer)};
  const std::size_t bytes = BytesOf(kept);
  if (bytes > bytes_max_ || by_key_.contains(key)) return 0;
  std::size_t evicted = 0;
  for (; bytes_ + bytes > bytes_max_; ++evicted) {
    bytes_ -= BytesOf(by_use_.back());
    by_key_.erase(by_use_.back().key);
    by_use_.pop_back();
  }
  by_use_.push_front(std::move(kept));
  by_key_.emplace(by_use_.front().key, by_use_.begin());
  bytes_ += bytes;
  return evicted;
}

}  // namespace smelt::serve::internal
