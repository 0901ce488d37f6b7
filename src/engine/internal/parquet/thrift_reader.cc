#include "engine/internal/parquet/thrift_reader.h"

namespace smelt::engine::parquet {
namespace {

constexpr int kThriftDepthMax = 32;
constexpr int kVarintBitsMax = 63;

enum WireType : std::uint8_t {
  kTrueType = 1,
  kFalseType = 2,
  kByteType = 3,
  kI64Type = 6,
  kDoubleType = 7,
  kBinaryType = 8,
  kListType = 9,
  kSetType = 10,
  kMapType = 11,
  kStructType = 12,
};

}  // namespace

std::string_view ThriftReader::Take(std::uint64_t count) {
  if (!is_ok_ || count > bytes_.size() - at_) {
    is_ok_ = false;
    return {};
  }
  const std::string_view taken = bytes_.substr(at_, count);
  at_ += count;
  return taken;
}

std::uint8_t ThriftReader::TakeByte() {
  const std::string_view byte = Take(1);
  return byte.empty() ? 0 : static_cast<std::uint8_t>(byte[0]);
}

std::uint64_t ThriftReader::TakeVarint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift <= kVarintBitsMax && is_ok_; shift += 7) {
    const std::uint8_t byte = TakeByte();
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  is_ok_ = false;
  return 0;
}

std::int64_t ThriftReader::Integer() {
  const std::uint64_t value = TakeVarint();
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

std::string_view ThriftReader::Binary() {
  return Take(TakeVarint());
}

std::uint64_t ThriftReader::TakeListSize() {
  const std::uint8_t header = TakeByte();
  type_ = header & kTypeMask;
  const std::uint64_t size = (header >> 4) == kTypeMask ? TakeVarint() : header >> 4;
  // Every element takes a byte at least.
  if (size > bytes_.size() - at_) is_ok_ = false;
  return is_ok_ ? size : 0;
}

void ThriftReader::SkipElements(std::uint64_t count, std::uint8_t type, int depth) {
  // Booleans have a byte of their own here.
  if (type <= kFalseType) type = kByteType;
  for (; count > 0 && is_ok_; --count) Skip(type, depth);
}

void ThriftReader::Skip(std::uint8_t type, int depth) {
  if (depth > kThriftDepthMax) is_ok_ = false;
  if (!is_ok_) return;
  switch (type) {
    case kTrueType:
    case kFalseType: return;
    case kByteType: (void)TakeByte(); return;
    case kDoubleType: (void)Take(sizeof(double)); return;
    case kBinaryType: (void)Binary(); return;
    case kListType:
    case kSetType: {
      const std::uint64_t size = TakeListSize();
      return SkipElements(size, type_, depth + 1);
    }
    case kMapType: {
      const std::uint64_t size = TakeVarint();
      if (size == 0) return;
      const std::uint8_t types = TakeByte();
      if (size > bytes_.size() - at_) is_ok_ = false;
      for (std::uint64_t i = 0; i < size && is_ok_; ++i) {
        SkipElements(1, types >> 4, depth + 1);
        SkipElements(1, types & kTypeMask, depth + 1);
      }
      return;
    }
    case kStructType:
      while (const std::uint8_t header = TakeByte()) {
        if ((header >> 4) == 0) (void)Integer();
        Skip(header & kTypeMask, depth + 1);
      }
      return;
    default:
      if (type > kByteType && type <= kI64Type) {
        (void)TakeVarint();
      } else {
        is_ok_ = false;
      }
  }
}

}  // namespace smelt::engine::parquet
