#pragma once

#include <algorithm>
#include <bit>
#include <span>
#include <string>
#include <vector>

#include "engine/internal/parquet/distinct_values.h"

namespace smelt::engine::parquet {

/// Values of a column as numbers of distinct ones.
template <class Traits>
class DictionaryValues {
 public:
  using Value = typename Traits::Value;

  void Add(const Value& value) { numbers_.push_back(distinct_.NumberOf(value)); }
  void AddOften(const Value& value, std::size_t count) {
    numbers_.insert(numbers_.end(), count, distinct_.NumberOf(value));
  }

  /// Whether a vector refers to a dictionary that further ones may refer to, too.
  static bool IsShared(const duckdb::Vector& values) {
    return values.GetVectorType() == duckdb::VectorType::DICTIONARY_VECTOR &&
           duckdb::DictionaryVector::DictionarySize(values).IsValid() &&
           !duckdb::DictionaryVector::DictionaryId(values).empty() &&
           duckdb::DictionaryVector::Child(values).GetVectorType() == duckdb::VectorType::FLAT_VECTOR;
  }
  /// Adds the values of such a vector, whose form is given, too. Each value of its dictionary is looked for once,
  /// however many rows have it.
  void AddShared(const duckdb::Vector& values, const duckdb::UnifiedVectorFormat& format, std::size_t count) {
    using Stored = typename Traits::Stored;
    const std::string& id = duckdb::DictionaryVector::DictionaryId(values);
    if (id != shared_id_) {
      shared_id_ = id;
      shared_.assign(duckdb::DictionaryVector::DictionarySize(values).GetIndex(), 0);
    }
    const auto* data = duckdb::UnifiedVectorFormat::GetData<Stored>(format);
    for (std::size_t row = 0; row < count; ++row) {
      const duckdb::idx_t at = format.sel->get_index(row);
      if (!format.validity.RowIsValid(at)) continue;
      if (at >= shared_.size()) shared_.resize(at + 1, 0);
      std::uint32_t& number = shared_[at];
      if (number == 0) number = distinct_.NumberOf(Traits::FromStored(data[at])) + 1;
      numbers_.push_back(number - 1);
    }
  }

  /// Calls `note` with each distinct value that is new since the last time.
  template <class Note>
  void NoteNew(Note note) {
    for (; noted_ < distinct_.size(); ++noted_) {
      const Value& value = distinct_.values()[noted_];
      distinct_size_ += Traits::PlainSize(value);
      note(value);
    }
  }
  /// Not while more than three of four values differ, of the first ones, or one of two, of many. All are noted.
  bool Pays() const {
    constexpr std::size_t kFew = 2048, kMany = 16384;
    const std::size_t distinct = distinct_.size(), values = numbers_.size();
    if (distinct > kDistinctMax || distinct_size_ > kDistinctSizeMax) return false;
    return values < kFew || (values < kMany ? 4 * distinct <= 3 * values : 2 * distinct <= values);
  }

  bool empty() const { return numbers_.empty(); }
  std::span<const std::uint32_t> numbers() const { return numbers_; }
  const std::vector<Value>& distinct() const { return distinct_.values(); }
  const Value& ValueOf(std::uint32_t number) const { return distinct_.values()[number]; }
  /// The bits of a number.
  unsigned Width() const { return std::max(1U, static_cast<unsigned>(std::bit_width(distinct_.size() - 1))); }
  /// In bytes, of both pages.
  std::size_t size() const { return distinct_size_ + numbers_.size() * Width() / 8; }
  /// What the values would take without a dictionary.
  std::size_t PlainSize() const {
    if constexpr (Traits::kIsFixed) return numbers_.size() * sizeof(Value);
    std::size_t size = 0;
    for (const std::uint32_t number : numbers_) size += Traits::PlainSize(ValueOf(number));
    return size;
  }
  void Clear() {
    distinct_.Clear();
    numbers_.clear();
    noted_ = distinct_size_ = 0;
    shared_id_.clear();
  }

 private:
  static constexpr std::size_t kDistinctMax = 16384;
  static constexpr std::size_t kDistinctSizeMax = 1 << 20;

  DistinctValues<Traits> distinct_;
  std::vector<std::uint32_t> numbers_;
  std::size_t noted_ = 0;
  std::size_t distinct_size_ = 0;  ///< of those noted, written plainly
  std::string shared_id_;
  std::vector<std::uint32_t> shared_;  ///< the numbers of a shared dictionary's values, plus one; 0 if not known yet
};

}  // namespace smelt::engine::parquet
