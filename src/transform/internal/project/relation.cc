#include "transform/internal/project/relation.h"

#include <algorithm>
#include <array>

#include "engine/session.h"
#include "transform/internal/jinja/dict.h"

namespace smelt::transform {

using jinja::Arguments;
using jinja::Function;
using jinja::Interpreter;
using jinja::List;
using jinja::Value;

std::string Relation::ToText() const {
  if (type_ == "cte") return engine::QuoteIdentifier(name_.identifier);
  std::string text;
  if (shows_schema_) text = engine::QuoteIdentifier(name_.schema);
  if (shows_identifier_) text += (text.empty() ? "" : ".") + engine::QuoteIdentifier(name_.identifier);
  return text;
}

bool Relation::Equals(const jinja::Object& other) const {
  const auto* relation = dynamic_cast<const Relation*>(&other);
  return relation != nullptr && relation->name_ == name_;
}

Result<Value> Relation::Include(const Arguments& arguments) const {
  SMELT_ASSIGN(List bound, arguments.Bind("include", {"database", "schema", "identifier"}, 0));
  auto changed = std::make_shared<Relation>(name_, type_);
  changed->shows_schema_ = bound[1].is_undefined() ? shows_schema_ : bound[1].Truthy();
  changed->shows_identifier_ = bound[2].is_undefined() ? shows_identifier_ : bound[2].Truthy();
  return Value(std::move(changed));
}

Result<Value> Relation::Incorporate(Arguments arguments) const {
  auto changed = std::make_shared<Relation>(name_, type_);
  if (auto type = arguments.TakeNamed("type"); type && type->is_text()) changed->type_ = type->text();
  if (auto path = arguments.TakeNamed("path"); path && path->is_dict()) {
    if (const Value* schema = path->dict().Find(std::string_view("schema"))) changed->name_.schema = schema->ToText();
    if (const Value* identifier = path->dict().Find(std::string_view("identifier")))
      changed->name_.identifier = identifier->ToText();
  }
  return Value(std::move(changed));
}

std::optional<Value> Relation::Method(std::string_view name) {
  auto self = std::static_pointer_cast<Relation>(shared_from_this());
  if (name == "include") {
    return Function::Make("include", [self](Interpreter&, Arguments arguments) { return self->Include(arguments); });
  }
  if (name == "incorporate") {
    return Function::Make(
        "incorporate", [self](Interpreter&, Arguments arguments) { return self->Incorporate(std::move(arguments)); });
  }
  // Identifiers are quoted where they need it, whatever a template asks for.
  if (name == "quote") return Function::Make("quote", [self](Interpreter&, Arguments) { return Result<Value>(self); });
  if (name == "render") {
    return Function::Make("render", [self](Interpreter&, Arguments) { return Result<Value>(Value(self->ToText())); });
  }
  return std::nullopt;
}

std::optional<Value> Relation::Attribute(std::string_view name) {
  if (name == "schema") return Value(name_.schema);
  if (name == "identifier" || name == "name" || name == "table") return Value(name_.identifier);
  if (name == "database") return Value(kDatabase);
  if (name == "type") return Value(type_);
  if (name == "is_table") return Value(type_ == "table");
  if (name == "is_view") return Value(type_ == "view");
  if (name == "is_cte") return Value(type_ == "cte");
  return Method(name);
}

Result<Value> CreateRelation(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("create", {"database", "schema", "identifier", "type"}, 0));
  RelationName name;
  if (!bound[1].is_absent()) name.schema = bound[1].ToText();
  if (!bound[2].is_absent()) name.identifier = bound[2].ToText();
  return Value(std::make_shared<Relation>(std::move(name), bound[3].is_absent() ? "table" : bound[3].ToText()));
}

Value MakeColumn(const std::string& name, const std::string& type) {
  auto starts_with_any = [&type](std::initializer_list<std::string_view> prefixes) {
    return std::ranges::any_of(prefixes, [&type](std::string_view prefix) { return type.starts_with(prefix); });
  };
  bool is_integer = starts_with_any({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
                                     "UINTEGER", "UBIGINT", "UHUGEINT"});
  bool is_float = starts_with_any({"FLOAT", "DOUBLE"});
  bool is_decimal = starts_with_any({"DECIMAL"});
  auto column = std::make_shared<jinja::Record>("column");
  column->Set("name", name);
  column->Set("column", name);
  column->Set("dtype", type);
  column->Set("data_type", type);
  column->Set("quoted", '"' + name + '"');
  auto add_question = [&column](const char* question, bool answer) {
    column->Set(question,
                Function::Make(question, [answer](Interpreter&, Arguments) { return Result<Value>(answer); }));
  };
  add_question("is_string", starts_with_any({"VARCHAR"}));
  add_question("is_integer", is_integer);
  add_question("is_float", is_float);
  add_question("is_numeric", is_decimal);
  add_question("is_number", is_integer || is_float || is_decimal);
  return Value(std::move(column));
}

}  // namespace smelt::transform
