#include "engine/internal/type_mapping.h"

#include <fmt/format.h>

#include <cstdio>
#include <unordered_map>

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

Result<LogicalType> PrimitiveToSql(const std::string& name) {
  static const std::unordered_map<std::string, LogicalType> kTypes = {
      {"string", LogicalType::VARCHAR},
      {"long", LogicalType::BIGINT},
      {"integer", LogicalType::INTEGER},
      {"short", LogicalType::SMALLINT},
      {"byte", LogicalType::TINYINT},
      {"float", LogicalType::FLOAT},
      {"double", LogicalType::DOUBLE},
      {"boolean", LogicalType::BOOLEAN},
      {"binary", LogicalType::BLOB},
      {"date", LogicalType::DATE},
      {"timestamp", LogicalType::TIMESTAMP_TZ},
      {"timestamp_ntz", LogicalType::TIMESTAMP},
      {"variant", LogicalType::VARIANT()},
  };
  if (auto found = kTypes.find(name); found != kTypes.end()) return found->second;
  int precision = 0, scale = 0;
  if (std::sscanf(name.c_str(), "decimal(%d,%d)", &precision, &scale) == 2 && precision >= 1 && precision <= 38 &&
      scale >= 0 && scale <= precision) {
    return LogicalType::DECIMAL(static_cast<std::uint8_t>(precision), static_cast<std::uint8_t>(scale));
  }
  if (name == "decimal") return LogicalType::DECIMAL(10, 0);
  return Fail(ErrorCode::kDeltaUnsupported, fmt::format("the column type '{}' is not supported", name));
}

delta::DataType Primitive(std::string name) {
  delta::DataType type;
  type.primitive = std::move(name);
  return type;
}

Result<delta::DataType> StructToDelta(const LogicalType& type) {
  delta::DataType result;
  result.kind = delta::DataType::Kind::kStruct;
  for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
    delta::Field field;
    field.name = name;
    SMELT_ASSIGN(field.type, ToDeltaType(child));
    result.fields.push_back(std::move(field));
  }
  return result;
}

}  // namespace

Result<LogicalType> ToSqlType(const delta::DataType& type) {
  switch (type.kind) {
    case delta::DataType::Kind::kPrimitive: return PrimitiveToSql(type.primitive);
    case delta::DataType::Kind::kArray: {
      SMELT_ASSIGN(auto element, ToSqlType(*type.element));
      return LogicalType::LIST(element);
    }
    case delta::DataType::Kind::kMap: {
      SMELT_ASSIGN(auto key, ToSqlType(*type.key));
      SMELT_ASSIGN(auto value, ToSqlType(*type.element));
      return LogicalType::MAP(key, value);
    }
    case delta::DataType::Kind::kStruct: {
      duckdb::child_list_t<LogicalType> children;
      for (const delta::Field& field : type.fields) {
        SMELT_ASSIGN(auto child, ToSqlType(field.type));
        children.emplace_back(field.name, child);
      }
      return LogicalType::STRUCT(std::move(children));
    }
  }
  return Fail(ErrorCode::kInternal, "unknown kind of Delta type");
}

Result<delta::DataType> ToDeltaType(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::ENUM:
    case LogicalTypeId::UUID: return Primitive("string");
    case LogicalTypeId::SQLNULL: return Primitive("integer");
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UINTEGER: return Primitive("long");
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::USMALLINT: return Primitive("integer");
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::UTINYINT: return Primitive("short");
    case LogicalTypeId::TINYINT: return Primitive("byte");
    case LogicalTypeId::UBIGINT: return Primitive("decimal(20,0)");
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::UHUGEINT: return Primitive("decimal(38,0)");
    case LogicalTypeId::FLOAT: return Primitive("float");
    case LogicalTypeId::DOUBLE: return Primitive("double");
    case LogicalTypeId::BOOLEAN: return Primitive("boolean");
    case LogicalTypeId::BLOB: return Primitive("binary");
    case LogicalTypeId::DATE: return Primitive("date");
    case LogicalTypeId::TIMESTAMP_TZ: return Primitive("timestamp");
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS: return Primitive("timestamp_ntz");
    case LogicalTypeId::DECIMAL:
      return Primitive(
          fmt::format("decimal({},{})", duckdb::DecimalType::GetWidth(type), duckdb::DecimalType::GetScale(type)));
    case LogicalTypeId::VARIANT: return Primitive("variant");
    case LogicalTypeId::STRUCT: return StructToDelta(type);
    case LogicalTypeId::LIST:
    case LogicalTypeId::ARRAY: {
      const LogicalType& child = type.id() == LogicalTypeId::LIST ? duckdb::ListType::GetChildType(type)
                                                                  : duckdb::ArrayType::GetChildType(type);
      delta::DataType result;
      result.kind = delta::DataType::Kind::kArray;
      SMELT_ASSIGN(auto element, ToDeltaType(child));
      result.element = std::make_shared<delta::DataType>(std::move(element));
      return result;
    }
    case LogicalTypeId::MAP: {
      delta::DataType result;
      result.kind = delta::DataType::Kind::kMap;
      SMELT_ASSIGN(auto key, ToDeltaType(duckdb::MapType::KeyType(type)));
      SMELT_ASSIGN(auto value, ToDeltaType(duckdb::MapType::ValueType(type)));
      result.key = std::make_shared<delta::DataType>(std::move(key));
      result.element = std::make_shared<delta::DataType>(std::move(value));
      return result;
    }
    default:
      return std::unexpected(
          Error(ErrorCode::kSqlUnsupported, fmt::format("Delta tables cannot store the type {}", type.ToString()))
              .Hint("cast the column, for instance to VARCHAR, BIGINT or TIMESTAMP"));
  }
}

}  // namespace smelt::engine
