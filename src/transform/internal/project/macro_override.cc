#include "transform/internal/project/macro_override.h"

#include <map>
#include <string>

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Function;
using jinja::Interpreter;
using jinja::Value;

Value Constant(const std::string& name, const Value& value) {
  return Function::Make(name, [value](Interpreter&, Arguments) { return Result<Value>(value); }, {value});
}

/// A package's macros, some of them replaced.
class OverriddenPackage final : public jinja::Object {
 public:
  OverriddenPackage(Value original, std::map<std::string, Value, std::less<>> replaced)
      : original_(std::move(original)), replaced_(std::move(replaced)) {}

  std::string type_name() const override { return original_.object().type_name(); }
  std::optional<Value> Attribute(std::string_view name) override {
    const auto found = replaced_.find(name);
    return found == replaced_.end() ? original_.object().Attribute(name) : found->second;
  }
  std::optional<Value> Item(const Value& key) override {
    return key.is_text() ? Attribute(key.text()) : original_.object().Item(key);
  }
  jinja::List Held() const override { return {original_}; }

 private:
  Value original_;
  std::map<std::string, Value, std::less<>> replaced_;
};

bool HasMember(const RenderContext& context, std::string_view package, const std::string& name) {
  const Value* space = context.Find(package);
  return space != nullptr && space->is_object() && space->object().Attribute(name).has_value();
}

}  // namespace

void OverrideMacros(const Json& values, RenderContext& context) {
  std::map<std::string, std::map<std::string, Value, std::less<>>> packages;
  std::map<std::string, Value> names;
  for (const auto& [key, json] : values.items()) {
    const Value value = Value::FromJson(json);
    const std::size_t dot = key.find('.');
    const std::string name = dot == std::string::npos ? key : key.substr(dot + 1);
    if (dot != std::string::npos) {
      const std::string package = key.substr(0, dot);
      packages[package].emplace(name, Constant(name, value));
      // The built-in macros are reached by either name.
      if (package == kBuiltInPackage) names.emplace(name, Constant(name, value));
      continue;
    }
    const Value* original = context.Find(name);
    if (original == nullptr) continue;
    const bool is_called = original->is_object() && original->object().callable();
    names.insert_or_assign(name, is_called ? Constant(name, value) : value);
    if (is_called && HasMember(context, kBuiltInPackage, name)) {
      packages[std::string(kBuiltInPackage)].insert_or_assign(name, Constant(name, value));
    }
  }
  for (auto& [package, replaced] : packages) {
    const Value* original = context.Find(package);
    if (original == nullptr || !original->is_object()) continue;
    context.Set(package, Value(std::make_shared<OverriddenPackage>(*original, std::move(replaced))));
  }
  for (auto& [name, value] : names) context.Set(name, std::move(value));
}

}  // namespace smelt::transform
