#include "transform/internal/project/column.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "transform/internal/jinja/unicode.h"
#include "transform/internal/modules/object_methods.h"
#include "transform/internal/project/quoting.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Interpreter;
using jinja::List;
using jinja::Value;

/// Characters of a text column whose type does not tell: what dbt takes then.
constexpr std::int64_t kTextSize = 256;

bool IsOneOf(const std::string& type, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, jinja::ToLower(type)) != names.end();
}

/// The database's name of a type that has one general name.
std::string TranslateType(const std::string& type) {
  return jinja::ToLower(type) == "string" ? "TEXT" : type;
}

std::string TextType(std::string_view size) {
  return fmt::format("character varying({})", size);
}

std::string NumericType(const std::string& type, const Value& precision, const Value& scale) {
  if (precision.is_absent() || scale.is_absent()) return type;
  return fmt::format("{}({},{})", type, precision.ToText(), scale.ToText());
}

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// The parts between the commas of a struct's type that stand in no inner brackets or quotes.
std::vector<std::string_view> SplitFields(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted) continue;
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (text[i] != ',' || depth > 0) continue;
    parts.push_back(Trimmed(text.substr(start, i - start)));
    start = i + 1;
  }
  parts.push_back(Trimmed(text.substr(start)));
  return parts;
}

/// Where the type begins in "name type" or "\"a name\" type"; nothing when there is none.
std::optional<std::size_t> TypeStart(std::string_view field) {
  const std::size_t name_end = field.starts_with('"') ? field.find('"', 1) : 0;
  if (name_end == std::string_view::npos) return std::nullopt;
  const std::size_t blank = field.find(' ', name_end);
  return blank == std::string_view::npos ? std::nullopt : std::optional(blank + 1);
}

Value ToValue(const std::vector<RelationColumn::Parts>& columns) {
  List list;
  for (const RelationColumn::Parts& parts : columns) list.emplace_back(std::make_shared<RelationColumn>(parts));
  return Value::MakeList(std::move(list));
}

template <bool (RelationColumn::*kQuestion)() const>
Result<Value> Ask(RelationColumn& self, Interpreter&, const Arguments&) {
  return Value((self.*kQuestion)());
}

Result<Value> IsNumber(RelationColumn& self, Interpreter&, const Arguments&) {
  return Value(self.is_integer() || self.is_numeric() || self.is_float());
}

Result<Value> TextSizeOf(RelationColumn& self, Interpreter&, const Arguments&) {
  SMELT_ASSIGN(std::int64_t size, self.TextSize());
  return Value(size);
}

Result<Value> CanExpandTo(RelationColumn& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("can_expand_to", {"other_column"}, 1));
  auto other = bound[0].As<RelationColumn>();
  if (other == nullptr) return Fail(ErrorCode::kJinjaType, "can_expand_to() needs a column");
  if (!self.is_text() || !other->is_text()) return Value(false);
  SMELT_ASSIGN(std::int64_t own, self.TextSize());
  SMELT_ASSIGN(std::int64_t others, other->TextSize());
  return Value(others > own);
}

Result<Value> Literal(RelationColumn& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("literal", {"value"}, 1));
  return Value(fmt::format("{}::{}", bound[0].ToText(), self.SizedType()));
}

Result<Value> Flatten(RelationColumn& self, Interpreter&, const Arguments&) {
  return ToValue(self.Flattened());
}

constexpr jinja::ObjectMethod<RelationColumn> kColumnMethods[] = {
    {"can_expand_to", CanExpandTo},
    {"flatten", Flatten},
    {"is_float", Ask<&RelationColumn::is_float>},
    {"is_integer", Ask<&RelationColumn::is_integer>},
    {"is_number", IsNumber},
    {"is_numeric", Ask<&RelationColumn::is_numeric>},
    {"is_string", Ask<&RelationColumn::is_text>},
    {"is_struct", Ask<&RelationColumn::is_struct>},
    {"literal", Literal},
    {"string_size", TextSizeOf},
};

Result<Value> MakeFromCall(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound,
               arguments.Bind("api.Column", {"column", "dtype", "char_size", "numeric_precision", "numeric_scale"}, 2));
  RelationColumn::Parts parts{bound[0].ToText(), bound[1].ToText()};
  if (!bound[2].is_absent()) parts.char_size = bound[2];
  if (!bound[3].is_absent()) parts.numeric_precision = bound[3];
  if (!bound[4].is_absent()) parts.numeric_scale = bound[4];
  return Value(std::make_shared<RelationColumn>(std::move(parts)));
}

Result<Value> Create(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("create", {"name", "label_or_dtype"}, 2));
  return MakeColumn(bound[0].ToText(), TranslateType(bound[1].ToText()));
}

Result<Value> TranslateTypeOf(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("translate_type", {"dtype"}, 1));
  return Value(TranslateType(bound[0].ToText()));
}

Result<Value> TextTypeOf(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("string_type", {"size"}, 1));
  return Value(TextType(bound[0].ToText()));
}

Result<Value> NumericTypeOf(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("numeric_type", {"dtype", "precision", "scale"}, 3));
  return Value(NumericType(bound[0].ToText(), bound[1], bound[2]));
}

/// The sizes in "decimal(10, 2)": 10 and 2. Errors: kJinjaType.
Result<std::vector<std::int64_t>> ReadSizes(std::string_view type, std::string_view sizes) {
  std::vector<std::int64_t> numbers;
  while (true) {
    const std::size_t comma = sizes.find(',');
    const std::string_view part = Trimmed(sizes.substr(0, comma));
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size()) {
      return Fail(ErrorCode::kJinjaType,
                  fmt::format("the type '{}' has the size '{}', which is no number", type, part));
    }
    numbers.push_back(number);
    if (comma == std::string_view::npos) return numbers;
    sizes.remove_prefix(comma + 1);
  }
}

Result<Value> FromDescription(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("from_description", {"name", "raw_data_type"}, 2));
  const std::string type = bound[1].ToText();
  const std::size_t open = type.find('('), close = type.find(')');
  if (type.empty() || open == 0) return Fail(ErrorCode::kJinjaType, fmt::format("'{}' is no type", type));
  RelationColumn::Parts parts{bound[0].ToText(), type.substr(0, open)};
  if (open != std::string::npos && close != std::string::npos && close > open + 1) {
    SMELT_ASSIGN(auto sizes, ReadSizes(type, std::string_view(type).substr(open + 1, close - open - 1)));
    if (sizes.size() == 1) parts.char_size = sizes[0];
    if (sizes.size() == 2) {
      parts.numeric_precision = sizes[0];
      parts.numeric_scale = sizes[1];
    }
  }
  return Value(std::make_shared<RelationColumn>(std::move(parts)));
}

}  // namespace

bool RelationColumn::is_text() const {
  return IsOneOf(parts_.type, {"text", "character varying", "character", "varchar"});
}

bool RelationColumn::is_float() const {
  return IsOneOf(parts_.type, {"real", "float", "float4", "float8", "double"});
}

bool RelationColumn::is_integer() const {
  return IsOneOf(parts_.type,
                 {"tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint",
                  "int1", "int2", "int4", "int8", "short", "int", "signed", "long"});
}

bool RelationColumn::is_numeric() const {
  return IsOneOf(parts_.type, {"numeric", "decimal"});
}

bool RelationColumn::is_struct() const {
  return jinja::ToLower(parts_.type).starts_with("struct");
}

std::string RelationColumn::SizedType() const {
  if (is_text()) return TextType(std::to_string(TextSize().value_or(kTextSize)));
  if (is_numeric()) return NumericType(parts_.type, parts_.numeric_precision, parts_.numeric_scale);
  return parts_.type;
}

Result<std::int64_t> RelationColumn::TextSize() const {
  if (!is_text()) {
    return Fail(ErrorCode::kJinjaType,
                fmt::format("string_size(): the column '{}' has the type {}, not a text's", parts_.name, parts_.type));
  }
  return parts_.type == "text" || !parts_.char_size.is_integral() ? kTextSize : parts_.char_size.integer();
}

std::vector<RelationColumn::Parts> RelationColumn::Fields() const {
  std::vector<Parts> fields;
  const std::size_t open = parts_.type.find('('), close = parts_.type.rfind(')');
  if (!is_struct() || open == std::string::npos || close == std::string::npos || close < open) return fields;
  for (std::string_view field : SplitFields(std::string_view(parts_.type).substr(open + 1, close - open - 1))) {
    auto start = TypeStart(field);
    if (start) fields.push_back({std::string(field.substr(0, *start - 1)), std::string(Trimmed(field.substr(*start)))});
  }
  return fields;
}

std::vector<RelationColumn::Parts> RelationColumn::Flattened() const {
  if (!is_struct()) return {parts_};
  std::vector<Parts> flat;
  for (const Parts& field : Fields()) {
    for (const Parts& inner : RelationColumn(field).Flattened()) {
      flat.push_back({fmt::format("{}.{}", parts_.name, inner.name), inner.type});
    }
  }
  return flat;
}

std::string RelationColumn::ToText() const {
  return fmt::format(
      "DuckDBColumn(column={}, dtype={}, char_size={}, numeric_precision={}, numeric_scale={}, fields={})",
      Value(parts_.name).Repr(), Value(parts_.type).Repr(), parts_.char_size.Repr(), parts_.numeric_precision.Repr(),
      parts_.numeric_scale.Repr(), ToValue(Fields()).Repr());
}

bool RelationColumn::Equals(const jinja::Object& other) const {
  const auto* column = dynamic_cast<const RelationColumn*>(&other);
  return column != nullptr && column->parts_.name == parts_.name && column->parts_.type == parts_.type &&
         column->parts_.char_size.Equals(parts_.char_size) &&
         column->parts_.numeric_precision.Equals(parts_.numeric_precision) &&
         column->parts_.numeric_scale.Equals(parts_.numeric_scale);
}

std::optional<Value> RelationColumn::Attribute(std::string_view name) {
  if (name == "name" || name == "column") return Value(parts_.name);
  if (name == "dtype") return Value(parts_.type);
  if (name == "data_type" || name == "expanded_data_type") return Value(SizedType());
  if (name == "quoted") return Value(QuotedName(parts_.name));
  if (name == "char_size") return parts_.char_size;
  if (name == "numeric_precision") return parts_.numeric_precision;
  if (name == "numeric_scale") return parts_.numeric_scale;
  if (name == "fields") return ToValue(Fields());
  return BoundObjectMethod(*this, kColumnMethods, name);
}

Value MakeColumn(const std::string& name, const std::string& type) {
  return Value(std::make_shared<RelationColumn>(RelationColumn::Parts{name, type}));
}

Value MakeColumnClass() {
  auto column = std::make_shared<jinja::ClassObject>("dbt.adapters.duckdb.column.DuckDBColumn", MakeFromCall);
  column->Add("create", Create);
  column->Add("translate_type", TranslateTypeOf);
  column->Add("string_type", TextTypeOf);
  column->Add("numeric_type", NumericTypeOf);
  column->Add("from_description", FromDescription);
  return Value(std::move(column));
}

}  // namespace smelt::transform
