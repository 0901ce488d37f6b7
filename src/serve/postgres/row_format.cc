#include "serve/postgres/row_format.h"

#include <string>
#include <utility>

#include "base/ascii.h"
#include "engine/open_numeric.h"
#include "serve/pg_catalog/function_names.h"
#include "serve/postgres/binary_value.h"
#include "serve/postgres/value_format.h"

namespace smelt::serve::postgres {
namespace {

using engine::Int128;
using engine::IntervalValue;
using engine::ListSlot;
using engine::TextSlot;
using engine::TypedColumn;
using engine::ValueKind;

constexpr int kInt16Digits = 4;
constexpr int kInt32Digits = 9;
constexpr int kInt64Digits = 18;

CellFormat FormatOf(const engine::ValueType& type, bool binary) {
  CellFormat cell{.type = type, .wire = WireTypeOf(type), .binary = binary};
  if (type.kind == ValueKind::kList) {
    cell.element = std::make_unique<CellFormat>(FormatOf(type.children[0].type, binary));
  }
  return cell;
}

/// The integers of up to 64 bits, whichever they are.
std::int64_t IntegerAt(ValueKind kind, const TypedColumn& values, std::size_t row) {
  switch (kind) {
    case ValueKind::kInt8: return values.Values<std::int8_t>()[row];
    case ValueKind::kInt16: return values.Values<std::int16_t>()[row];
    case ValueKind::kInt32: return values.Values<std::int32_t>()[row];
    case ValueKind::kUInt8: return values.Values<std::uint8_t>()[row];
    case ValueKind::kUInt16: return values.Values<std::uint16_t>()[row];
    case ValueKind::kUInt32: return values.Values<std::uint32_t>()[row];
    default: return values.Values<std::int64_t>()[row];
  }
}

/// The unscaled value of a decimal or of a wide integer.
Int128 WideAt(const engine::ValueType& type, const TypedColumn& values, std::size_t row) {
  auto widen = [](std::int64_t value) { return Int128{static_cast<std::uint64_t>(value), value < 0 ? -1 : 0}; };
  if (type.kind == ValueKind::kUInt64) return {values.Values<std::uint64_t>()[row], 0};
  if (type.kind != ValueKind::kDecimal) return values.Values<Int128>()[row];
  if (type.precision <= kInt16Digits) return widen(values.Values<std::int16_t>()[row]);
  if (type.precision <= kInt32Digits) return widen(values.Values<std::int32_t>()[row]);
  if (type.precision <= kInt64Digits) return widen(values.Values<std::int64_t>()[row]);
  return values.Values<Int128>()[row];
}

std::string_view EnumAt(const engine::ValueType& type, const TypedColumn& values, std::size_t row) {
  constexpr std::size_t kByteMax = 256;
  constexpr std::size_t kShortMax = 65'536;
  const std::size_t count = type.enum_values.size();
  std::size_t index = 0;
  if (count <= kByteMax) {
    index = values.Values<std::uint8_t>()[row];
  } else if (count <= kShortMax) {
    index = values.Values<std::uint16_t>()[row];
  } else {
    index = values.Values<std::uint32_t>()[row];
  }
  return index < count ? std::string_view(type.enum_values[index]) : std::string_view();
}

/// A timestamp of any unit in microseconds.
std::int64_t MicrosAt(ValueKind kind, const TypedColumn& values, std::size_t row) {
  const std::int64_t value = values.Values<std::int64_t>()[row];
  if (value == engine::kTimestampInfinity || value == -engine::kTimestampInfinity) return value;
  constexpr std::int64_t kThousand = 1'000;
  switch (kind) {
    case ValueKind::kTimestampS: return value * kThousand * kThousand;
    case ValueKind::kTimestampMs: return value * kThousand;
    case ValueKind::kTimestampNs: return value / kThousand - (value % kThousand < 0 ? 1 : 0);
    default: return value;
  }
}

std::string_view TextAt(const TypedColumn& values, std::size_t row) {
  return values.Values<TextSlot>()[row].View();
}

struct ZonedTime {
  std::int64_t micros;
  std::int32_t seconds_east;
};

ZonedTime ZonedTimeAt(const TypedColumn& values, std::size_t row) {
  constexpr int kOffsetBits = 24;
  constexpr std::int32_t kOffsetMax = 16 * 60 * 60 - 1;
  const std::uint64_t bits = values.Values<std::uint64_t>()[row];
  const auto offset = static_cast<std::int32_t>(bits & ((std::uint64_t{1} << kOffsetBits) - 1));
  return {static_cast<std::int64_t>(bits >> kOffsetBits), kOffsetMax - offset};
}

/// Lists of the catalogue's that are no arrays: their text is 1 2, and they begin at 0.
bool IsVector(const CellFormat& cell) {
  return cell.wire.oid == oid::kOidVector || cell.wire.oid == oid::kInt2Vector;
}

/// Whether an element must be quoted within {…}.
bool NeedsQuotes(std::string_view text) {
  constexpr std::string_view kSpecial = "{}\",\\ \t\n\r\v\f";
  if (text.empty() || text.find_first_of(kSpecial) != std::string_view::npos) return true;
  return EqualsIgnoringCase(text, "null");
}

void PutQuoted(std::string_view text, WireBuffer& out) {
  out.PutByte('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out.PutByte('\\');
    out.PutByte(c);
  }
  out.PutByte('"');
}

/// Numbers of functions are shown as their names.
void PutUnsigned(std::uint32_t wire_type, std::uint32_t value, WireBuffer& out) {
  if (wire_type == oid::kRegProc) return out.Put(pg_catalog::FunctionName(value));
  PutInteger(value, out);
}

}  // namespace

RowFormat::RowFormat(const std::vector<engine::TypedColumnInfo>& columns, const std::vector<std::int16_t>& formats,
                     TimeZone zone)
    : zone_(std::move(zone)) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::int16_t format = formats.empty() ? 0 : formats.size() == 1 ? formats[0] : formats[i];
    cells_.push_back(FormatOf(columns[i].type, format == 1));
  }
}

void RowFormat::PutRow(const engine::TypedBatch& batch, std::size_t row, WireBuffer& out) const {
  const std::size_t message = out.Begin('D');
  out.PutInt<std::int16_t>(static_cast<std::int16_t>(cells_.size()));
  for (std::size_t i = 0; i < cells_.size(); ++i) PutCell(i, batch.columns[i], row, out);
  out.End(message);
}

void RowFormat::PutCell(std::size_t column, const TypedColumn& values, std::size_t row, WireBuffer& out) const {
  if (values.IsNull(row)) return out.PutInt<std::int32_t>(-1);
  const std::size_t at = out.size();
  out.PutInt<std::int32_t>(0);
  const CellFormat& cell = cells_[column];
  if (cell.binary) {
    PutBinary(cell, values, row, out);
  } else {
    PutText(cell, values, row, out);
  }
  out.Patch(at, static_cast<std::int32_t>(out.size() - at - sizeof(std::int32_t)));
}

void RowFormat::PutText(const CellFormat& cell, const TypedColumn& values, std::size_t row, WireBuffer& out) const {
  const engine::ValueType& type = cell.type;
  switch (type.kind) {
    case ValueKind::kUnknown: return;
    case ValueKind::kBoolean: return out.PutByte(values.Values<std::uint8_t>()[row] != 0 ? 't' : 'f');
    case ValueKind::kInt8:
    case ValueKind::kInt16:
    case ValueKind::kInt32:
    case ValueKind::kInt64:
    case ValueKind::kUInt8:
    case ValueKind::kUInt16: return PutInteger(IntegerAt(type.kind, values, row), out);
    case ValueKind::kUInt32: return PutUnsigned(cell.wire.oid, values.Values<std::uint32_t>()[row], out);
    case ValueKind::kUInt64:
    case ValueKind::kInt128: return PutDecimal(WideAt(type, values, row), 0, out);
    case ValueKind::kUInt128: return PutDecimal(WideAt(type, values, row), 0, out, true);
    case ValueKind::kDecimal:
      if (IsOpenDecimal(type)) return PutOpenDecimal(values.Values<Int128>()[row], type.scale, out);
      if (type.precision > kInt64Digits) return PutDecimal(values.Values<Int128>()[row], type.scale, out);
      return PutDecimal64(static_cast<std::int64_t>(WideAt(type, values, row).lower), type.scale, out);
    case ValueKind::kFloat: return PutFloat(values.Values<float>()[row], out);
    case ValueKind::kDouble: return PutDouble(values.Values<double>()[row], out);
    case ValueKind::kText:
    case ValueKind::kJson:
    case ValueKind::kBit: return out.Put(TextAt(values, row));
    case ValueKind::kEnum: return out.Put(EnumAt(type, values, row));
    case ValueKind::kBlob: return PutHex(TextAt(values, row), out);
    case ValueKind::kUuid: return PutUuid(values.Values<Int128>()[row], out);
    case ValueKind::kDate: return PutDate(values.Values<std::int32_t>()[row], out);
    case ValueKind::kTime: return PutTime(values.Values<std::int64_t>()[row], out);
    case ValueKind::kTimeTz: {
      const ZonedTime time = ZonedTimeAt(values, row);
      PutTime(time.micros, out);
      return PutZoneOffset(time.seconds_east, out);
    }
    case ValueKind::kTimestampS:
    case ValueKind::kTimestampMs:
    case ValueKind::kTimestampNs:
    case ValueKind::kTimestamp: return PutTimestamp(MicrosAt(type.kind, values, row), out);
    case ValueKind::kTimestampTz: return PutTimestampTz(values.Values<std::int64_t>()[row], zone_, out);
    case ValueKind::kInterval: return PutInterval(values.Values<IntervalValue>()[row], out);
    case ValueKind::kList: return PutListText(cell, values, row, out);
    case ValueKind::kStruct:
    case ValueKind::kMap: return;  // never here: results are asked for with nested values as JSON
  }
}

void RowFormat::PutListText(const CellFormat& cell, const TypedColumn& values, std::size_t row, WireBuffer& out) const {
  const ListSlot slot = values.Values<ListSlot>()[row];
  const TypedColumn& elements = values.children()[0];
  WireBuffer text;
  if (IsVector(cell)) {
    for (std::uint64_t i = 0; i < slot.length; ++i) {
      if (i > 0) out.PutByte(' ');
      PutText(*cell.element, elements, slot.offset + i, out);
    }
    return;
  }
  out.PutByte('{');
  for (std::uint64_t i = 0; i < slot.length; ++i) {
    if (i > 0) out.PutByte(',');
    const std::size_t element = slot.offset + i;
    if (elements.IsNull(element)) {
      out.Put("NULL");
      continue;
    }
    text.Clear();
    PutText(*cell.element, elements, element, text);
    if (NeedsQuotes(text.View())) {
      PutQuoted(text.View(), out);
    } else {
      out.Put(text.View());
    }
  }
  out.PutByte('}');
}

void RowFormat::PutBinary(const CellFormat& cell, const TypedColumn& values, std::size_t row, WireBuffer& out) const {
  const engine::ValueType& type = cell.type;
  switch (type.kind) {
    case ValueKind::kBoolean: return out.PutByte(values.Values<std::uint8_t>()[row] != 0 ? '\1' : '\0');
    case ValueKind::kInt8:
    case ValueKind::kInt16:
    case ValueKind::kInt32:
    case ValueKind::kInt64:
    case ValueKind::kUInt8:
    case ValueKind::kUInt16:
    case ValueKind::kUInt32: return PutBinaryInteger(IntegerAt(type.kind, values, row), cell.wire.size, out);
    case ValueKind::kUInt64:
    case ValueKind::kInt128: return PutNumeric(WideAt(type, values, row), 0, false, out);
    case ValueKind::kUInt128: return PutNumeric(WideAt(type, values, row), 0, true, out);
    case ValueKind::kDecimal:
      if (IsOpenDecimal(type)) {
        const Int128& value = values.Values<Int128>()[row];
        return PutNumeric(value, type.scale, false, out, engine::ShownScale(value, type.scale));
      }
      return PutNumeric(WideAt(type, values, row), type.scale, false, out);
    case ValueKind::kFloat: return out.PutInt(std::bit_cast<std::int32_t>(values.Values<float>()[row]));
    case ValueKind::kDouble: return out.PutInt(std::bit_cast<std::int64_t>(values.Values<double>()[row]));
    case ValueKind::kText: return PutBinaryText(cell.wire.oid, TextAt(values, row), out);
    case ValueKind::kJson:
    case ValueKind::kBlob: return out.Put(TextAt(values, row));
    case ValueKind::kBit: return PutBinaryBits(TextAt(values, row), out);
    case ValueKind::kEnum: return out.Put(EnumAt(type, values, row));
    case ValueKind::kUuid: return PutBinaryUuid(values.Values<Int128>()[row], out);
    case ValueKind::kDate: return PutBinaryDate(values.Values<std::int32_t>()[row], out);
    case ValueKind::kTime: return out.PutInt(values.Values<std::int64_t>()[row]);
    case ValueKind::kTimeTz: {
      const ZonedTime time = ZonedTimeAt(values, row);
      out.PutInt(time.micros);
      return out.PutInt(-time.seconds_east);
    }
    case ValueKind::kTimestampS:
    case ValueKind::kTimestampMs:
    case ValueKind::kTimestampNs:
    case ValueKind::kTimestamp:
    case ValueKind::kTimestampTz: return PutBinaryTimestamp(MicrosAt(type.kind, values, row), out);
    case ValueKind::kInterval: {
      const IntervalValue& value = values.Values<IntervalValue>()[row];
      out.PutInt(value.micros);
      out.PutInt(value.days);
      return out.PutInt(value.months);
    }
    case ValueKind::kList: return PutListBinary(cell, values, row, out);
    case ValueKind::kUnknown:
    case ValueKind::kStruct:
    case ValueKind::kMap: return;
  }
}

void RowFormat::PutListBinary(const CellFormat& cell, const TypedColumn& values, std::size_t row,
                              WireBuffer& out) const {
  const ListSlot slot = values.Values<ListSlot>()[row];
  const TypedColumn& elements = values.children()[0];
  bool has_null = false;
  for (std::uint64_t i = 0; i < slot.length; ++i) has_null = has_null || elements.IsNull(slot.offset + i);
  const bool is_vector = IsVector(cell);
  out.PutInt<std::int32_t>(slot.length == 0 && !is_vector ? 0 : 1);
  out.PutInt<std::int32_t>(has_null ? 1 : 0);
  out.PutInt(cell.element->wire.oid);
  if (slot.length == 0 && !is_vector) return;
  out.PutInt(static_cast<std::int32_t>(slot.length));
  out.PutInt<std::int32_t>(is_vector ? 0 : 1);  // the first index
  for (std::uint64_t i = 0; i < slot.length; ++i) {
    const std::size_t element = slot.offset + i;
    if (elements.IsNull(element)) {
      out.PutInt<std::int32_t>(-1);
      continue;
    }
    const std::size_t at = out.size();
    out.PutInt<std::int32_t>(0);
    PutBinary(*cell.element, elements, element, out);
    out.Patch(at, static_cast<std::int32_t>(out.size() - at - sizeof(std::int32_t)));
  }
}

}  // namespace smelt::serve::postgres
