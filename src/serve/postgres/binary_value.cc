#include "serve/postgres/binary_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "serve/postgres/parameter_text.h"
#include "serve/postgres/value_format.h"
#include "serve/postgres/wire_type.h"

namespace smelt::serve::postgres {
namespace {

using engine::Int128;
__extension__ using Wide = unsigned __int128;

constexpr std::int32_t kDaysTo2000 = 10'957;
constexpr std::int64_t kMicrosTo2000 = 946'684'800'000'000;
constexpr int kDigitsPerGroup = 4;
constexpr unsigned kGroupBase = 10'000;
constexpr std::uint16_t kNumericNegative = 0x4000;
constexpr std::uint16_t kNumericNan = 0xC000;
constexpr std::uint16_t kNumericInfinity = 0xD000;
constexpr std::uint16_t kNumericNegativeInfinity = 0xF000;
constexpr std::int32_t kInfiniteDate = 2'147'483'647;
constexpr std::int32_t kNegativeInfiniteDate = -2'147'483'647 - 1;
constexpr std::int64_t kInfiniteTime = 9'223'372'036'854'775'807;
constexpr std::int64_t kNegativeInfiniteTime = -9'223'372'036'854'775'807 - 1;

std::uint64_t PowerOfTen(int exponent) {
  std::uint64_t power = 1;
  constexpr std::uint64_t kBase = 10;
  for (int i = 0; i < exponent; ++i) power *= kBase;
  return power;
}

void PutVector(std::uint32_t element, std::string_view text, WireBuffer& out) {
  std::vector<std::int32_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    std::int64_t number = 0;
    const auto parsed = std::from_chars(at, end, number);
    if (parsed.ec != std::errc()) break;
    numbers.push_back(static_cast<std::int32_t>(number));
    at = parsed.ptr;
    while (at != end && *at == ' ') ++at;
  }
  out.PutInt<std::int32_t>(1);
  out.PutInt<std::int32_t>(0);
  out.PutInt(static_cast<std::int32_t>(element));
  out.PutInt(static_cast<std::int32_t>(numbers.size()));
  out.PutInt<std::int32_t>(0);  // the first index
  for (const std::int32_t number : numbers) {
    const auto size = static_cast<std::int32_t>(element == oid::kInt2 ? sizeof(std::int16_t) : sizeof(std::int32_t));
    out.PutInt(size);
    PutBinaryInteger(number, size, out);
  }
}

Result<std::string> ReadNumeric(WireReader& in) {
  const auto groups = in.Int<std::int16_t>();
  const auto weight = in.Int<std::int16_t>();
  const auto sign = in.Int<std::uint16_t>();
  const auto scale = in.Int<std::int16_t>();
  if (sign == kNumericNan) return std::string("NaN");
  if (sign == kNumericInfinity) return std::string("Infinity");
  if (sign == kNumericNegativeInfinity) return std::string("-Infinity");
  constexpr int kGroupsMax = 20;  // of the engine's 38 digits, with room
  if (groups < 0 || groups > kGroupsMax || weight > kGroupsMax || weight < -kGroupsMax || scale < 0) {
    return Fail(ErrorCode::kSqlRuntime, "value overflows numeric format");
  }
  std::string text = sign == kNumericNegative ? "-" : "";
  std::string whole;
  std::string fraction;
  std::vector<std::int16_t> values(static_cast<std::size_t>(groups));
  for (std::int16_t& value : values) value = in.Int<std::int16_t>();
  auto group = [&](int power) -> int {
    const int index = weight - power;
    return index >= 0 && index < groups ? values[static_cast<std::size_t>(index)] : 0;
  };
  for (int power = std::max<int>(weight, 0); power >= 0; --power) whole += fmt::format("{:04}", group(power));
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  for (int power = -1; static_cast<int>(fraction.size()) < scale; --power) {
    fraction += fmt::format("{:04}", group(power));
  }
  fraction.resize(static_cast<std::size_t>(scale));
  text += whole;
  return fraction.empty() ? text : text + "." + fraction;
}

std::string TextOf(const WireBuffer& buffer) {
  return std::string(buffer.View());
}

Result<std::string> ReadArray(std::uint32_t element, WireReader& in) {
  const auto dimensions = in.Int<std::int32_t>();
  in.Int<std::int32_t>();
  const auto sent = in.Int<std::uint32_t>();
  if (dimensions == 0) return std::string("[]");
  if (dimensions != 1) return Fail(ErrorCode::kSqlUnsupported, "arrays of several dimensions are not supported");
  const auto count = in.Int<std::int32_t>();
  in.Int<std::int32_t>();
  if (count < 0 || static_cast<std::size_t>(count) > in.left() / sizeof(std::int32_t)) {
    return Fail(ErrorCode::kServeProtocol, "an array is shorter than it says");
  }
  std::string text = "[";
  for (std::int32_t i = 0; i < count; ++i) {
    if (i > 0) text += ", ";
    const auto length = in.Int<std::int32_t>();
    if (length < 0) {
      text += "NULL";
      continue;
    }
    SMELT_ASSIGN(const std::string value, ReadBinary(sent == 0 ? element : sent, in.Bytes(length)));
    text += ListElement(element, value);
  }
  return text + "]";
}

Result<std::string> ReadBits(WireReader& in) {
  const auto count = in.Int<std::int32_t>();
  constexpr std::size_t kBits = 8;
  if (count < 0 || (static_cast<std::size_t>(count) + kBits - 1) / kBits != in.left()) {
    return Fail(ErrorCode::kServeProtocol, "bits are not as many as their count says");
  }
  const std::string_view bytes = in.Bytes(in.left());
  std::string digits;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i / kBits]);
    digits += (byte >> (kBits - 1 - i % kBits) & 1U) != 0 ? '1' : '0';
  }
  return digits;
}

std::string UuidText(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
  }
  return text;
}

/// Values of time, which PostgreSQL counts from 2000.
std::string ReadTime(std::uint32_t number, WireReader& in) {
  WireBuffer out;
  if (number == oid::kDate) {
    const auto days = in.Int<std::int32_t>();
    const bool infinite = days == kInfiniteDate || days == kNegativeInfiniteDate;
    PutDate(infinite ? (days > 0 ? engine::kDateInfinity : -engine::kDateInfinity) : days + kDaysTo2000, out);
  } else if (number == oid::kTime) {
    PutTime(in.Int<std::int64_t>(), out);
  } else if (number == oid::kTimeTz) {
    PutTime(in.Int<std::int64_t>(), out);
    PutZoneOffset(-in.Int<std::int32_t>(), out);
  } else if (number == oid::kInterval) {
    const auto micros = in.Int<std::int64_t>();
    const auto days = in.Int<std::int32_t>();
    // Not as PostgreSQL writes it: of the engine's text, each part has its own sign.
    return fmt::format("{} months {} days {} microseconds", in.Int<std::int32_t>(), days, micros);
  } else {
    const auto micros = in.Int<std::int64_t>();
    const bool infinite = micros == kInfiniteTime || micros == kNegativeInfiniteTime;
    PutTimestamp(
        infinite ? (micros > 0 ? engine::kTimestampInfinity : -engine::kTimestampInfinity) : micros + kMicrosTo2000,
        out);
    if (number == oid::kTimestampTz && !infinite) out.Put("+00");
  }
  return EngineTimeText(TextOf(out));
}

}  // namespace

void PutBinaryInteger(std::int64_t value, int size, WireBuffer& out) {
  if (size == sizeof(std::int16_t)) return out.PutInt(static_cast<std::int16_t>(value));
  if (size == sizeof(std::int32_t)) return out.PutInt(static_cast<std::int32_t>(value));
  out.PutInt(value);
}

void PutNumeric(const Int128& value, int scale, bool is_unsigned, WireBuffer& out, int shown) {
  constexpr int kHalf = 64;
  Wide wide = static_cast<Wide>(static_cast<std::uint64_t>(value.upper)) << kHalf | value.lower;
  const bool negative = !is_unsigned && value.upper < 0;
  if (negative) wide = 0 - wide;
  // The groups of four digits end at the point: the lowest is filled with zeros.
  std::array<std::int16_t, 12> groups{};
  std::size_t at = groups.size();
  const int over = scale % kDigitsPerGroup;
  int lowest = -(scale / kDigitsPerGroup);
  if (over > 0) {
    const std::uint64_t base = PowerOfTen(over);
    groups[--at] =
        static_cast<std::int16_t>(static_cast<std::uint64_t>(wide % base) * PowerOfTen(kDigitsPerGroup - over));
    wide /= base;
    --lowest;
  }
  while (wide > ~std::uint64_t{0}) {
    groups[--at] = static_cast<std::int16_t>(wide % kGroupBase);
    wide /= kGroupBase;
  }
  for (auto rest = static_cast<std::uint64_t>(wide); rest > 0; rest /= kGroupBase) {
    groups[--at] = static_cast<std::int16_t>(rest % kGroupBase);
  }
  std::size_t end = groups.size();
  const int weight = lowest + static_cast<int>(end - at) - 1;
  int first = weight;
  while (at < end && groups[at] == 0) {
    ++at;
    --first;
  }
  while (at < end && groups[end - 1] == 0) --end;
  out.PutInt(static_cast<std::int16_t>(end - at));
  out.PutInt(static_cast<std::int16_t>(at == end ? 0 : first));
  out.PutInt(static_cast<std::uint16_t>(negative ? kNumericNegative : 0));
  out.PutInt(static_cast<std::int16_t>(shown < 0 ? scale : shown));
  for (; at < end; ++at) out.PutInt(groups[at]);
}

void PutBinaryUuid(const Int128& value, WireBuffer& out) {
  constexpr std::uint64_t kTop = std::uint64_t{1} << 63U;
  out.PutInt(static_cast<std::uint64_t>(value.upper) ^ kTop);
  out.PutInt(value.lower);
}

void PutBinaryDate(std::int32_t days, WireBuffer& out) {
  if (days == engine::kDateInfinity) return out.PutInt(kInfiniteDate);
  if (days == -engine::kDateInfinity) return out.PutInt(kNegativeInfiniteDate);
  out.PutInt(days - kDaysTo2000);
}

void PutBinaryTimestamp(std::int64_t micros, WireBuffer& out) {
  if (micros == engine::kTimestampInfinity) return out.PutInt(kInfiniteTime);
  if (micros == -engine::kTimestampInfinity) return out.PutInt(kNegativeInfiniteTime);
  out.PutInt(micros - kMicrosTo2000);
}

void PutBinaryBits(std::string_view digits, WireBuffer& out) {
  constexpr std::size_t kBits = 8;
  out.PutInt(static_cast<std::int32_t>(digits.size()));
  for (std::size_t i = 0; i < digits.size(); i += kBits) {
    unsigned byte = 0;
    for (std::size_t bit = 0; bit < kBits; ++bit) {
      byte = byte << 1U | (i + bit < digits.size() && digits[i + bit] == '1' ? 1U : 0U);
    }
    out.PutByte(static_cast<char>(byte));
  }
}

void PutBinaryText(std::uint32_t number, std::string_view text, WireBuffer& out) {
  if (number == oid::kOidVector) return PutVector(oid::kOid, text, out);
  if (number == oid::kInt2Vector) return PutVector(oid::kInt2, text, out);
  if (number == oid::kChar) return out.PutByte(text.empty() ? '\0' : text[0]);
  out.Put(text);
}

Result<std::string> ReadBinary(std::uint32_t number, std::string_view bytes) {
  WireReader in(bytes);
  std::string text;
  switch (number) {
    case oid::kBool: text = in.Byte() != 0 ? "true" : "false"; break;
    case oid::kInt2: text = std::to_string(in.Int<std::int16_t>()); break;
    case oid::kInt4: text = std::to_string(in.Int<std::int32_t>()); break;
    case oid::kOid:
    case oid::kXid:
    case oid::kCid: text = std::to_string(in.Int<std::uint32_t>()); break;
    case oid::kInt8: text = std::to_string(in.Int<std::int64_t>()); break;
    case oid::kFloat4: {
      WireBuffer out;
      PutFloat(std::bit_cast<float>(in.Int<std::int32_t>()), out);
      text = TextOf(out);
      break;
    }
    case oid::kFloat8: {
      WireBuffer out;
      PutDouble(std::bit_cast<double>(in.Int<std::int64_t>()), out);
      text = TextOf(out);
      break;
    }
    case oid::kNumeric: {
      SMELT_ASSIGN(text, ReadNumeric(in));
      break;
    }
    case oid::kDate:
    case oid::kTime:
    case oid::kTimeTz:
    case oid::kTimestamp:
    case oid::kTimestampTz:
    case oid::kInterval: text = ReadTime(number, in); break;
    case oid::kUuid: text = UuidText(in.Bytes(2 * sizeof(std::uint64_t))); break;
    case oid::kBit:
    case oid::kVarBit: {
      SMELT_ASSIGN(text, ReadBits(in));
      break;
    }
    case oid::kJsonb:
      if (in.Byte() != 1) return Fail(ErrorCode::kServeProtocol, "unsupported jsonb version number");
      text = in.Bytes(in.left());
      break;
    default:
      if (const std::uint32_t element = ElementOf(number); element != 0) {
        SMELT_ASSIGN(text, ReadArray(element, in));
      } else {
        text = in.Bytes(in.left());
      }
  }
  if (in.Whole()) return text;
  return Fail(ErrorCode::kServeProtocol, fmt::format("the bytes of a value are none of type {}", TypeName(number)));
}

}  // namespace smelt::serve::postgres
