#pragma once

#include <cstdint>
#include <string_view>

namespace smelt::engine::parquet {

/// Reads structures in Thrift's compact protocol, whatever the bytes are: what cannot be read is told by `ok`, and all
/// that is read from then on is zero or empty.
class ThriftReader {
 public:
  explicit ThriftReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return is_ok_; }
  /// How many bytes were read.
  std::size_t position() const { return at_; }

  /// Calls `read(id)` for each field of a structure, which either reads its value and returns true, or returns false
  /// to have it skipped.
  template <class Read>
  void Struct(Read read) {
    int id = 0;
    while (const std::uint8_t header = TakeByte()) {
      type_ = header & kTypeMask;
      id = (header >> 4) != 0 ? id + (header >> 4) : static_cast<int>(Integer());
      if (const std::uint8_t type = type_; !read(id)) Skip(type, 0);
    }
  }
  /// Calls `read()` for each element of a list, which reads it.
  template <class Read>
  void List(Read read) {
    for (std::uint64_t left = TakeListSize(); left > 0 && is_ok_; --left) read();
  }

  std::int64_t Integer();
  std::string_view Binary();
  /// Of a field.
  bool Bool() const { return type_ == kTrue; }

 private:
  static constexpr std::uint8_t kTypeMask = 0x0F;
  static constexpr std::uint8_t kTrue = 1;

  std::uint8_t TakeByte();
  std::uint64_t TakeVarint();
  std::uint64_t TakeListSize();
  std::string_view Take(std::uint64_t count);
  void Skip(std::uint8_t type, int depth);
  void SkipElements(std::uint64_t count, std::uint8_t type, int depth);

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool is_ok_ = true;
  std::uint8_t type_ = 0;  ///< of the field, or of the elements of the list, that was begun last
};

}  // namespace smelt::engine::parquet
