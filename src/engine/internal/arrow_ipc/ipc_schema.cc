#include "engine/internal/arrow_ipc/ipc_schema.h"

#include <charconv>
#include <cstring>
#include <duckdb/common/arrow/arrow.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/internal/arrow_ipc/flat_builder.h"

namespace smelt::engine {
namespace {

using Offset = FlatBuilder::Offset;

/// The union `Type` of Schema.fbs.
enum class IpcType : std::uint8_t {
  kNull = 1,
  kInt = 2,
  kFloatingPoint = 3,
  kBinary = 4,
  kUtf8 = 5,
  kBool = 6,
  kDecimal = 7,
  kDate = 8,
  kTime = 9,
  kTimestamp = 10,
  kInterval = 11,
  kList = 12,
  kStruct = 13,
  kUnion = 14,
  kFixedSizeBinary = 15,
  kFixedSizeList = 16,
  kMap = 17,
  kDuration = 18,
  kLargeBinary = 19,
  kLargeUtf8 = 20,
  kLargeList = 21,
};

struct TypeOffset {
  IpcType type;
  Offset offset;
};

[[noreturn]] void Refuse(std::string_view format) {
  throw duckdb::NotImplementedException("a column of Arrow's format '%s' cannot be sent as an Arrow stream",
                                        std::string(format));
}

std::vector<std::int32_t> Numbers(std::string_view text) {
  std::vector<std::int32_t> numbers;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at < end) {
    std::int32_t number = 0;
    const auto [after, error] = std::from_chars(at, end, number);
    if (error != std::errc()) Refuse(text);
    numbers.push_back(number);
    at = after + 1;
  }
  return numbers;
}

/// Units count as in TimeUnit of Schema.fbs.
std::int16_t TimeUnit(char letter) {
  constexpr std::string_view kUnits = "smun";
  const std::size_t at = kUnits.find(letter);
  if (at == std::string_view::npos) Refuse({&letter, 1});
  return static_cast<std::int16_t>(at);
}

TypeOffset Plain(FlatBuilder& builder, IpcType type) {
  builder.StartTable(0);
  return {type, builder.EndTable()};
}

template <typename... T>
TypeOffset With(FlatBuilder& builder, IpcType type, T... values) {
  builder.StartTable(sizeof...(values));
  std::size_t field = 0;
  (builder.Field(field++, values), ...);
  return {type, builder.EndTable()};
}

std::optional<TypeOffset> NumberType(FlatBuilder& builder, char letter) {
  const auto integer = [&](std::int32_t bits, bool is_signed) { return With(builder, IpcType::kInt, bits, is_signed); };
  switch (letter) {
    case 'c': return integer(8, true);
    case 'C': return integer(8, false);
    case 's': return integer(16, true);
    case 'S': return integer(16, false);
    case 'i': return integer(32, true);
    case 'I': return integer(32, false);
    case 'l': return integer(64, true);
    case 'L': return integer(64, false);
    case 'f': return With(builder, IpcType::kFloatingPoint, std::int16_t{1});
    case 'g': return With(builder, IpcType::kFloatingPoint, std::int16_t{2});
    default: return std::nullopt;
  }
}

TypeOffset TimeType(FlatBuilder& builder, std::string_view format) {
  if (format == "tdD") return With(builder, IpcType::kDate, std::int16_t{0});
  if (format == "tdm") return With(builder, IpcType::kDate, std::int16_t{1});
  if (format == "tin") return With(builder, IpcType::kInterval, std::int16_t{2});
  if (format.size() < 3) Refuse(format);
  const std::int16_t unit = TimeUnit(format[2]);
  if (format.starts_with("tt")) return With(builder, IpcType::kTime, unit, unit < 2 ? 32 : 64);
  if (format.starts_with("tD")) return With(builder, IpcType::kDuration, unit);
  if (!format.starts_with("ts") || format.size() < 4) Refuse(format);
  const std::string_view zone = format.substr(4);
  if (zone.empty()) return With(builder, IpcType::kTimestamp, unit);
  const Offset zone_text = builder.String(zone);
  return With(builder, IpcType::kTimestamp, unit, zone_text);
}

TypeOffset NestedType(FlatBuilder& builder, std::string_view format) {
  if (format == "+l") return Plain(builder, IpcType::kList);
  if (format == "+L") return Plain(builder, IpcType::kLargeList);
  if (format == "+s") return Plain(builder, IpcType::kStruct);
  if (format == "+m") return With(builder, IpcType::kMap, false);
  if (format.starts_with("+w:")) return With(builder, IpcType::kFixedSizeList, Numbers(format.substr(3)).at(0));
  if (!format.starts_with("+us:")) Refuse(format);
  const Offset ids = builder.Int32s(Numbers(format.substr(4)));
  return With(builder, IpcType::kUnion, std::int16_t{0}, ids);
}

TypeOffset WriteType(FlatBuilder& builder, std::string_view format) {
  if (format.size() == 1) {
    switch (format[0]) {
      case 'n': return Plain(builder, IpcType::kNull);
      case 'b': return Plain(builder, IpcType::kBool);
      case 'u': return Plain(builder, IpcType::kUtf8);
      case 'U': return Plain(builder, IpcType::kLargeUtf8);
      case 'z': return Plain(builder, IpcType::kBinary);
      case 'Z': return Plain(builder, IpcType::kLargeBinary);
      default: break;
    }
    if (auto number = NumberType(builder, format[0])) return *number;
    Refuse(format);
  }
  if (format.starts_with('t')) return TimeType(builder, format);
  if (format.starts_with('+')) return NestedType(builder, format);
  if (format.starts_with("w:")) return With(builder, IpcType::kFixedSizeBinary, Numbers(format.substr(2)).at(0));
  if (!format.starts_with("d:")) Refuse(format);
  const std::vector<std::int32_t> shape = Numbers(format.substr(2));
  constexpr std::int32_t kDecimalBits = 128;
  return With(builder, IpcType::kDecimal, shape.at(0), shape.at(1), shape.size() > 2 ? shape[2] : kDecimalBits);
}

/// The pairs of a field's metadata, which the C interface has as one block: a count, then lengths before texts.
std::optional<Offset> WriteMetadata(FlatBuilder& builder, const char* block) {
  if (block == nullptr) return std::nullopt;
  const auto number = [&block] {
    std::int32_t value = 0;
    std::memcpy(&value, block, sizeof value);
    block += sizeof value;
    return value;
  };
  const auto text = [&] {
    const std::int32_t length = number();
    const std::string_view value(block, static_cast<std::size_t>(length));
    block += length;
    return value;
  };
  std::vector<Offset> pairs;
  for (std::int32_t count = number(); count > 0; --count) {
    const Offset key = builder.String(text());
    const Offset value = builder.String(text());
    builder.StartTable(2);
    builder.Field(0, key);
    builder.Field(1, value);
    pairs.push_back(builder.EndTable());
  }
  if (pairs.empty()) return std::nullopt;
  return builder.Offsets(pairs);
}

Offset WriteField(FlatBuilder& builder, const ArrowSchema& schema) {
  if (schema.dictionary != nullptr) Refuse("dictionary");
  std::vector<Offset> children;
  for (std::int64_t i = 0; i < schema.n_children; ++i) children.push_back(WriteField(builder, *schema.children[i]));
  const Offset child_list = builder.Offsets(children);
  const Offset name = builder.String(schema.name == nullptr ? "" : schema.name);
  const TypeOffset type = WriteType(builder, schema.format);
  const std::optional<Offset> metadata = WriteMetadata(builder, schema.metadata);
  constexpr std::size_t kFields = 7;
  builder.StartTable(kFields);
  builder.Field(0, name);
  builder.Field(3, type.offset);
  builder.Field(5, child_list);
  if (metadata) builder.Field(6, *metadata);
  builder.Field(1, (schema.flags & ARROW_FLAG_NULLABLE) != 0);
  builder.Field(2, static_cast<std::uint8_t>(type.type));
  return builder.EndTable();
}

void AppendInt32(std::string& bytes, std::uint32_t value) {
  for (std::size_t byte = 0; byte < sizeof value; ++byte) bytes += static_cast<char>((value >> (8 * byte)) & 0xFFU);
}

}  // namespace

std::string IpcMessage(const std::string& metadata, const std::string& body) {
  constexpr std::uint32_t kContinuation = 0xFFFFFFFF;
  const std::size_t padded = (metadata.size() + kIpcBoundary - 1) / kIpcBoundary * kIpcBoundary;
  std::string message;
  message.reserve(kIpcBoundary + padded + body.size());
  AppendInt32(message, kContinuation);
  AppendInt32(message, static_cast<std::uint32_t>(padded));
  message += metadata;
  message.append(padded - metadata.size(), '\0');
  message += body;
  return message;
}

std::string IpcSchema(const ArrowSchema& schema) {
  FlatBuilder builder;
  std::vector<Offset> fields;
  for (std::int64_t i = 0; i < schema.n_children; ++i) fields.push_back(WriteField(builder, *schema.children[i]));
  const Offset field_list = builder.Offsets(fields);
  builder.StartTable(2);
  builder.Field(1, field_list);
  builder.Field(0, std::int16_t{0});  // little endian
  const Offset header = builder.EndTable();
  builder.StartTable(4);
  builder.Field(3, std::int64_t{0});
  builder.Field(2, header);
  builder.Field(0, kIpcVersion5);
  builder.Field(1, static_cast<std::uint8_t>(IpcHeader::kSchema));
  return IpcMessage(builder.Finish(builder.EndTable()), "");
}

std::string IpcEnd() {
  return std::string("\xFF\xFF\xFF\xFF\0\0\0\0", kIpcBoundary);
}

}  // namespace smelt::engine
