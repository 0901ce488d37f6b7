#include "delta/schema.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <set>

#include "base/ascii.h"

namespace smelt::delta {
namespace {

/// Deeper types than this are refused, so that a hostile schema cannot exhaust the stack.
constexpr int kNestingMax = 64;
constexpr int kDecimalPrecisionMax = 38;

constexpr std::array<std::string_view, 14> kPrimitives = {
    "string",  "long",   "integer", "short",     "byte",          "float",   "double",
    "boolean", "binary", "date",    "timestamp", "timestamp_ntz", "variant", "void",
};

std::unexpected<Error> Damaged(std::string message) {
  return Fail(ErrorCode::kDeltaCorrupt, "the table's schema is damaged: " + std::move(message));
}

/// Reads the "(10,2)" of a decimal into its canonical name.
Result<std::string> CanonicalDecimal(std::string_view name) {
  int precision = 0;
  int scale = 0;
  const char* const end = name.data() + name.size();
  const auto skip_spaces = [end](const char* at) {
    while (at != end && *at == ' ') ++at;
    return at;
  };
  auto parsed = std::from_chars(skip_spaces(name.data() + std::string_view("decimal(").size()), end, precision);
  const char* at = skip_spaces(parsed.ptr);
  if (parsed.ec == std::errc() && at != end && *at == ',') {
    parsed = std::from_chars(skip_spaces(at + 1), end, scale);
    at = skip_spaces(parsed.ptr);
  }
  const bool is_valid = parsed.ec == std::errc() && at + 1 == end && *at == ')' && precision >= 1 &&
                        precision <= kDecimalPrecisionMax && scale >= 0 && scale <= precision;
  if (!is_valid) return Damaged(fmt::format("'{}' is not a decimal type", name));
  return fmt::format("decimal({},{})", precision, scale);
}

Result<DataType> ParsePrimitive(const std::string& name) {
  DataType type;
  type.primitive = name;
  if (name == "decimal") {
    type.primitive = "decimal(10,0)";
  } else if (name.starts_with("decimal(")) {
    SMELT_ASSIGN(type.primitive, CanonicalDecimal(name));
  } else if (std::ranges::find(kPrimitives, name) == kPrimitives.end()) {
    return Fail(ErrorCode::kDeltaUnsupported, fmt::format("the table has a column of the unknown type '{}'", name));
  }
  return type;
}

Result<DataType> ParseType(const Json& json, int depth);

/// A member that must be there, by name.
Result<const Json*> Member(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return Damaged(fmt::format("'{}' is missing", key));
  return &*found;
}

/// An optional flag whose absence means true.
Result<bool> Flag(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return true;
  if (!found->is_boolean()) return Damaged(fmt::format("'{}' must be true or false", key));
  return found->get<bool>();
}

Result<Field> ParseField(const Json& json, int depth) {
  if (!json.is_object()) return Damaged("a field must be an object");
  SMELT_ASSIGN(const Json* name, Member(json, "name"));
  if (!name->is_string()) return Damaged("the name of a field must be a string");
  Field field;
  field.name = name->get<std::string>();
  SMELT_ASSIGN(const Json* type, Member(json, "type"));
  Result<DataType> parsed = ParseType(*type, depth);
  if (!parsed) return Fail(std::move(parsed.error()).Context(fmt::format("column '{}'", field.name)));
  field.type = *std::move(parsed);
  SMELT_ASSIGN(field.nullable, Flag(json, "nullable"));
  if (const auto metadata = json.find("metadata"); metadata != json.end() && metadata->is_object()) {
    field.metadata = *metadata;
  }
  return field;
}

Result<std::vector<Field>> ParseFields(const Json& json, int depth) {
  SMELT_ASSIGN(const Json* list, Member(json, "fields"));
  if (!list->is_array()) return Damaged("'fields' must be a list");
  std::vector<Field> fields;
  std::set<std::string> names;
  for (const Json& item : *list) {
    SMELT_ASSIGN(Field field, ParseField(item, depth));
    if (!names.insert(LowerAscii(field.name)).second) {
      return Damaged(fmt::format("two columns are called '{}' (names differ in more than case)", field.name));
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<std::shared_ptr<const DataType>> ParseInner(const Json& json, const char* key, int depth) {
  SMELT_ASSIGN(const Json* type, Member(json, key));
  SMELT_ASSIGN(DataType parsed, ParseType(*type, depth));
  return std::make_shared<const DataType>(std::move(parsed));
}

Result<DataType> ParseType(const Json& json, int depth) {
  if (depth > kNestingMax) return Damaged(fmt::format("types are nested deeper than {}", kNestingMax));
  if (json.is_string()) return ParsePrimitive(json.get<std::string>());
  if (!json.is_object()) return Damaged("a type must be a name or an object");
  SMELT_ASSIGN(const Json* kind, Member(json, "type"));
  DataType type;
  if (*kind == "struct") {
    type.kind = DataType::Kind::kStruct;
    SMELT_ASSIGN(type.fields, ParseFields(json, depth + 1));
  } else if (*kind == "array") {
    type.kind = DataType::Kind::kArray;
    SMELT_ASSIGN(type.element, ParseInner(json, "elementType", depth + 1));
    SMELT_ASSIGN(type.contains_null, Flag(json, "containsNull"));
  } else if (*kind == "map") {
    type.kind = DataType::Kind::kMap;
    SMELT_ASSIGN(type.key, ParseInner(json, "keyType", depth + 1));
    SMELT_ASSIGN(type.element, ParseInner(json, "valueType", depth + 1));
    SMELT_ASSIGN(type.contains_null, Flag(json, "valueContainsNull"));
  } else if (kind->is_string()) {
    return ParsePrimitive(kind->get<std::string>());
  } else {
    return Damaged("'type' must be a string");
  }
  return type;
}

Json TypeToJson(const DataType& type);

Json FieldsToJson(const std::vector<Field>& fields) {
  Json list = Json::array();
  for (const Field& field : fields) {
    list.push_back({{"name", field.name},
                    {"type", TypeToJson(field.type)},
                    {"nullable", field.nullable},
                    {"metadata", field.metadata}});
  }
  return {{"type", "struct"}, {"fields", std::move(list)}};
}

Json TypeToJson(const DataType& type) {
  switch (type.kind) {
    case DataType::Kind::kPrimitive: return type.primitive;
    case DataType::Kind::kStruct: return FieldsToJson(type.fields);
    case DataType::Kind::kArray:
      return {{"type", "array"}, {"elementType", TypeToJson(*type.element)}, {"containsNull", type.contains_null}};
    case DataType::Kind::kMap:
      return {{"type", "map"},
              {"keyType", TypeToJson(*type.key)},
              {"valueType", TypeToJson(*type.element)},
              {"valueContainsNull", type.contains_null}};
  }
  return nullptr;
}

const Field* FindField(const std::vector<Field>& fields, std::string_view name) {
  const auto found =
      std::ranges::find_if(fields, [name](const Field& field) { return EqualsIgnoringCase(field.name, name); });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace

std::string Field::physical_name(bool mapped) const {
  const auto found = metadata.find("delta.columnMapping.physicalName");
  return mapped && found != metadata.end() && found->is_string() ? found->get<std::string>() : name;
}

std::optional<std::int32_t> Field::id() const {
  const auto found = metadata.find("delta.columnMapping.id");
  if (found == metadata.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int32_t>();
}

bool DataType::Uses(std::string_view name) const {
  return is_primitive(name) || (key && key->Uses(name)) || (element && element->Uses(name)) ||
         std::ranges::any_of(fields, [name](const Field& field) { return field.type.Uses(name); });
}

std::vector<const Field*> Schema::Columns() const {
  std::vector<const Field*> columns;
  for (const Field& field : fields) {
    if (!field.type.is_primitive("void")) columns.push_back(&field);
  }
  return columns;
}

const Field* Schema::Find(std::string_view name) const {
  return FindField(fields, name);
}

std::vector<const Field*> Schema::Path(const std::vector<std::string>& names) const {
  std::vector<const Field*> path;
  const std::vector<Field>* within = &fields;
  for (const std::string& name : names) {
    const Field* field = FindField(*within, name);
    if (field == nullptr) return {};
    path.push_back(field);
    within = &field->type.fields;
  }
  return path;
}

Result<Schema> ParseSchema(std::string_view schema_string) {
  const Json json = JsonOrDiscarded(schema_string);
  if (!json.is_object()) return Damaged("not a JSON object");
  SMELT_ASSIGN(DataType type, ParseType(json, 0));
  if (type.kind != DataType::Kind::kStruct) return Damaged("a table's schema must be a struct");
  return Schema{std::move(type.fields)};
}

std::string SchemaToString(const Schema& schema) {
  return JsonText(FieldsToJson(schema.fields));
}

}  // namespace smelt::delta
