#include "transform/internal/project/generic_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <vector>

#include "base/id.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform {
namespace {

using jinja::Value;

constexpr const char* kArgumentsName = "_test_arguments";

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

/// What `model` stands for.
Result<Value> TestedRelation(const Node& node, const RenderContext& context) {
  const ProjectState& project = context.project();
  std::string call;
  if (!node.attached_to.empty()) {
    call = fmt::format("ref('{}')", project.manifest.nodes.at(node.attached_to).name);
  } else {
    const NodeDetail& detail = project.details.at(node.unique_id);
    auto source = std::ranges::find_if(
        project.sources, [&detail](const auto& entry) { return entry.second.unique_id == detail.source_input; });
    call = fmt::format("source('{}', '{}')", source->second.source, source->second.table);
  }
  SMELT_ASSIGN(Value relation, RenderArgument(Json(call), node, context));
  if (node.config.where.empty()) return relation;
  return Value(fmt::format("(select * from {} where {}) as dbt_subquery", relation.ToText(), node.config.where));
}

}  // namespace

std::string GenericTestName(std::string_view test, std::string_view subject, const Json& arguments) {
  std::map<std::string, Json> sorted;
  for (const auto& [key, value] : arguments.items()) sorted[key] = value;
  std::string name = fmt::format("{}_{}", test, subject);
  const std::size_t prefix_end = std::min<std::size_t>(name.size(), 30);
  std::string values;
  for (const auto& [key, value] : sorted) {
    Json parts = value.is_structured() ? Json::array() : Json::array({value});
    if (value.is_structured()) {
      for (const Json& part : value) parts.push_back(part);
    }
    for (const Json& part : parts) values += (values.empty() ? "" : "__") + CleanName(Value::FromJson(part).ToText());
  }
  std::string full = fmt::format("{}_{}", name, values);
  constexpr std::size_t kNameMax = 64;
  if (full.size() < kNameMax) return full;
  return fmt::format("{}_{}", name.substr(0, prefix_end), ContentHash(full));
}

Result<jinja::TemplatePointer> GenericTestTemplate(const std::string& test, const std::string& file,
                                                   std::int64_t line) {
  std::string text(static_cast<std::size_t>(line - 1), '\n');
  return jinja::ParseTemplate(text + fmt::format("{{{{ test_{}(**{}) }}}}", test, kArgumentsName), file);
}

Status BindTestArguments(const Node& node, RenderContext& context) {
  jinja::Dict arguments;
  SMELT_ASSIGN(Value model, TestedRelation(node, context));
  arguments.Set("model", std::move(model));
  for (const auto& [name, argument] : node.test_arguments.items()) {
    SMELT_ASSIGN(Value value, RenderArgument(argument, node, context));
    arguments.Set(name, std::move(value));
  }
  context.Set(kArgumentsName, Value::MakeDict(std::move(arguments)));
  return {};
}

}  // namespace smelt::transform
