#pragma once

#include <span>
#include <vector>

#include "engine/internal/parquet/byte_buffer.h"

namespace smelt::engine::parquet {

/// Values of a column one after the other, cut into pages.
template <class Traits>
class PlainValues {
 public:
  using Value = typename Traits::Value;
  struct Cut {
    std::size_t values = 0;  ///< before it
    std::size_t bytes = 0;
  };

  void Add(const Value& value) {
    Traits::AppendPlain(value, bytes_);
    ++values_;
    EndPage();
  }
  /// Adds values of a fixed size as they are stored, and notes each.
  template <class Note>
  void AddRun(std::span<const typename Traits::Stored> run, Note note) {
    char* at = bytes_.Grow(run.size() * sizeof(Value));
    for (const auto& stored : run) {
      const Value value = Traits::FromStored(stored);
      note(value);
      Traits::WritePlain(value, at);
      at += sizeof(Value);
    }
    values_ += run.size();
    EndPage();
  }

  template <class Take>
  void ForEach(Take take) const {
    const char* at = bytes_.data();
    for (std::size_t i = 0; i < values_; ++i) take(Traits::ReadPlain(at));
  }
  /// Calls `take` with the bytes of each page, and with how many values stand before its end. The last page may be
  /// empty.
  template <class Take>
  void ForEachPage(Take take) const {
    std::size_t begin = 0;
    for (const Cut& cut : cuts_) {
      take(bytes_.view().substr(begin, cut.bytes - begin), cut.values);
      begin = cut.bytes;
    }
    take(bytes_.view().substr(begin), values_);
  }
  std::size_t count() const { return values_; }
  std::size_t size() const { return bytes_.size(); }
  void Clear() {
    bytes_.clear();
    values_ = 0;
    cuts_.clear();
  }

 private:
  static constexpr std::size_t kPageBytes = 1 << 20;

  void EndPage() {
    const std::size_t begin = cuts_.empty() ? 0 : cuts_.back().bytes;
    if (bytes_.size() - begin >= kPageBytes) cuts_.push_back({values_, bytes_.size()});
  }

  ByteBuffer bytes_;
  std::size_t values_ = 0;
  std::vector<Cut> cuts_;
};

}  // namespace smelt::engine::parquet
