#pragma once

#include <xxhash.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/internal/parquet/byte_buffer.h"
#include "engine/internal/parquet/encoded_column.h"

namespace smelt::engine::parquet {

/// Texts and blobs: Parquet's BYTE_ARRAY.
struct TextValues {
  using Stored = duckdb::string_t;
  using Value = duckdb::string_t;

  static constexpr bool kIsFixed = false;

  static const Value& FromStored(const Stored& stored) { return stored; }
  static std::uint64_t Hash(const Value& value) {
    // Short ones are whole in the value itself, with zeros behind.
    if (value.IsInlined()) return XXH3_64bits(&value, sizeof(value));
    return XXH3_64bits(value.GetData(), value.GetSize());
  }
  static bool AreEqual(const Value& a, const Value& b) { return a == b; }

  /// Keeps the bytes of values.
  class Keeper {
   public:
    Value Keep(const Value& value);
    void Clear();

   private:
    std::vector<std::unique_ptr<char[]>> blocks_;
    char* at_ = nullptr;
    std::size_t left_ = 0;
  };

  static std::size_t PlainSize(const Value& value) { return sizeof(std::uint32_t) + value.GetSize(); }
  static void AppendPlain(const Value& value, ByteBuffer& out) {
    const std::uint32_t size = value.GetSize();
    char* at = out.Grow(sizeof(size) + size);
    std::memcpy(at, &size, sizeof(size));
    std::memcpy(at + sizeof(size), value.GetData(), size);
  }
  /// The value at a place of what AppendPlain wrote; moves the place behind it.
  static Value ReadPlain(const char*& at) {
    std::uint32_t size = 0;
    std::memcpy(&size, at, sizeof(size));
    const Value value(at + sizeof(size), size);
    at += sizeof(size) + size;
    return value;
  }
  /// What a Bloom filter takes of a value that AppendPlain wrote.
  static std::string_view Bare(std::string_view plain) { return plain.substr(sizeof(std::uint32_t)); }

  class Range {
   public:
    void Add(const Value& value);
    std::optional<Bounds> ToBounds(const duckdb::LogicalType& type) const;
    std::optional<PlainBounds> ToPlainBounds() const;
    bool has_nan() const { return false; }

   private:
    bool is_empty_ = true;
    std::string min_;
    std::string max_;
    std::uint32_t min_prefix_ = 0;
    std::uint32_t max_prefix_ = 0;
  };
};

}  // namespace smelt::engine::parquet
