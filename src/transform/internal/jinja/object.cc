#include "transform/internal/jinja/object.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "transform/internal/jinja/circles.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/methods.h"

namespace smelt::transform::jinja {

std::optional<Value> Arguments::TakeNamed(std::string_view name) {
  auto found = std::ranges::find(named, name, &std::pair<std::string, Value>::first);
  if (found == named.end()) return std::nullopt;
  Value value = std::move(found->second);
  named.erase(found);
  return value;
}

Result<List> Arguments::Bind(std::string_view function, std::span<const std::string_view> names,
                             std::size_t required) const {
  if (positional.size() > names.size()) {
    return Fail(ErrorCode::kJinjaType, fmt::format("{}() takes at most {} argument{}, {} given", function, names.size(),
                                                   names.size() == 1 ? "" : "s", positional.size()));
  }
  List bound = positional;
  bound.resize(names.size());
  for (const auto& [name, value] : named) {
    auto found = std::ranges::find(names, name);
    if (found == names.end()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("{}() takes no argument '{}'", function, name));
    }
    auto position = static_cast<std::size_t>(found - names.begin());
    if (position < positional.size()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("{}() got '{}' twice", function, name));
    }
    bound[position] = value;
  }
  for (std::size_t i = positional.size(); i < required; ++i) {
    std::string_view missing = names[i];
    if (std::ranges::find(named, missing, &std::pair<std::string, Value>::first) == named.end()) {
      return Fail(ErrorCode::kJinjaType, fmt::format("{}() misses its argument '{}'", function, missing));
    }
  }
  return bound;
}

std::optional<Value> Object::Attribute(std::string_view) {
  return std::nullopt;
}

std::optional<Value> Object::Item(const Value&) {
  return std::nullopt;
}

std::optional<Json> Object::ToJson() const {
  return std::nullopt;
}

std::optional<std::int64_t> Object::Length() const {
  auto members = Members();
  if (!members) return std::nullopt;
  return static_cast<std::int64_t>(members->size());
}

Result<std::optional<bool>> Object::Contains(const Value&) const {
  return std::optional<bool>();
}

Result<std::optional<Value>> Object::Calculate(Operator, const Value&, bool) const {
  return std::optional<Value>();
}

std::optional<bool> Object::Satisfies(Operator, const Object&) const {
  return std::nullopt;
}

Status Object::SetAttribute(std::string_view name, Value) {
  return Fail(Error(ErrorCode::kJinjaType, fmt::format("cannot set '{}' of {}", name, type_name()))
                  .Hint("only the attributes of a namespace() can be set"));
}

Result<Value> Object::Call(Interpreter&, Arguments) {
  return Fail(ErrorCode::kJinjaType, fmt::format("{} cannot be called", type_name()));
}

std::optional<Value> Record::Attribute(std::string_view name) {
  auto found = fields_.find(name);
  if (found != fields_.end()) return found->second;
  Dict fields;
  if (!is_mapping() || FindMethod(Value::MakeDict(), name) == nullptr) return std::nullopt;
  for (const auto& [key, value] : fields_) fields.Set(key, value);
  return BoundMethod(Value::MakeDict(std::move(fields)), name);
}

std::optional<Value> Record::Item(const Value& key) {
  if (!key.is_text()) return std::nullopt;
  auto found = fields_.find(key.text());
  return found == fields_.end() ? std::nullopt : std::optional<Value>(found->second);
}

std::optional<Json> Record::ToJson() const {
  Json json = Json::object();
  for (const auto& [name, value] : fields_) {
    if (auto converted = jinja::ToJson(value)) json[name] = std::move(*converted);
  }
  return json;
}

List Record::Held() const {
  List values;
  for (const auto& [name, value] : fields_) values.push_back(value);
  return values;
}

std::optional<Value> Namespace::Attribute(std::string_view name) {
  auto found = fields().find(name);
  return found == fields().end() ? std::nullopt : std::optional<Value>(found->second);
}

std::string Namespace::ToText() const {
  Dict shown;
  for (const auto& [name, value] : fields()) shown.Set(name, value);
  return "<Namespace " + Value::MakeDict(std::move(shown)).Repr() + ">";
}

Status Namespace::SetAttribute(std::string_view name, Value value) {
  SMELT_TRY(RefuseCircle(Value(shared_from_this()), value));
  Set(std::string(name), std::move(value));
  return {};
}

}  // namespace smelt::transform::jinja
