#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

/// Schemas: "Schema Serialization Format" of the protocol.
namespace smelt::delta {

struct Field;

/// A Delta type: a primitive by its name ("long", "decimal(10,2)", "timestamp_ntz" …), or a struct, array or map.
struct DataType {
  enum class Kind { kPrimitive, kStruct, kArray, kMap };
  Kind kind = Kind::kPrimitive;
  std::string primitive;                    ///< for kPrimitive
  std::vector<Field> fields;                ///< for kStruct
  std::shared_ptr<const DataType> element;  ///< for kArray; the value of a kMap
  std::shared_ptr<const DataType> key;      ///< for kMap
  bool contains_null = true;                ///< array elements or map values

  bool is_primitive(std::string_view name) const { return kind == Kind::kPrimitive && primitive == name; }
  /// Whether this is that primitive type, or has it at any level within.
  bool Uses(std::string_view name) const;
};

struct Field {
  std::string name;
  DataType type;
  bool nullable = true;
  Json metadata = Json::object();

  /// The name within data files, partition values and statistics: that of column mapping where the table has it.
  std::string physical_name(bool mapped) const;
  /// The id of column mapping; nothing when the field has none.
  std::optional<std::int32_t> id() const;
};

struct Schema {
  std::vector<Field> fields;
  /// The columns that readers see, in order: all but those of the type void, which no file holds (as in Spark).
  std::vector<const Field*> Columns() const;
  /// The field of that name (compared without case, as Delta demands), or null.
  const Field* Find(std::string_view name) const;
  /// The fields that lead from a column to one within it, by names compared without case; none when there is no such.
  std::vector<const Field*> Path(const std::vector<std::string>& names) const;
};

/// Parses metaData.schemaString. Errors: kDeltaCorrupt, kDeltaUnsupported (a type that smelt does not know).
Result<Schema> ParseSchema(std::string_view schema_string);

/// The inverse of ParseSchema.
std::string SchemaToString(const Schema& schema);

}  // namespace smelt::delta
