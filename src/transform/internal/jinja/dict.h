#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// Python's dict: unique keys in the order of insertion. Small ones are searched, large ones indexed.
class Dict {
 public:
  using Entry = std::pair<Value, Value>;

  Dict() = default;

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  const std::vector<Entry>& entries() const { return entries_; }

  /// The value under `key`, or null. The pointer is valid until the next change.
  const Value* Find(const Value& key) const;
  const Value* Find(std::string_view key) const;
  const Value* Find(const char* key) const { return Find(std::string_view(key)); }
  /// Inserts, or replaces the value of an equal key (which keeps its place). `key` must be hashable.
  void Set(Value key, Value value);
  /// Removes and returns; nothing when absent.
  std::optional<Value> Take(const Value& key);
  void clear();

 private:
  struct KeyHash {
    std::size_t operator()(const Value& key) const { return key.Hash(); }
  };
  struct KeyEqual {
    bool operator()(const Value& left, const Value& right) const { return left.Equals(right); }
  };
  static constexpr std::size_t kSearchedMax = 8;
  static constexpr std::size_t kNotFound = static_cast<std::size_t>(-1);

  std::size_t Position(const Value& key) const;
  void RebuildIndex();

  std::vector<Entry> entries_;
  std::unordered_map<Value, std::size_t, KeyHash, KeyEqual> index_;  ///< filled above kSearchedMax entries
};

}  // namespace smelt::transform::jinja
