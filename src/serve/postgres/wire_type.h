#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/typed_result.h"

namespace smelt::serve::postgres {

/// PostgreSQL's numbers of the types that the door writes and reads.
namespace oid {
inline constexpr std::uint32_t kUnspecified = 0, kBool = 16, kBytea = 17, kChar = 18, kName = 19, kInt8 = 20,
                               kInt2 = 21, kInt2Vector = 22, kInt4 = 23, kRegProc = 24, kText = 25, kOid = 26,
                               kXid = 28, kCid = 29, kOidVector = 30, kJson = 114, kNodeTree = 194, kFloat4 = 700,
                               kFloat8 = 701, kUnknown = 705, kInet = 869, kAclItem = 1033, kBpChar = 1042,
                               kVarChar = 1043, kDate = 1082, kTime = 1083, kTimestamp = 1114, kTimestampTz = 1184,
                               kInterval = 1186, kTimeTz = 1266, kBit = 1560, kVarBit = 1562, kNumeric = 1700,
                               kAnyArray = 2277, kRegProcedure = 2202, kRegOper = 2203, kRegOperator = 2204,
                               kRegClass = 2205, kRegType = 2206, kUuid = 2950, kLsn = 3220, kJsonb = 3802,
                               kRegNamespace = 4089, kRegRole = 4096, kRegCollation = 4191;
}  // namespace oid

/// A type as RowDescription tells it.
struct WireType {
  std::uint32_t oid = oid::kText;
  std::int16_t size = -1;      ///< bytes, -1 for types that vary
  std::int32_t modifier = -1;  ///< precision and scale of numerics
};

/// What NUMERIC without digits is for the engine, whose own has three behind the point.
inline constexpr std::string_view kPlainNumeric = "decimal(32,10)";
/// Whether a type is one of those whose values have as many digits behind the point as they need, as that one.
bool IsOpenDecimal(const engine::ValueType& type);

/// What a column's type is for a client. Types of the catalogue come under their names.
WireType WireTypeOf(const engine::ValueType& type);
/// A type of the catalogue's under its name, which the engine forgets on its way through unions and expressions: there,
/// unsigned integers are object identifiers.
engine::ValueType CatalogType(engine::ValueType type);
/// The number of the list's type for elements of a type; 0 where there is none.
std::uint32_t ArrayOf(std::uint32_t element);
/// The elements' type of a list's; 0 for others.
std::uint32_t ElementOf(std::uint32_t array);
/// As what a parameter of a type is given to the engine; nothing for types that the door does not know.
std::optional<engine::ValueType> ValueTypeOf(std::uint32_t oid);
/// "integer", as PostgreSQL's messages name it; nothing is "unknown".
std::string_view TypeName(std::uint32_t oid);
/// The number of a type by its name in SQL, in lower case; 0 for names that the door does not know.
std::uint32_t OidOfName(std::string_view name);
/// The name of a type for the engine's SQL, for casts of parameters; empty for those that need none.
std::string_view EngineTypeName(std::uint32_t oid);

}  // namespace smelt::serve::postgres
