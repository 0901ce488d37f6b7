#pragma once

#include <cstdint>
#include <string_view>

#include "base/time_zone.h"
#include "engine/typed_result.h"
#include "serve/postgres/wire_buffer.h"

/// Values as PostgreSQL 15 writes them, as text. All append to a buffer.
namespace smelt::serve::postgres {

/// Days since 1970 to 0044-03-15 BC.
void PutDate(std::int32_t days, WireBuffer& out);
/// Microseconds since midnight: 10:00:00.5.
void PutTime(std::int64_t micros, WireBuffer& out);
/// +02 or -03:30, of seconds east of UTC.
void PutZoneOffset(std::int32_t seconds_east, WireBuffer& out);
/// Microseconds since 1970, without zone.
void PutTimestamp(std::int64_t micros, WireBuffer& out);
/// Microseconds since 1970 as the clocks of `zone` show it, with the distance.
void PutTimestampTz(std::int64_t micros, const TimeZone& zone, WireBuffer& out);
/// 1 year 2 mons -3 days +04:05:06.
void PutInterval(const engine::IntervalValue& value, WireBuffer& out);
/// The shortest text that reads back as the same.
void PutDouble(double value, WireBuffer& out);
void PutFloat(float value, WireBuffer& out);
void PutInteger(std::int64_t value, WireBuffer& out);
/// An integer of 128 bits with `scale` digits behind the point.
void PutDecimal(const engine::Int128& value, int scale, WireBuffer& out, bool is_unsigned = false);
/// The same with as many of those digits as engine::ShownScale says.
void PutOpenDecimal(const engine::Int128& value, int scale, WireBuffer& out);
void PutDecimal64(std::int64_t value, int scale, WireBuffer& out);
void PutUuid(const engine::Int128& value, WireBuffer& out);
/// \x0aff
void PutHex(std::string_view bytes, WireBuffer& out);

}  // namespace smelt::serve::postgres
