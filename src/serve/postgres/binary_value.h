#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/statement.h"
#include "serve/postgres/wire_buffer.h"

/// The binary format of single values, out and in.
namespace smelt::serve::postgres {

/// An integer of 2, 4 or 8 bytes.
void PutBinaryInteger(std::int64_t value, int size, WireBuffer& out);
/// A number with `scale` digits behind the point, in digits of base 10,000.
/// `shown`: how many of them it says that it has; the others are zeros.
void PutNumeric(const engine::Int128& value, int scale, bool is_unsigned, WireBuffer& out, int shown = -1);
void PutBinaryUuid(const engine::Int128& value, WireBuffer& out);
/// Days since 1970 as days since 2000; infinities are told.
void PutBinaryDate(std::int32_t days, WireBuffer& out);
/// Microseconds since 1970 as those since 2000.
void PutBinaryTimestamp(std::int64_t micros, WireBuffer& out);
/// Digits 0 and 1 as their count and bits.
void PutBinaryBits(std::string_view digits, WireBuffer& out);
/// A text whose type is of the catalogue: numbers of vectors, single characters; others as they are.
void PutBinaryText(std::uint32_t oid, std::string_view text, WireBuffer& out);

/// Reads a value of a type in binary format to the text that the engine reads; of bytea, the bytes.
/// Errors: kServeProtocol when the bytes are none of the type.
Result<std::string> ReadBinary(std::uint32_t oid, std::string_view bytes);

}  // namespace smelt::serve::postgres
