#include "transform/internal/jinja/dict.h"

namespace smelt::transform::jinja {

std::size_t Dict::Position(const Value& key) const {
  if (!index_.empty()) {
    auto found = index_.find(key);
    return found == index_.end() ? kNotFound : found->second;
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].first.Equals(key)) return i;
  }
  return kNotFound;
}

const Value* Dict::Find(const Value& key) const {
  std::size_t position = Position(key);
  return position == kNotFound ? nullptr : &entries_[position].second;
}

const Value* Dict::Find(std::string_view key) const {
  if (!index_.empty()) return Find(Value(key));
  for (const Entry& entry : entries_) {
    if (entry.first.is_text() && entry.first.text() == key) return &entry.second;
  }
  return nullptr;
}

void Dict::Set(Value key, Value value) {
  std::size_t position = Position(key);
  if (position != kNotFound) {
    entries_[position].second = std::move(value);
    return;
  }
  entries_.emplace_back(std::move(key), std::move(value));
  if (!index_.empty()) {
    index_.emplace(entries_.back().first, entries_.size() - 1);
  } else if (entries_.size() > kSearchedMax) {
    RebuildIndex();
  }
}

std::optional<Value> Dict::Take(const Value& key) {
  std::size_t position = Position(key);
  if (position == kNotFound) return std::nullopt;
  Value taken = std::move(entries_[position].second);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(position));
  RebuildIndex();
  return taken;
}

void Dict::clear() {
  entries_.clear();
  index_.clear();
}

void Dict::RebuildIndex() {
  index_.clear();
  if (entries_.size() <= kSearchedMax) return;
  for (std::size_t i = 0; i < entries_.size(); ++i) index_.emplace(entries_[i].first, i);
}

}  // namespace smelt::transform::jinja
