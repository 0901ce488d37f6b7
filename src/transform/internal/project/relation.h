#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// The name of the one database that a lake is.
inline constexpr std::string_view kDatabase = "lake";

/// What a template has of a table or view: it prints as SQL, and its parts are attributes. Immutable.
class Relation final : public jinja::Object {
 public:
  /// `type` is "table", "view" or "cte".
  Relation(RelationName name, std::string type) : name_(std::move(name)), type_(std::move(type)) {}

  std::string type_name() const override { return "relation"; }
  std::string ToText() const override;
  bool Equals(const jinja::Object& other) const override;
  std::optional<jinja::Value> Attribute(std::string_view name) override;

  const RelationName& name() const { return name_; }
  const std::string& type() const { return type_; }

 private:
  Result<jinja::Value> Include(const jinja::Arguments& arguments) const;
  Result<jinja::Value> Incorporate(jinja::Arguments arguments) const;
  std::optional<jinja::Value> Method(std::string_view name);

  RelationName name_;
  std::string type_;
  bool shows_schema_ = true, shows_identifier_ = true;
};

/// `api.Relation.create(schema=…, identifier=…, type=…)`.
Result<jinja::Value> CreateRelation(jinja::Interpreter& interpreter, jinja::Arguments arguments);

/// A column of a relation with dbt's attributes: name, column, dtype, data_type, quoted, is_string(), ….
jinja::Value MakeColumn(const std::string& name, const std::string& type);

}  // namespace smelt::transform
