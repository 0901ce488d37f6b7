#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace smelt::engine {

/// Builds one FlatBuffers message (flatbuffers.dev, "internals"), as far as the metadata of Arrow needs it: tables,
/// strings, vectors of scalars, structs and offsets. As the format wants, what is referred to is written first.
/// Positions are counted from the end of the message, which does not move while it grows at the front. Confined to a
/// thread.
class FlatBuilder {
 public:
  /// Where something was written, for references to it.
  struct Offset {
    std::uint32_t from_end = 0;
  };

  Offset String(std::string_view text);
  Offset Offsets(const std::vector<Offset>& elements);
  /// A vector of numbers or of structs that are made of equal numbers, `per_element` each.
  Offset Int64s(const std::vector<std::int64_t>& values, std::size_t per_element);
  Offset Int32s(const std::vector<std::int32_t>& values);

  /// Begins a table; then its fields, in any order, each once; then EndTable. Nothing else is written meanwhile.
  void StartTable(std::size_t fields);
  template <typename T>
  requires std::is_arithmetic_v<T>
  void Field(std::size_t field, T value) {
    Align(sizeof(T), 0);
    Push(value);
    fields_[field] = Size();
  }
  void Field(std::size_t field, Offset target);
  Offset EndTable();

  /// The whole message with a root table; nothing can be added afterwards.
  std::string Finish(Offset root);

 private:
  std::uint32_t Size() const { return static_cast<std::uint32_t>(reversed_.size()); }
  /// Pads so that after `bytes` more a value of this size lies on its boundary.
  void Align(std::size_t size, std::size_t bytes);
  template <typename T>
  void Push(T value) {
    using Bits = std::make_unsigned_t<std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>>;
    const auto bits = static_cast<Bits>(value);
    for (std::size_t byte = sizeof(T); byte-- > 0;) {
      reversed_ += static_cast<char>((static_cast<std::uint64_t>(bits) >> (8 * byte)) & 0xFFU);
    }
  }
  void PushOffset(Offset target);

  std::string reversed_;  ///< the last byte of the message first
  std::vector<std::uint32_t> fields_;
  std::uint32_t table_end_ = 0;
  std::size_t widest_ = 1;
};

}  // namespace smelt::engine
