#include "serve/postgres/wire_type.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/open_numeric.h"

namespace smelt::serve::postgres {
namespace {

using engine::ValueKind;

struct KnownType {
  std::uint32_t oid;
  std::uint32_t array;
  std::int16_t size;
  ValueKind kind;          ///< as what a parameter is given to the engine
  std::string_view name;   ///< in messages
  std::string_view alias;  ///< under which results of the catalogue have it; empty for types that only have a kind
  std::string_view engine_name;  ///< in the engine's SQL
};

constexpr std::array kTypes = {
    KnownType{oid::kBool, 1000, 1, ValueKind::kBoolean, "boolean", "", "BOOLEAN"},
    KnownType{oid::kBytea, 1001, -1, ValueKind::kBlob, "bytea", "", "BLOB"},
    KnownType{oid::kChar, 1002, 1, ValueKind::kText, "\"char\"", "pg_char", ""},
    KnownType{oid::kName, 1003, 64, ValueKind::kText, "name", "name", ""},
    KnownType{oid::kInt8, 1016, 8, ValueKind::kInt64, "bigint", "", "BIGINT"},
    KnownType{oid::kInt2, 1005, 2, ValueKind::kInt16, "smallint", "", "SMALLINT"},
    KnownType{oid::kInt2Vector, 1006, -1, ValueKind::kText, "int2vector", "", ""},
    KnownType{oid::kInt4, 1007, 4, ValueKind::kInt32, "integer", "", "INTEGER"},
    KnownType{oid::kRegProc, 1008, 4, ValueKind::kText, "regproc", "regproc", ""},
    KnownType{oid::kText, 1009, -1, ValueKind::kText, "text", "text", "VARCHAR"},
    KnownType{oid::kOid, 1028, 4, ValueKind::kInt64, "oid", "pg_oid", "BIGINT"},
    KnownType{oid::kXid, 1011, 4, ValueKind::kInt64, "xid", "xid", "BIGINT"},
    KnownType{oid::kCid, 1012, 4, ValueKind::kInt64, "cid", "cid", "BIGINT"},
    KnownType{oid::kOidVector, 1013, -1, ValueKind::kText, "oidvector", "", ""},
    KnownType{oid::kJson, 199, -1, ValueKind::kJson, "json", "", "JSON"},
    KnownType{oid::kNodeTree, 0, -1, ValueKind::kText, "pg_node_tree", "pg_node_tree", ""},
    KnownType{oid::kFloat4, 1021, 4, ValueKind::kFloat, "real", "", "FLOAT"},
    KnownType{oid::kFloat8, 1022, 8, ValueKind::kDouble, "double precision", "", "DOUBLE"},
    KnownType{oid::kInet, 1041, -1, ValueKind::kText, "inet", "inet", ""},
    KnownType{oid::kAclItem, 1034, 12, ValueKind::kText, "aclitem", "aclitem", ""},
    KnownType{oid::kBpChar, 1014, -1, ValueKind::kText, "character", "bpchar", "VARCHAR"},
    KnownType{oid::kVarChar, 1015, -1, ValueKind::kText, "character varying", "pg_varchar", "VARCHAR"},
    KnownType{oid::kDate, 1182, 4, ValueKind::kDate, "date", "", "DATE"},
    KnownType{oid::kTime, 1183, 8, ValueKind::kTime, "time without time zone", "", "TIME"},
    KnownType{oid::kTimestamp, 1115, 8, ValueKind::kTimestamp, "timestamp without time zone", "", "TIMESTAMP"},
    KnownType{oid::kTimestampTz, 1185, 8, ValueKind::kTimestampTz, "timestamp with time zone", "", "TIMESTAMPTZ"},
    KnownType{oid::kInterval, 1187, 16, ValueKind::kInterval, "interval", "", "INTERVAL"},
    KnownType{oid::kTimeTz, 1270, 12, ValueKind::kTimeTz, "time with time zone", "", "TIMETZ"},
    KnownType{oid::kBit, 1561, -1, ValueKind::kBit, "bit", "", "BIT"},
    KnownType{oid::kVarBit, 1563, -1, ValueKind::kBit, "bit varying", "", "BIT"},
    KnownType{oid::kNumeric, 1231, -1, ValueKind::kDecimal, "numeric", "", "DECIMAL(18,3)"},
    KnownType{oid::kRegProcedure, 2207, 4, ValueKind::kText, "regprocedure", "regprocedure", ""},
    KnownType{oid::kRegOper, 2208, 4, ValueKind::kText, "regoper", "regoper", ""},
    KnownType{oid::kRegOperator, 2209, 4, ValueKind::kText, "regoperator", "regoperator", ""},
    KnownType{oid::kRegCollation, 4192, 4, ValueKind::kText, "regcollation", "regcollation", ""},
    KnownType{oid::kLsn, 3221, 8, ValueKind::kText, "pg_lsn", "pg_lsn", ""},
    KnownType{oid::kRegClass, 2210, 4, ValueKind::kText, "regclass", "regclass", ""},
    KnownType{oid::kRegType, 2211, 4, ValueKind::kText, "regtype", "regtype", ""},
    KnownType{oid::kUuid, 2951, 16, ValueKind::kUuid, "uuid", "", "UUID"},
    KnownType{oid::kJsonb, 3807, -1, ValueKind::kJson, "jsonb", "", "JSON"},
    KnownType{oid::kRegNamespace, 4090, 4, ValueKind::kText, "regnamespace", "regnamespace", ""},
    KnownType{oid::kRegRole, 4097, 4, ValueKind::kText, "regrole", "regrole", ""},
    KnownType{oid::kAnyArray, 0, -1, ValueKind::kText, "anyarray", "anyarray", ""},
    KnownType{oid::kUnknown, 0, -2, ValueKind::kUnknown, "unknown", "", ""},
};

const KnownType* Find(std::uint32_t number) {
  for (const KnownType& type : kTypes) {
    if (type.oid == number) return &type;
  }
  return nullptr;
}

std::string_view Unquoted(std::string_view name) {
  return name.size() > 2 && name.front() == '"' && name.back() == '"' ? name.substr(1, name.size() - 2) : name;
}

/// The elements' types of vectors, which are lists in the catalogue, and what the vectors are.
constexpr std::string_view kOidItem = "oidvector_item";
constexpr std::string_view kInt2Item = "int2vector_item";

std::uint32_t ListOid(const engine::ValueType& element);

std::uint32_t OidOf(const engine::ValueType& type) {
  const std::string_view name = Unquoted(type.sql_name);
  if (name == kOidItem) return oid::kOid;
  for (const KnownType& known : kTypes) {
    if (!known.alias.empty() && known.alias == name) return known.oid;
  }
  switch (type.kind) {
    case ValueKind::kBoolean: return oid::kBool;
    case ValueKind::kInt8:
    case ValueKind::kUInt8:
    case ValueKind::kInt16: return oid::kInt2;
    case ValueKind::kUInt16:
    case ValueKind::kInt32: return oid::kInt4;
    case ValueKind::kUInt32:
    case ValueKind::kInt64: return oid::kInt8;
    case ValueKind::kUInt64:
    case ValueKind::kInt128:
    case ValueKind::kUInt128:
    case ValueKind::kDecimal: return oid::kNumeric;
    case ValueKind::kFloat: return oid::kFloat4;
    case ValueKind::kDouble: return oid::kFloat8;
    case ValueKind::kJson: return oid::kJson;
    case ValueKind::kBlob: return oid::kBytea;
    case ValueKind::kBit: return oid::kVarBit;
    case ValueKind::kUuid: return oid::kUuid;
    case ValueKind::kDate: return oid::kDate;
    case ValueKind::kTime: return oid::kTime;
    case ValueKind::kTimeTz: return oid::kTimeTz;
    case ValueKind::kTimestampS:
    case ValueKind::kTimestampMs:
    case ValueKind::kTimestampNs:
    case ValueKind::kTimestamp: return oid::kTimestamp;
    case ValueKind::kTimestampTz: return oid::kTimestampTz;
    case ValueKind::kInterval: return oid::kInterval;
    case ValueKind::kList: return ListOid(type.children[0].type);
    case ValueKind::kStruct:
    case ValueKind::kMap: return oid::kJson;
    default: return oid::kText;
  }
}

std::uint32_t ListOid(const engine::ValueType& element) {
  const std::string_view name = Unquoted(element.sql_name);
  if (name == kOidItem) return oid::kOidVector;
  if (name == kInt2Item) return oid::kInt2Vector;
  return ArrayOf(OidOf(element));
}

}  // namespace

bool IsOpenDecimal(const engine::ValueType& type) {
  return type.kind == ValueKind::kDecimal && engine::IsOpenNumeric(type.precision, type.scale);
}

WireType WireTypeOf(const engine::ValueType& type) {
  WireType wire{.oid = OidOf(type)};
  if (const KnownType* known = Find(wire.oid)) wire.size = known->size;
  const engine::ValueType& element = type.kind == ValueKind::kList ? type.children[0].type : type;
  if (element.kind == ValueKind::kDecimal && !IsOpenDecimal(element)) {
    constexpr int kPrecisionShift = 16;
    constexpr int kHeader = 4;
    wire.modifier = (element.precision << kPrecisionShift | element.scale) + kHeader;
  }
  return wire;
}

engine::ValueType CatalogType(engine::ValueType type) {
  if (Unquoted(type.sql_name) == "regproc_oid") type.sql_name = "regproc";
  const bool named = std::ranges::any_of(
      kTypes, [&](const KnownType& known) { return !known.alias.empty() && known.alias == Unquoted(type.sql_name); });
  if (named) return type;
  if (type.kind == ValueKind::kUInt32 && Unquoted(type.sql_name) != kOidItem) type.sql_name = "pg_oid";
  if (type.kind == ValueKind::kList) type.children[0].type = CatalogType(std::move(type.children[0].type));
  return type;
}

std::uint32_t ArrayOf(std::uint32_t element) {
  const KnownType* known = Find(element);
  return known == nullptr ? 0 : known->array;
}

std::uint32_t ElementOf(std::uint32_t array) {
  if (array == 0) return 0;
  for (const KnownType& type : kTypes) {
    if (type.array == array) return type.oid;
  }
  return 0;
}

std::optional<engine::ValueType> ValueTypeOf(std::uint32_t number) {
  if (number == oid::kUnspecified) return engine::ValueType{};
  if (const KnownType* known = Find(number)) return engine::ValueType{.kind = known->kind};
  const KnownType* element = Find(ElementOf(number));
  if (element == nullptr) return std::nullopt;
  return engine::ValueType{.kind = ValueKind::kList, .children = {{"element", {.kind = element->kind}}}};
}

std::string_view TypeName(std::uint32_t number) {
  const KnownType* known = Find(number);
  return known == nullptr ? "unknown" : known->name;
}

std::uint32_t OidOfName(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::uint32_t>, 12> kShort = {{{"int", oid::kInt4},
                                                                                  {"int2", oid::kInt2},
                                                                                  {"int4", oid::kInt4},
                                                                                  {"int8", oid::kInt8},
                                                                                  {"float4", oid::kFloat4},
                                                                                  {"float8", oid::kFloat8},
                                                                                  {"bool", oid::kBool},
                                                                                  {"decimal", oid::kNumeric},
                                                                                  {"varchar", oid::kVarChar},
                                                                                  {"timestamp", oid::kTimestamp},
                                                                                  {"timestamptz", oid::kTimestampTz},
                                                                                  {"time", oid::kTime}}};
  for (const auto& [known, number] : kShort) {
    if (known == name) return number;
  }
  const auto* const found = std::ranges::find(kTypes, name, &KnownType::name);
  return found == kTypes.end() ? 0 : found->oid;
}

std::string_view EngineTypeName(std::uint32_t number) {
  const KnownType* known = Find(number);
  return known == nullptr ? "" : known->engine_name;
}

}  // namespace smelt::serve::postgres
