#include "engine/internal/result_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/common/types/uuid.hpp>

#include "engine/internal/error_bridge.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

static_assert(sizeof(TextSlot) == sizeof(duckdb::string_t));
static_assert(sizeof(Int128) == sizeof(duckdb::hugeint_t));
static_assert(sizeof(IntervalValue) == sizeof(duckdb::interval_t));
static_assert(sizeof(ListSlot) == sizeof(duckdb::list_entry_t));

ValueKind ValueKindOf(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::SQLNULL:
    case LogicalTypeId::UNKNOWN: return ValueKind::kUnknown;
    case LogicalTypeId::BOOLEAN: return ValueKind::kBoolean;
    case LogicalTypeId::TINYINT: return ValueKind::kInt8;
    case LogicalTypeId::SMALLINT: return ValueKind::kInt16;
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::INTEGER_LITERAL: return ValueKind::kInt32;
    case LogicalTypeId::BIGINT: return ValueKind::kInt64;
    case LogicalTypeId::HUGEINT: return ValueKind::kInt128;
    case LogicalTypeId::UTINYINT: return ValueKind::kUInt8;
    case LogicalTypeId::USMALLINT: return ValueKind::kUInt16;
    case LogicalTypeId::UINTEGER: return ValueKind::kUInt32;
    case LogicalTypeId::UBIGINT: return ValueKind::kUInt64;
    case LogicalTypeId::UHUGEINT: return ValueKind::kUInt128;
    case LogicalTypeId::FLOAT: return ValueKind::kFloat;
    case LogicalTypeId::DOUBLE: return ValueKind::kDouble;
    case LogicalTypeId::DECIMAL: return ValueKind::kDecimal;
    case LogicalTypeId::ENUM: return ValueKind::kEnum;
    case LogicalTypeId::BLOB: return ValueKind::kBlob;
    case LogicalTypeId::BIT: return ValueKind::kBit;
    case LogicalTypeId::UUID: return ValueKind::kUuid;
    case LogicalTypeId::DATE: return ValueKind::kDate;
    case LogicalTypeId::TIME: return ValueKind::kTime;
    case LogicalTypeId::TIME_TZ: return ValueKind::kTimeTz;
    case LogicalTypeId::TIMESTAMP_SEC: return ValueKind::kTimestampS;
    case LogicalTypeId::TIMESTAMP_MS: return ValueKind::kTimestampMs;
    case LogicalTypeId::TIMESTAMP: return ValueKind::kTimestamp;
    case LogicalTypeId::TIMESTAMP_NS: return ValueKind::kTimestampNs;
    case LogicalTypeId::TIMESTAMP_TZ: return ValueKind::kTimestampTz;
    case LogicalTypeId::INTERVAL: return ValueKind::kInterval;
    case LogicalTypeId::LIST: return ValueKind::kList;
    case LogicalTypeId::STRUCT: return ValueKind::kStruct;
    case LogicalTypeId::MAP: return ValueKind::kMap;
    default: return type.IsJSONType() ? ValueKind::kJson : ValueKind::kText;
  }
}

bool IsList(const LogicalType& type) {
  return type.id() == LogicalTypeId::LIST || type.id() == LogicalTypeId::ARRAY;
}

const LogicalType& ElementOf(const LogicalType& type) {
  return type.id() == LogicalTypeId::ARRAY ? duckdb::ArrayType::GetChildType(type)
                                           : duckdb::ListType::GetChildType(type);
}

bool IsDocument(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::STRUCT:
    case LogicalTypeId::MAP:
    case LogicalTypeId::UNION:
    case LogicalTypeId::VARIANT: return true;
    default: return false;
  }
}

/// Types whose cells only the engine can read.
bool IsTextOutside(const LogicalType& type) {
  if (type.id() == LogicalTypeId::BIT || type.id() == LogicalTypeId::UNION || type.id() == LogicalTypeId::VARIANT)
    return true;
  return ValueKindOf(type) == ValueKind::kText && type.id() != LogicalTypeId::VARCHAR;
}

LogicalType DecimalFor(const std::string& text) {
  const std::size_t point = text.find('.');
  if (text.find_first_of("eE") != std::string::npos) return LogicalType::DOUBLE;
  const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const std::size_t scale = point == std::string::npos ? 0 : text.size() - point - 1;
  constexpr std::ptrdiff_t kDigitsMax = 38;
  if (digits > kDigitsMax || digits == 0) return LogicalType::DOUBLE;  // also NaN and Infinity
  return LogicalType::DECIMAL(static_cast<std::uint8_t>(digits), static_cast<std::uint8_t>(scale));
}

LogicalType TypeOf(const ValueType& type, const std::string& text) {
  switch (type.kind) {
    case ValueKind::kBoolean: return LogicalType::BOOLEAN;
    case ValueKind::kInt8: return LogicalType::TINYINT;
    case ValueKind::kInt16: return LogicalType::SMALLINT;
    case ValueKind::kInt32: return LogicalType::INTEGER;
    case ValueKind::kInt64: return LogicalType::BIGINT;
    case ValueKind::kInt128: return LogicalType::HUGEINT;
    case ValueKind::kUInt8: return LogicalType::UTINYINT;
    case ValueKind::kUInt16: return LogicalType::USMALLINT;
    case ValueKind::kUInt32: return LogicalType::UINTEGER;
    case ValueKind::kUInt64: return LogicalType::UBIGINT;
    case ValueKind::kUInt128: return LogicalType::UHUGEINT;
    case ValueKind::kFloat: return LogicalType::FLOAT;
    case ValueKind::kDouble: return LogicalType::DOUBLE;
    case ValueKind::kDecimal:
      if (type.precision == 0) return DecimalFor(text);
      return LogicalType::DECIMAL(static_cast<std::uint8_t>(type.precision), static_cast<std::uint8_t>(type.scale));
    case ValueKind::kJson: return LogicalType::JSON();
    case ValueKind::kBlob: return LogicalType::BLOB;
    case ValueKind::kBit: return LogicalType::BIT;
    case ValueKind::kUuid: return LogicalType::UUID;
    case ValueKind::kDate: return LogicalType::DATE;
    case ValueKind::kTime: return LogicalType::TIME;
    case ValueKind::kTimeTz: return LogicalType::TIME_TZ;
    case ValueKind::kTimestampS: return LogicalType::TIMESTAMP_S;
    case ValueKind::kTimestampMs: return LogicalType::TIMESTAMP_MS;
    case ValueKind::kTimestamp: return LogicalType::TIMESTAMP;
    case ValueKind::kTimestampNs: return LogicalType::TIMESTAMP_NS;
    case ValueKind::kTimestampTz: return LogicalType::TIMESTAMP_TZ;
    case ValueKind::kInterval: return LogicalType::INTERVAL;
    case ValueKind::kList: {
      ValueType element = type.children.empty() ? ValueType{.kind = ValueKind::kText} : type.children[0].type;
      constexpr int kElementPrecision = 38;
      constexpr int kElementScale = 10;
      if (element.kind == ValueKind::kDecimal && element.precision == 0) {
        element.precision = kElementPrecision;
        element.scale = kElementScale;
      }
      return LogicalType::LIST(TypeOf(element, text));
    }
    default: return LogicalType::VARCHAR;
  }
}

}  // namespace

LogicalType PresentedType(const LogicalType& type, const TypedOptions& options) {
  if (options.nested_as_json && IsDocument(type)) return LogicalType::JSON();
  if (IsList(type)) {
    const LogicalType& element = ElementOf(type);
    if (options.nested_as_json && IsList(element)) return LogicalType::JSON();
    return LogicalType::LIST(PresentedType(element, options));
  }
  if (IsTextOutside(type)) return LogicalType::VARCHAR;
  if (type.id() == LogicalTypeId::MAP) {
    return LogicalType::MAP(PresentedType(duckdb::MapType::KeyType(type), options),
                            PresentedType(duckdb::MapType::ValueType(type), options));
  }
  if (type.id() == LogicalTypeId::STRUCT) {
    duckdb::child_list_t<LogicalType> fields;
    for (const auto& [name, field] : duckdb::StructType::GetChildTypes(type)) {
      fields.emplace_back(name, PresentedType(field, options));
    }
    return LogicalType::STRUCT(std::move(fields));
  }
  return type;
}

ValueType Describe(const LogicalType& type, const LogicalType& original) {
  ValueType value{.kind = ValueKindOf(type), .sql_name = original.ToString()};
  if (original.id() == LogicalTypeId::BIT) value.kind = ValueKind::kBit;
  if (type.id() == LogicalTypeId::DECIMAL) {
    value.precision = duckdb::DecimalType::GetWidth(type);
    value.scale = duckdb::DecimalType::GetScale(type);
  } else if (type.id() == LogicalTypeId::ENUM) {
    for (duckdb::idx_t i = 0; i < duckdb::EnumType::GetSize(type); ++i) {
      value.enum_values.push_back(duckdb::EnumType::GetString(type, i).GetString());
    }
  } else if (type.id() == LogicalTypeId::LIST) {
    const LogicalType& element = duckdb::ListType::GetChildType(type);
    value.children.push_back({"element", Describe(element, IsList(original) ? ElementOf(original) : element)});
  } else if (type.id() == LogicalTypeId::MAP) {
    const LogicalType& entry = duckdb::ListType::GetChildType(type);
    value.children.push_back({"entries", Describe(entry, entry)});
  } else if (type.id() == LogicalTypeId::STRUCT) {
    const auto& fields = duckdb::StructType::GetChildTypes(type);
    const bool same = original.id() == LogicalTypeId::STRUCT;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const LogicalType& was = same ? duckdb::StructType::GetChildTypes(original)[i].second : fields[i].second;
      value.children.push_back({fields[i].first, Describe(fields[i].second, was)});
    }
  }
  return value;
}

Result<duckdb::Value> ToDuckDb(const ParameterValue& value) {
  try {
    const std::string empty;
    const LogicalType type = TypeOf(value.type, value.text ? *value.text : empty);
    if (!value.text) return value.type.kind == ValueKind::kUnknown ? duckdb::Value() : duckdb::Value(type);
    if (value.type.kind == ValueKind::kBlob) {
      return duckdb::Value::BLOB(duckdb::const_data_ptr_cast(value.text->data()), value.text->size());
    }
    duckdb::Value text(*value.text);
    return type.id() == LogicalTypeId::VARCHAR ? text : text.DefaultCastAs(type);
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

TypedColumn View(duckdb::Vector& vector, std::size_t rows) {
  const auto& validity = duckdb::FlatVector::Validity(vector);
  const std::uint64_t* words = validity.AllValid() ? nullptr : validity.GetData();
  std::vector<TypedColumn> children;
  switch (vector.GetType().InternalType()) {
    case duckdb::PhysicalType::LIST: {
      auto& child = duckdb::ListVector::GetEntry(vector);
      const duckdb::idx_t length = duckdb::ListVector::GetListSize(vector);
      child.Flatten(length);
      children.push_back(View(child, length));
      break;
    }
    case duckdb::PhysicalType::STRUCT:
      for (auto& field : duckdb::StructVector::GetEntries(vector)) {
        field->Flatten(rows);
        children.push_back(View(*field, rows));
      }
      return {nullptr, words, rows, std::move(children)};
    default: break;
  }
  return {duckdb::FlatVector::GetData(vector), words, rows, std::move(children)};
}

}  // namespace smelt::engine
