#include "engine/internal/parquet/thrift_writer.h"

namespace smelt::engine::parquet {
namespace {

constexpr std::uint8_t kTrue = 1;
constexpr std::uint8_t kFalse = 2;
constexpr std::uint8_t kByte = 3;
constexpr std::uint8_t kI64 = 6;
constexpr std::uint8_t kList = 9;

constexpr int kShortFormMax = 15;
constexpr std::uint8_t kContinued = 0x80;

}  // namespace

void ThriftWriter::Varint(std::uint64_t value) {
  for (; value >= kContinued; value >>= 7) out_ += static_cast<char>(kContinued | (value & 0x7F));
  out_ += static_cast<char>(value);
}

void ThriftWriter::ZigZag(std::int64_t value) {
  Varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void ThriftWriter::BeginField(int id, std::uint8_t type) {
  const int step = id - last_ids_.back();
  last_ids_.back() = id;
  if (step > 0 && step <= kShortFormMax) {
    out_ += static_cast<char>((step << 4) | type);
  } else {
    out_ += static_cast<char>(type);
    ZigZag(id);
  }
}

void ThriftWriter::EndStruct() {
  last_ids_.pop_back();
  out_ += '\0';
}

void ThriftWriter::Bool(int id, bool value) {
  BeginField(id, value ? kTrue : kFalse);
}

void ThriftWriter::Byte(int id, std::int8_t value) {
  BeginField(id, kByte);
  out_ += static_cast<char>(value);
}

void ThriftWriter::I32(int id, std::int32_t value) {
  BeginField(id, static_cast<std::uint8_t>(Type::kI32));
  ZigZag(value);
}

void ThriftWriter::I64(int id, std::int64_t value) {
  BeginField(id, kI64);
  ZigZag(value);
}

void ThriftWriter::Binary(int id, std::string_view value) {
  BeginField(id, static_cast<std::uint8_t>(Type::kBinary));
  Element(value);
}

void ThriftWriter::BeginStruct(int id) {
  BeginField(id, static_cast<std::uint8_t>(Type::kStruct));
  BeginStruct();
}

void ThriftWriter::EmptyStruct(int id) {
  BeginStruct(id);
  EndStruct();
}

void ThriftWriter::Case(int id, int case_id) {
  BeginStruct(id);
  EmptyStruct(case_id);
  EndStruct();
}

void ThriftWriter::BeginList(int id, Type type, std::size_t size) {
  BeginField(id, kList);
  const auto bits = static_cast<std::uint8_t>(type);
  if (size < kShortFormMax) {
    out_ += static_cast<char>((size << 4) | bits);
  } else {
    out_ += static_cast<char>((kShortFormMax << 4) | bits);
    Varint(size);
  }
}

void ThriftWriter::Element(std::int32_t value) {
  ZigZag(value);
}

void ThriftWriter::Element(std::string_view value) {
  Varint(value.size());
  out_ += value;
}

}  // namespace smelt::engine::parquet
