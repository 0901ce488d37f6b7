#pragma once

#include <bit>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <string>

#include "engine/internal/parquet/byte_buffer.h"
#include "engine/internal/parquet/encoded_column.h"

namespace smelt::engine::parquet {

/// Numbers of a fixed size, which DuckDB has as `StoredType` and Parquet as `Written`: INT32, INT64, FLOAT, DOUBLE.
template <class StoredType, class Written>
struct FixedValues {
  using Stored = StoredType;
  using Value = Written;
  using Bits = std::conditional_t<sizeof(Written) == sizeof(std::uint32_t), std::uint32_t, std::uint64_t>;
  static constexpr bool kIsFixed = true;

  static Value FromStored(Stored stored) { return static_cast<Value>(stored); }
  static std::uint64_t Hash(Value value) {
    constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ULL;
    const std::uint64_t product = std::bit_cast<Bits>(value) * kOdd;
    return product ^ (product >> 32);
  }
  static bool AreEqual(Value a, Value b) { return std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b); }

  struct Keeper {
    static Value Keep(Value value) { return value; }
    static void Clear() {}
  };

  static std::size_t PlainSize(Value) { return sizeof(Value); }
  static void WritePlain(Value value, char* at) { std::memcpy(at, &value, sizeof(value)); }
  static void AppendPlain(Value value, ByteBuffer& out) { WritePlain(value, out.Grow(sizeof(value))); }
  static Value ReadPlain(const char*& at) {
    Value value;
    std::memcpy(&value, at, sizeof(value));
    at += sizeof(value);
    return value;
  }
  static std::string_view Bare(std::string_view plain) { return plain; }

  class Range {
   public:
    void Add(Value value) {
      if constexpr (std::floating_point<Value>) {
        if (std::isnan(value)) {
          has_nan_ = true;
          return;
        }
      }
      min_ = std::min(min_, value);
      max_ = std::max(max_, value);
      is_empty_ = false;
    }
    std::optional<Bounds> ToBounds(const duckdb::LogicalType& type) const {
      if (is_empty_) return std::nullopt;
      const auto value = [&](Value bound) {
        auto stored = static_cast<Stored>(bound);
        return duckdb::Vector(type, reinterpret_cast<duckdb::data_ptr_t>(&stored)).GetValue(0);
      };
      return Bounds{.min = value(min_), .max = value(max_)};
    }
    std::optional<PlainBounds> ToPlainBounds() const {
      // Readers disagree about where NaN is, and some compare zeros by their signs.
      if (is_empty_ || has_nan_) return std::nullopt;
      Value min = min_, max = max_;
      if constexpr (std::floating_point<Value>) {
        if (min == 0) min = -static_cast<Value>(0);
        if (max == 0) max = 0;
      }
      return PlainBounds{.min = std::string(reinterpret_cast<const char*>(&min), sizeof(min)),
                         .max = std::string(reinterpret_cast<const char*>(&max), sizeof(max))};
    }
    bool has_nan() const { return has_nan_; }

   private:
    static constexpr Value Greatest() {
      return std::floating_point<Value> ? std::numeric_limits<Value>::infinity() : std::numeric_limits<Value>::max();
    }
    static constexpr Value Least() {
      return std::floating_point<Value> ? -std::numeric_limits<Value>::infinity()
                                        : std::numeric_limits<Value>::lowest();
    }
    Value min_ = Greatest();
    Value max_ = Least();
    bool is_empty_ = true;
    bool has_nan_ = false;
  };
};

/// Decimals of more than 18 digits: FIXED_LEN_BYTE_ARRAY of 16 bytes, the highest first.
struct WideDecimals {
  using Stored = duckdb::hugeint_t;
  using Value = duckdb::hugeint_t;
  static constexpr bool kIsFixed = true;

  static Value FromStored(const Stored& stored) { return stored; }
  static std::uint64_t Hash(const Value& value) {
    return FixedValues<std::uint64_t, std::uint64_t>::Hash(value.lower ^ static_cast<std::uint64_t>(value.upper));
  }
  static bool AreEqual(const Value& a, const Value& b) { return a == b; }

  struct Keeper {
    static Value Keep(const Value& value) { return value; }
    static void Clear() {}
  };

  static std::size_t PlainSize(const Value&) { return sizeof(Value); }
  static void WritePlain(const Value& value, char* at) {
    const std::uint64_t upper = std::byteswap(static_cast<std::uint64_t>(value.upper));
    const std::uint64_t lower = std::byteswap(value.lower);
    std::memcpy(at, &upper, sizeof(upper));
    std::memcpy(at + sizeof(upper), &lower, sizeof(lower));
  }
  static void AppendPlain(const Value& value, ByteBuffer& out) { WritePlain(value, out.Grow(sizeof(value))); }
  static Value ReadPlain(const char*& at) {
    std::uint64_t upper = 0, lower = 0;
    std::memcpy(&upper, at, sizeof(upper));
    std::memcpy(&lower, at + sizeof(upper), sizeof(lower));
    at += sizeof(upper) + sizeof(lower);
    Value value;
    value.upper = static_cast<std::int64_t>(std::byteswap(upper));
    value.lower = std::byteswap(lower);
    return value;
  }
  static std::string_view Bare(std::string_view plain) { return plain; }

  class Range {
   public:
    void Add(const Value& value) {
      if (!min_ || value < *min_) min_ = value;
      if (!max_ || value > *max_) max_ = value;
    }
    std::optional<Bounds> ToBounds(const duckdb::LogicalType& type) const {
      if (!min_) return std::nullopt;
      const auto value = [&](Value bound) {
        return duckdb::Vector(type, reinterpret_cast<duckdb::data_ptr_t>(&bound)).GetValue(0);
      };
      return Bounds{.min = value(*min_), .max = value(*max_)};
    }
    std::optional<PlainBounds> ToPlainBounds() const {
      if (!min_) return std::nullopt;
      PlainBounds bounds{.min = std::string(sizeof(Value), '\0'), .max = std::string(sizeof(Value), '\0')};
      WritePlain(*min_, bounds.min.data());
      WritePlain(*max_, bounds.max.data());
      return bounds;
    }
    bool has_nan() const { return false; }

   private:
    std::optional<Value> min_;
    std::optional<Value> max_;
  };
};

}  // namespace smelt::engine::parquet
