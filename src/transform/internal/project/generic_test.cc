#include "transform/internal/project/generic_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <vector>

#include "base/digest.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform {
namespace {

using jinja::Value;

constexpr const char* kArgumentsName = "_dbt_generic_test_kwargs";

/// Every run of characters that a name cannot have becomes one underscore.
std::string CleanName(const std::string& text) {
  std::string clean;
  bool replaced = false;
  for (unsigned char c : text) {
    bool keeps = c < 0x80 && (std::isalnum(c) != 0 || c == '_');
    if (keeps) clean += static_cast<char>(c);
    if (!keeps && !replaced) clean += '_';
    replaced = !keeps;
  }
  return clean;
}

/// Whether a text of a YAML file stands for what a template function gives.
bool IsFunctionCall(std::string_view text) {
  if (!text.ends_with(')')) return false;
  return std::ranges::any_of(std::initializer_list<std::string_view>{"ref(", "source(", "var(", "env_var("},
                             [text](std::string_view start) { return text.starts_with(start); });
}

Result<Value> RenderArgument(const Json& argument, const Node& node, const RenderContext& context) {
  if (!argument.is_string()) return Value::FromJson(argument);
  auto text = argument.get<std::string>();
  if (IsFunctionCall(text)) {
    text = "{{ " + text + " }}";
  } else if (text.find("{{") == std::string::npos) {
    return Value(std::move(text));
  }
  auto render = [&]() -> Result<Value> {
    SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate(text, node.file));
    return jinja::Interpreter(context).RenderNative(parsed);
  };
  auto value = render();
  if (value) return value;
  return Fail(Error(value.error().code(), value.error().message()).Hint(value.error().hint()).At(node.file, node.line));
}

/// What `model` stands for: get_where_subquery() of the relation.
Result<Value> TestedRelation(const Node& node, const RenderContext& context) {
  SMELT_ASSIGN(Value relation, RenderArgument(Json(node.test_model), node, context));
  const MacroEntry* subquery = context.project().macros.Find("get_where_subquery", node.package);
  SMELT_ASSERT(subquery != nullptr);
  jinja::Arguments arguments;
  arguments.positional = {std::move(relation)};
  return jinja::Interpreter(context).Call(subquery->value, std::move(arguments));
}

/// Python's repr of a value in which every scalar is a text and the keys of maps are sorted.
std::string HashableRepr(const Json& value) {
  if (value.is_object()) {
    std::map<std::string, std::string> sorted;
    for (const auto& [key, part] : value.items()) sorted[key] = HashableRepr(part);
    std::string text;
    for (const auto& [key, part] : sorted) {
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", Value(key).Repr(), part);
    }
    return "{" + text + "}";
  }
  if (value.is_array()) {
    std::string text;
    for (const Json& part : value) text += (text.empty() ? "" : ", ") + HashableRepr(part);
    return "[" + text + "]";
  }
  return Value(Value::FromJson(value).ToText()).Repr();
}

}  // namespace

TestNames MakeTestNames(std::string_view test, std::string_view subject, const Json& arguments) {
  std::map<std::string, Json> sorted;
  for (const auto& [key, value] : arguments.items()) sorted[key] = value;
  std::string name = fmt::format("{}_{}", test, subject);
  const std::size_t prefix_end = std::min<std::size_t>(name.size(), 30);
  std::string values;
  bool is_first = true;
  for (const auto& [key, value] : sorted) {
    Json parts = value.is_structured() ? Json::array() : Json::array({value});
    if (value.is_structured()) {
      for (const Json& part : value) parts.push_back(part);
    }
    for (const Json& part : parts) {
      values += (is_first ? "" : "__") + CleanName(Value::FromJson(part).ToText());
      is_first = false;
    }
  }
  TestNames names;
  names.full = fmt::format("{}_{}", name, values);
  constexpr std::size_t kNameMax = 64;
  names.brief =
      names.full.size() < kNameMax ? names.full : fmt::format("{}_{}", name.substr(0, prefix_end), Md5Hex(names.full));
  return names;
}

std::string TestHash(std::string_view full_name, std::string_view test_namespace, std::string_view test,
                     std::string_view model_call, const Json& arguments) {
  Json metadata = {{"namespace", test_namespace.empty() ? Json() : Json(test_namespace)}, {"name", test}};
  metadata["kwargs"] = arguments;
  metadata["kwargs"]["model"] = fmt::format("{{{{ get_where_subquery({}) }}}}", model_call);
  constexpr std::size_t kHashLength = 10;
  const std::string digest = Md5Hex(std::string(full_name) + HashableRepr(metadata));
  return digest.substr(digest.size() - kHashLength);
}

Result<jinja::TemplatePointer> GenericTestTemplate(const MacroEntry& macro, const std::string& file,
                                                   std::int64_t line) {
  std::string text(static_cast<std::size_t>(line - 1), '\n');
  std::string space = macro.package == kBuiltInPackage ? "" : macro.package + ".";
  return jinja::ParseTemplate(text + fmt::format("{{{{ {}{}(**{}) }}}}", space, macro.name, kArgumentsName), file);
}

Status BindTestArguments(const Node& node, RenderContext& context) {
  jinja::Dict arguments;
  for (const auto& [name, argument] : node.test_arguments.items()) {
    SMELT_ASSIGN(Value value, RenderArgument(argument, node, context));
    arguments.Set(name, std::move(value));
  }
  SMELT_ASSIGN(Value model, TestedRelation(node, context));
  arguments.Set("model", std::move(model));
  context.Set(kArgumentsName, Value::MakeDict(std::move(arguments)));
  return {};
}

}  // namespace smelt::transform
