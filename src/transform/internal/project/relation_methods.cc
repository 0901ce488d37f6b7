// The methods that templates call on relations, and `api.Relation`.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/unicode.h"
#include "transform/internal/modules/object_methods.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Interpreter;
using jinja::List;
using jinja::Value;

constexpr std::array<std::string_view, 8> kRelationTypes = {
    "table", "view", "cte", "materialized_view", "ephemeral", "external", "pointer_table", "function"};

/// What a dict or a record has under a key.
std::optional<Value> Entry(const Value& mapping, std::string_view key) {
  if (mapping.is_dict()) {
    const Value* found = mapping.dict().Find(key);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }
  return mapping.is_object() ? mapping.object().Attribute(key) : std::nullopt;
}

Result<std::string> ReadType(const Value& value) {
  if (value.is_absent()) return std::string();
  std::string type = value.ToText();
  if (std::ranges::find(kRelationTypes, type) != kRelationTypes.end()) return type;
  return Fail(Error(ErrorCode::kJinjaType, fmt::format("there is no type of relations '{}'", type))
                  .Hint("use table, view, materialized_view, external or cte"));
}

/// One part of a path: a text, or nothing for none. Errors: kJinjaType, as for an undefined value that got there.
Result<std::optional<std::string>> ReadPart(const Value& value, std::string_view part) {
  if (value.is_absent()) return std::optional<std::string>();
  if (value.is_text()) return std::optional(value.text());
  return Fail(ErrorCode::kJinjaType,
              fmt::format("the {} of a relation is a text, not '{}': {}", part, value.type_name(), value.ToText()));
}

/// The path with the parts that a mapping has.
Result<Relation::Path> ChangedPath(Relation::Path path, const Value& mapping) {
  auto change = [&mapping](std::string_view name, std::optional<std::string>& part) -> Status {
    auto entry = Entry(mapping, name);
    if (!entry) return {};
    SMELT_ASSIGN(part, ReadPart(*entry, name));
    return {};
  };
  SMELT_TRY(change("database", path.database));
  SMELT_TRY(change("schema", path.schema));
  SMELT_TRY(change("identifier", path.identifier));
  return path;
}

NameParts ChangedParts(NameParts parts, const Value& mapping) {
  if (auto part = Entry(mapping, "database"); part && !part->is_absent()) parts.database = part->Truthy();
  if (auto part = Entry(mapping, "schema"); part && !part->is_absent()) parts.schema = part->Truthy();
  if (auto part = Entry(mapping, "identifier"); part && !part->is_absent()) parts.identifier = part->Truthy();
  return parts;
}

/// The parts with those that a call `method(database=…, schema=…, identifier=…)` names.
Result<NameParts> ChangedParts(NameParts parts, std::string_view method, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind(method, {"database", "schema", "identifier"}, 0));
  if (!bound[0].is_absent()) parts.database = bound[0].Truthy();
  if (!bound[1].is_absent()) parts.schema = bound[1].Truthy();
  if (!bound[2].is_absent()) parts.identifier = bound[2].Truthy();
  return parts;
}

/// `incorporate(path=…, type=…, quote_policy=…, …)`: a relation with these changes. Names that say nothing to a
/// relation of this engine are let pass.
Result<Value> Incorporate(Relation& self, Interpreter&, const Arguments& arguments) {
  if (!arguments.positional.empty()) return Fail(ErrorCode::kJinjaType, "incorporate() takes named arguments only");
  auto changed = self.Copy();
  for (const auto& [name, value] : arguments.named) {
    if (name == "path") {
      SMELT_ASSIGN(Relation::Path path, ChangedPath(changed->path(), value));
      changed->set_path(std::move(path));
    } else if (name == "type") {
      SMELT_ASSIGN(std::string type, ReadType(value));
      changed->set_type(std::move(type));
    } else if (name == "quote_policy") {
      changed->set_quoted(ChangedParts(changed->quoted(), value));
    } else if (name == "include_policy") {
      changed->set_shown(ChangedParts(changed->shown(), value));
    } else if (name == "limit" && value.is_integral()) {
      changed->set_limit(value.integer());
    } else if (name == "information_schema_view") {
      changed->set_information_view(value.ToText());
    }
  }
  return Value(std::move(changed));
}

Result<Value> ReplacePath(Relation& self, Interpreter&, const Arguments& arguments) {
  jinja::Dict parts;
  for (const auto& [name, value] : arguments.named) parts.Set(name, value);
  auto changed = self.Copy();
  SMELT_ASSIGN(Relation::Path path, ChangedPath(self.path(), Value::MakeDict(std::move(parts))));
  changed->set_path(std::move(path));
  return Value(std::move(changed));
}

Result<Value> Include(Relation& self, Interpreter&, const Arguments& arguments) {
  auto changed = self.Copy();
  SMELT_ASSIGN(NameParts parts, ChangedParts(self.shown(), "include", arguments));
  changed->set_shown(parts);
  return Value(std::move(changed));
}

Result<Value> Quote(Relation& self, Interpreter&, const Arguments& arguments) {
  auto changed = self.Copy();
  SMELT_ASSIGN(NameParts parts, ChangedParts(self.quoted(), "quote", arguments));
  changed->set_quoted(parts);
  return Value(std::move(changed));
}

Result<Value> WithoutIdentifier(Relation& self, Interpreter&, const Arguments&) {
  auto changed = self.Copy();
  NameParts shown = self.shown();
  shown.identifier = false;
  changed->set_shown(shown);
  changed->set_path({self.path().database, self.path().schema, std::nullopt});
  return Value(std::move(changed));
}

/// The information schema of the relation's database, or a view of it.
Result<Value> InformationSchema(Relation& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("information_schema", {"view_name"}, 0));
  auto schema = std::make_shared<Relation>(Relation::Path{self.path().database, std::nullopt, "INFORMATION_SCHEMA"},
                                           "view", self.quoted());
  NameParts quoted = self.quoted(), shown = self.shown();
  quoted.identifier = false;
  shown.database = self.path().database.has_value();
  shown.schema = false;
  shown.identifier = true;
  schema->set_quoted(quoted);
  schema->set_shown(shown);
  if (bound[0].is_text()) schema->set_information_view(bound[0].text());
  return Value(std::move(schema));
}

Result<Value> Render(Relation& self, Interpreter&, const Arguments&) {
  return Value(self.Render());
}

Result<Value> RenderLimited(Relation& self, Interpreter&, const Arguments&) {
  return Value(self.ToText());
}

Result<Value> QuotedText(Relation&, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("quoted", {"identifier"}, 1));
  return Value(QuotedName(bound[0].ToText()));
}

/// `get(key, default)`; under "metadata" packages look for what kind of object this is.
Result<Value> Get(Relation& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("get", {"key", "default"}, 1));
  const std::string key = bound[0].ToText();
  if (key == "metadata") {
    jinja::Dict metadata;
    metadata.Set("type", "DuckDBRelation");
    return Value::MakeDict(std::move(metadata));
  }
  if (auto found = self.Attribute(key)) return *std::move(found);
  return bound[1].is_undefined() ? Value::None() : bound[1];
}

/// Whether the named parts are the relation's. Errors: kJinjaType when they differ in case alone: then one of the two
/// names is not what was meant.
Result<Value> Matches(Relation& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("matches", {"database", "schema", "identifier"}, 0));
  const std::array parts = {self.path().database, self.path().schema, self.path().identifier};
  bool is_same = true, is_alike = true, has_any = false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (bound[i].is_absent()) continue;
    has_any = true;
    const std::string wanted = bound[i].ToText(), has = parts[i].value_or("");
    is_same = is_same && wanted == has;
    is_alike = is_alike && jinja::ToLower(wanted) == jinja::ToLower(has);
  }
  if (!has_any) return Fail(ErrorCode::kJinjaType, "matches() needs a database, schema or identifier");
  if (is_alike && !is_same) {
    return Fail(Error(ErrorCode::kJinjaType,
                      fmt::format("{} differs from what is looked for in the case of its letters only", self.Render()))
                    .Hint("write the name as the relation has it"));
  }
  return Value(is_same);
}

Result<Value> ScdArguments(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("scd_args", {"primary_key", "updated_at"}, 2));
  List all = bound[0].is_sequence() ? bound[0].items() : List{bound[0]};
  all.push_back(bound[1]);
  return Value::MakeList(std::move(all));
}

Result<Value> ScdArgumentsOf(Relation&, Interpreter& interpreter, const Arguments& arguments) {
  return ScdArguments(interpreter, arguments);
}

Result<Value> EphemeralName(Interpreter&, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("add_ephemeral_prefix", {"name"}, 1));
  return Value("__dbt__cte__" + bound[0].ToText());
}

Result<Value> CreateBy(Relation&, Interpreter& interpreter, const Arguments& arguments) {
  return CreateRelation(interpreter, arguments);
}

constexpr jinja::ObjectMethod<Relation> kRelationMethods[] = {
    {"create", CreateBy},
    {"get", Get},
    {"include", Include},
    {"incorporate", Incorporate},
    {"information_schema", InformationSchema},
    {"information_schema_only", InformationSchema},
    {"matches", Matches},
    {"quote", Quote},
    {"quoted", QuotedText},
    {"render", Render},
    {"render_limited", RenderLimited},
    {"replace", Incorporate},
    {"replace_path", ReplacePath},
    {"scd_args", ScdArgumentsOf},
    {"without_identifier", WithoutIdentifier},
};

}  // namespace

std::optional<Value> RelationMethod(Relation& relation, std::string_view name) {
  return BoundObjectMethod(relation, kRelationMethods, name);
}

Result<Value> CreateRelation(Interpreter& interpreter, Arguments arguments) {
  Arguments rest;
  rest.named.swap(arguments.named);
  for (const char* name : {"database", "schema", "identifier", "type"}) {
    if (auto value = rest.TakeNamed(name)) arguments.named.emplace_back(name, *std::move(value));
  }
  SMELT_ASSIGN(List bound, arguments.Bind("create", {"database", "schema", "identifier", "type"}, 0));
  Relation::Path path;
  SMELT_ASSIGN(path.database, ReadPart(bound[0], "database"));
  SMELT_ASSIGN(path.schema, ReadPart(bound[1], "schema"));
  SMELT_ASSIGN(path.identifier, ReadPart(bound[2], "identifier"));
  SMELT_ASSIGN(std::string type, ReadType(bound[3]));
  const Json& quoting = RenderContext::Of(interpreter).project().file().quoting;
  Relation relation(std::move(path), std::move(type), ReadQuoting(quoting));
  return Incorporate(relation, interpreter, rest);
}

Value MakeRelationClass() {
  auto relation = std::make_shared<jinja::ClassObject>("dbt.adapters.duckdb.relation.DuckDBRelation", CreateRelation);
  relation->Add("create", CreateRelation);
  relation->Add("scd_args", ScdArguments);
  relation->Add("add_ephemeral_prefix", EphemeralName);
  Relation none(Relation::Path{});
  for (const char* type : {"Table", "View", "CTE", "MaterializedView", "External", "PointerTable", "Function"}) {
    relation->Add(type, none.Attribute(type).value_or(Value::None()));
  }
  return Value(std::move(relation));
}

}  // namespace smelt::transform
