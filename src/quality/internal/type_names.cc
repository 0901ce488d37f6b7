#include "quality/internal/type_names.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"

namespace smelt::quality {
namespace {

using engine::TypeKind;

/// A name of the world outside, in lower case, and the SQL type it means; an empty SQL type stands for the whole kind.
struct TypeName {
  std::string_view name;
  TypeKind kind;
  std::string_view sql_type = {};
};

constexpr auto kTypeNames = std::to_array<TypeName>({
    {"str", TypeKind::kText},
    {"string", TypeKind::kText},
    {"string_", TypeKind::kText},
    {"object", TypeKind::kText},
    {"text", TypeKind::kText},
    {"char", TypeKind::kText},
    {"varchar", TypeKind::kText},
    {"nvarchar", TypeKind::kText},
    {"stringtype", TypeKind::kText},
    {"unicode", TypeKind::kText},
    {"int", TypeKind::kInteger},
    {"integer", TypeKind::kInteger},
    {"int_", TypeKind::kInteger},
    {"tinyint", TypeKind::kInteger, "TINYINT"},
    {"int8", TypeKind::kInteger, "TINYINT"},
    {"bytetype", TypeKind::kInteger, "TINYINT"},
    {"smallint", TypeKind::kInteger, "SMALLINT"},
    {"int16", TypeKind::kInteger, "SMALLINT"},
    {"shorttype", TypeKind::kInteger, "SMALLINT"},
    {"int4", TypeKind::kInteger, "INTEGER"},
    {"int32", TypeKind::kInteger, "INTEGER"},
    {"integertype", TypeKind::kInteger, "INTEGER"},
    {"bigint", TypeKind::kInteger, "BIGINT"},
    {"int64", TypeKind::kInteger, "BIGINT"},
    {"long", TypeKind::kInteger, "BIGINT"},
    {"longtype", TypeKind::kInteger, "BIGINT"},
    {"decimal", TypeKind::kDecimal},
    {"numeric", TypeKind::kDecimal},
    {"decimaltype", TypeKind::kDecimal},
    {"float", TypeKind::kFloat},
    {"float_", TypeKind::kFloat},
    {"real", TypeKind::kFloat, "FLOAT"},
    {"float4", TypeKind::kFloat, "FLOAT"},
    {"float32", TypeKind::kFloat, "FLOAT"},
    {"floattype", TypeKind::kFloat, "FLOAT"},
    {"double", TypeKind::kFloat, "DOUBLE"},
    {"double_precision", TypeKind::kFloat, "DOUBLE"},
    {"double precision", TypeKind::kFloat, "DOUBLE"},
    {"float8", TypeKind::kFloat, "DOUBLE"},
    {"float64", TypeKind::kFloat, "DOUBLE"},
    {"doubletype", TypeKind::kFloat, "DOUBLE"},
    {"bool", TypeKind::kBoolean},
    {"boolean", TypeKind::kBoolean},
    {"bool_", TypeKind::kBoolean},
    {"booleantype", TypeKind::kBoolean},
    {"date", TypeKind::kDate},
    {"datetype", TypeKind::kDate},
    {"time", TypeKind::kTime},
    {"datetime", TypeKind::kTimestamp},
    {"timestamp", TypeKind::kTimestamp},
    {"timestamptype", TypeKind::kTimestamp},
    {"datetime64", TypeKind::kTimestamp},
    {"datetime64[ns]", TypeKind::kTimestamp},
    {"datetime64[us]", TypeKind::kTimestamp},
    {"datetime64[ms]", TypeKind::kTimestamp},
    {"datetime64[s]", TypeKind::kTimestamp},
    {"timestamp_ntz", TypeKind::kTimestamp, "TIMESTAMP"},
    {"timestampntztype", TypeKind::kTimestamp, "TIMESTAMP"},
    {"timestamptz", TypeKind::kTimestamp, "TIMESTAMP WITH TIME ZONE"},
    {"timestamp with time zone", TypeKind::kTimestamp, "TIMESTAMP WITH TIME ZONE"},
    {"bytes", TypeKind::kBinary},
    {"blob", TypeKind::kBinary},
    {"bytea", TypeKind::kBinary},
    {"binary", TypeKind::kBinary},
    {"varbinary", TypeKind::kBinary},
    {"binarytype", TypeKind::kBinary},
    {"interval", TypeKind::kInterval},
    {"list", TypeKind::kNested},
    {"dict", TypeKind::kNested},
    {"struct", TypeKind::kNested},
    {"map", TypeKind::kNested},
    {"arraytype", TypeKind::kNested},
    {"structtype", TypeKind::kNested},
    {"maptype", TypeKind::kNested},
});

std::string LowerWithoutSpace(std::string_view text) {
  std::string lower = LowerAscii(text);
  std::erase(lower, ' ');
  return lower;
}

}  // namespace

bool HasType(const Column& column, std::string_view type_name) {
  const std::string wanted = LowerWithoutSpace(type_name);
  const auto known =
      std::ranges::find_if(kTypeNames, [&](const TypeName& type) { return LowerWithoutSpace(type.name) == wanted; });
  if (known == kTypeNames.end()) return LowerWithoutSpace(column.type) == wanted;
  if (!known->sql_type.empty()) return column.type == known->sql_type;
  return column.kind == known->kind;
}

}  // namespace smelt::quality
