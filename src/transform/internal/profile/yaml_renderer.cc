#include "transform/internal/profile/yaml_renderer.h"

#include <fmt/format.h>

#include <cstdlib>

#include "transform/internal/jinja/interpreter.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Function;
using jinja::Interpreter;
using jinja::List;
using jinja::Value;

Result<Value> EnvironmentValue(Interpreter& /*interpreter*/, Arguments arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("env_var", {"name", "default"}, 1));
  const std::string name = bound[0].ToText();
  if (const char* text = std::getenv(name.c_str())) return Value(text);
  if (!bound[1].is_undefined()) return Value(bound[1].ToText());
  return Fail(Error(ErrorCode::kDbtVarMissing, fmt::format("the environment variable '{}' is not set", name))
                  .Hint("set it, or give env_var() a default"));
}

}  // namespace

YamlRenderer::YamlRenderer(const Json& vars) {
  jinja::AddStandardGlobals(globals_);
  globals_.Set("env_var", Function::Make("env_var", EnvironmentValue));
  globals_.Set("var", Function::Make("var", [vars](Interpreter&, Arguments arguments) -> Result<Value> {
                 SMELT_ASSIGN(List bound, arguments.Bind("var", {"name", "default"}, 1));
                 const std::string name = bound[0].ToText();
                 if (const auto found = vars.find(name); found != vars.end()) return Value::FromJson(*found);
                 if (!bound[1].is_undefined()) return bound[1];
                 return Fail(Error(ErrorCode::kDbtVarMissing, fmt::format("the variable '{}' has no value here", name))
                                 .Hint("give it with --vars, or give var() a default"));
               }));
}

Result<Json> YamlRenderer::RenderScalar(const ConfigNode& node, const std::string& text) const {
  if (text.find("{{") == std::string::npos && text.find("{%") == std::string::npos) return Json(text);
  const auto render = [&]() -> Result<Json> {
    SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate(text, node.file()));
    SMELT_ASSIGN(Value value, Interpreter(globals_).RenderNative(parsed));
    if (value.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, value.undefined_hint());
    return jinja::ToJson(value);
  };
  auto json = render();
  if (json) return json;
  return Fail(Error(json.error().code(), json.error().message())
                  .Hint(json.error().hint())
                  .At(node.file(), node.line(), node.column()));
}

Result<Json> YamlRenderer::Render(const ConfigNode& node) const {
  if (node.is_list()) {
    Json list = Json::array();
    for (const ConfigNode& item : node.items()) {
      SMELT_ASSIGN(Json value, Render(item));
      list.push_back(std::move(value));
    }
    return list;
  }
  if (node.is_map()) {
    Json map = Json::object();
    for (const std::string& key : node.keys()) {
      SMELT_ASSIGN(map[key], Render(*node.Find(key)));
    }
    return map;
  }
  Json value = node.ToJson();
  if (!value.is_string()) return value;
  return RenderScalar(node, value.get<std::string>());
}

Result<std::string> YamlRenderer::RenderText(const ConfigNode& node) const {
  if (node.is_map() || node.is_list()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "expected a text"));
  }
  SMELT_ASSIGN(Json value, Render(node));
  if (value.is_null()) return std::string();
  return value.is_string() ? value.get<std::string>() : JsonText(value);
}

}  // namespace smelt::transform
