#include "transform/internal/project/relation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/session.h"

namespace smelt::transform {
namespace {

using jinja::Record;
using jinja::Value;

/// Types of relations with the names that `api.Relation` and relations have for them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kTypes = {
    {{"Table", "table"},
     {"View", "view"},
     {"CTE", "cte"},
     {"MaterializedView", "materialized_view"},
     {"External", "external"},
     {"PointerTable", "pointer_table"},
     {"Function", "function"}}};

std::optional<Value> TypeConstant(std::string_view name) {
  auto found = std::ranges::find(kTypes, name, &std::pair<std::string_view, std::string_view>::first);
  return found == kTypes.end() ? std::nullopt : std::optional<Value>(found->second);
}

Value TextOrNone(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value::None();
}

Value PathValue(const Relation::Path& path) {
  auto record = std::make_shared<Record>("path");
  record->Set("database", TextOrNone(path.database));
  record->Set("schema", TextOrNone(path.schema));
  record->Set("identifier", TextOrNone(path.identifier));
  return Value(std::move(record));
}

Value PolicyValue(const NameParts& parts) {
  auto record = std::make_shared<Record>("policy");
  record->Set("database", parts.database);
  record->Set("schema", parts.schema);
  record->Set("identifier", parts.identifier);
  return Value(std::move(record));
}

std::optional<Value> PathPart(const Relation::Path& path, std::string_view name) {
  if (name == "database") return TextOrNone(path.database);
  if (name == "schema") return TextOrNone(path.schema);
  if (name == "identifier" || name == "name" || name == "table") return TextOrNone(path.identifier);
  return std::nullopt;
}

/// The condition that keeps the rows within the window; empty when it is open at both ends.
std::string Condition(const EventTimeFilter& filter) {
  std::string text;
  if (!filter.start.empty()) text = fmt::format("{} >= '{}'", filter.field, filter.start);
  if (filter.end.empty()) return text;
  return fmt::format("{}{}{} < '{}'", text, text.empty() ? "" : " and ", filter.field, filter.end);
}

}  // namespace

std::shared_ptr<Relation> Relation::Ephemeral(const std::string& identifier) {
  NameParts quoted;
  quoted.identifier = engine::QuoteIdentifier(identifier) != identifier;
  return std::make_shared<Relation>(Path{std::nullopt, std::nullopt, identifier}, "cte", quoted);
}

std::shared_ptr<Relation> Relation::Copy() const {
  auto copy = std::make_shared<Relation>(path_, type_, quoted_);
  copy->shown_ = shown_;
  copy->limit_ = limit_;
  copy->event_time_ = event_time_;
  copy->external_ = external_;
  copy->information_view_ = information_view_;
  return copy;
}

std::string Relation::Render() const {
  if (!external_.empty()) return external_;
  std::string text;
  auto add = [&text](const std::optional<std::string>& part, bool is_shown, bool is_quoted) {
    if (!part || !is_shown) return;
    text += (text.empty() ? "" : ".") + (is_quoted ? QuotedName(*part) : *part);
  };
  add(path_.database, shown_.database, quoted_.database);
  add(path_.schema, shown_.schema, quoted_.schema);
  add(path_.identifier, shown_.identifier, quoted_.identifier);
  if (!information_view_.empty()) add(information_view_, true, false);
  return text;
}

std::string Relation::ToText() const {
  std::string text = Render();
  if (limit_ == 0) {
    text = fmt::format("(select * from {} where false limit 0)", text);
  } else if (limit_) {
    text = fmt::format("(select * from {} limit {})", text, *limit_);
  }
  const std::string condition = event_time_ ? Condition(*event_time_) : std::string();
  return condition.empty() ? text : fmt::format("(select * from {} where {})", text, condition);
}

std::string Relation::Repr() const {
  return fmt::format("<DuckDBRelation {}>", Render());
}

bool Relation::Equals(const jinja::Object& other) const {
  const auto* relation = dynamic_cast<const Relation*>(&other);
  return relation != nullptr && relation->path_ == path_ && relation->type_ == type_ && relation->quoted_ == quoted_ &&
         relation->shown_ == shown_ && relation->limit_ == limit_ && relation->event_time_ == event_time_ &&
         relation->external_ == external_ && relation->information_view_ == information_view_;
}

std::optional<Value> Relation::Attribute(std::string_view name) {
  if (auto part = PathPart(path_, name)) return part;
  if (auto constant = TypeConstant(name)) return constant;
  if (name == "type") return type_.empty() ? Value::None() : Value(type_);
  if (name == "is_table") return Value(type_ == "table");
  if (name == "is_view") return Value(type_ == "view");
  if (name == "is_cte") return Value(type_ == "cte");
  if (name == "is_materialized_view") return Value(type_ == "materialized_view");
  if (name == "is_pointer") return Value(type_ == "pointer_table");
  if (name == "is_function") return Value(type_ == "function");
  if (name == "can_be_renamed" || name == "can_be_replaced") return Value(false);
  if (name == "path") return PathValue(path_);
  if (name == "quote_policy") return PolicyValue(quoted_);
  if (name == "include_policy") return PolicyValue(shown_);
  if (name == "quote_character") return Value("\"");
  if (name == "limit") return limit_ ? Value(*limit_) : Value::None();
  if (name == "information_schema_view" && !information_view_.empty()) return Value(information_view_);
  return RelationMethod(*this, name);
}

}  // namespace smelt::transform
