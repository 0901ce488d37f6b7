#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "transform/internal/jinja/object.h"

namespace smelt::transform {

/// A column of a relation as templates see it: what `adapter.get_columns_in_relation` lists and `api.Column` makes.
/// Immutable.
class RelationColumn final : public jinja::Object {
 public:
  struct Parts {
    std::string name;
    std::string type;  ///< as the database calls it: "DECIMAL(10,2)"
    jinja::Value char_size = jinja::Value::None();
    jinja::Value numeric_precision = jinja::Value::None();
    jinja::Value numeric_scale = jinja::Value::None();
  };

  explicit RelationColumn(Parts parts) : parts_(std::move(parts)) {}

  std::string type_name() const override { return "DuckDBColumn"; }
  std::string ToText() const override;
  bool Equals(const jinja::Object& other) const override;
  bool hashable() const override { return false; }
  std::optional<jinja::Value> Attribute(std::string_view name) override;

  const std::string& name() const { return parts_.name; }
  const std::string& type() const { return parts_.type; }
  bool is_text() const;
  bool is_float() const;
  bool is_integer() const;
  /// A decimal whose type does not tell its size.
  bool is_numeric() const;
  bool is_struct() const;
  /// The type with its size: texts have one even when the database tells none.
  std::string SizedType() const;
  /// Characters that a text has at most. Errors: kJinjaType for other types.
  Result<std::int64_t> TextSize() const;
  /// The fields of a struct, as they are named in its type; empty for other types.
  std::vector<Parts> Fields() const;
  /// The column itself; of a struct its fields instead, named "column.field", structs within them too.
  std::vector<Parts> Flattened() const;

 private:
  Parts parts_;
};

/// A column by its name and type.
jinja::Value MakeColumn(const std::string& name, const std::string& type);

/// `api.Column`: makes columns; `create`, `translate_type`, `string_type`, `numeric_type`, `from_description`.
jinja::Value MakeColumnClass();

}  // namespace smelt::transform
