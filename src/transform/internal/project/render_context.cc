#include "transform/internal/project/render_context.h"

#include <fmt/format.h>

#include "transform/internal/project/context_functions.h"
#include "transform/internal/project/relation.h"

namespace smelt::transform {

using jinja::Value;

RenderContext::RenderContext(const ProjectState& project, const Node* node, RenderPhase phase, RenderFindings& findings)
    : project_(project), node_(node), phase_(phase), findings_(findings), run_id_(project.options.run_id) {}

void RenderContext::set_run(engine::Session* session, std::string run_id) {
  session_ = session;
  run_id_ = std::move(run_id);
}

const Value* RenderContext::Find(std::string_view name) const {
  if (auto found = own_.find(name); found != own_.end()) return &found->second;
  if (phase_ != RenderPhase::kYaml) {
    if (const Value* macro = project_.macros.Find(name)) return macro;
  }
  if (auto made = Make(name)) return &own_.emplace(name, *std::move(made)).first->second;
  return project_.functions.Find(name);
}

std::vector<std::string_view> RenderContext::Names() const {
  std::vector<std::string_view> names = project_.functions.Names();
  names.insert(names.end(), {"execute", "invocation_id", "graph", "this", "model", "config", "schema", "database"});
  for (const auto& [name, value] : own_) names.push_back(name);
  for (const auto* macros : {&project_.macros.own(), &project_.macros.built_in()}) {
    for (const auto& [name, value] : *macros) names.push_back(name);
  }
  return names;
}

std::optional<Value> RenderContext::Make(std::string_view name) const {
  if (name == "execute") return Value(executes());
  if (name == "invocation_id") {
    const std::string& id = project_.options.invocation_id;
    return Value(id.empty() ? run_id_ : id);
  }
  if (name == "graph") return MakeGraph(*this);
  if (node_ == nullptr) return std::nullopt;
  if (name == "this") return Value(std::make_shared<Relation>(node_->relation, RelationType(*node_)));
  if (name == "model") return Value::FromJson(DescribeNode(project_, *node_, config()));
  if (name == "config") return MakeConfigObject(*this);
  if (name == "schema") return Value(node_->relation.schema);
  if (name == "database") return Value(kDatabase);
  return std::nullopt;
}

Json DescribeNode(const ProjectState& project, const Node& node, const Json& config) {
  Json text = {{"unique_id", node.unique_id},
               {"resource_type", ResourceTypeText(node.type)},
               {"name", node.name},
               {"alias", node.relation.identifier},
               {"identifier", node.relation.identifier},
               {"schema", node.relation.schema},
               {"database", kDatabase},
               {"package_name", project.file.name},
               {"description", node.description},
               {"original_file_path", node.file},
               {"path", node.file},
               {"config", config},
               {"meta", config.contains("meta") ? config["meta"] : Json::object()},
               {"tags", config.contains("tags") ? config["tags"] : Json::array()}};
  text["depends_on"] = {{"nodes", node.depends_on}};
  Json& columns = text["columns"] = Json::object();
  for (const auto& [column, description] : node.column_descriptions) {
    columns[column] = {{"name", column}, {"description", description}};
  }
  if (auto detail = project.details.find(node.unique_id); detail != project.details.end()) {
    text["fqn"] = detail->second.fqn;
    text["raw_code"] = detail->second.raw_sql;
  }
  return text;
}

Result<std::string> RenderIn(const RenderContext& context, const jinja::TemplatePointer& sql, const jinja::Body* body) {
  const jinja::Body& part = body == nullptr ? sql->body : *body;
  auto text = jinja::Interpreter(context).RenderPart(sql, part);
  bool lacks_answer = !text && text.error().code() == ErrorCode::kJinjaUndefined && !context.executes() &&
                      context.findings().asked_database;
  if (!lacks_answer) return text;
  jinja::RenderOptions options;
  options.lenient = true;
  return jinja::Interpreter(context, options).RenderPart(sql, part);
}

Result<Json> RenderYamlText(const ProjectState& project, const ConfigNode& place, const std::string& text) {
  if (text.find("{{") == std::string::npos && text.find("{%") == std::string::npos) return Json(text);
  RenderFindings findings;
  RenderContext context(project, nullptr, RenderPhase::kYaml, findings);
  auto render = [&]() -> Result<Json> {
    SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate(text, place.file()));
    SMELT_ASSIGN(Value value, jinja::Interpreter(context).RenderNative(parsed));
    if (value.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, value.undefined_hint());
    return jinja::ToJson(value);
  };
  auto json = render();
  if (json) return json;
  // The template's own place is one within the text.
  return Fail(Error(json.error().code(), json.error().message())
                  .Hint(json.error().hint())
                  .At(place.file(), place.line(), place.column()));
}

Result<Json> RenderYaml(const ProjectState& project, const ConfigNode& node) {
  if (node.is_list()) {
    Json list = Json::array();
    for (const ConfigNode& item : node.items()) {
      SMELT_ASSIGN(Json value, RenderYaml(project, item));
      list.push_back(std::move(value));
    }
    return list;
  }
  if (node.is_map()) {
    Json map = Json::object();
    for (const std::string& key : node.keys()) {
      SMELT_ASSIGN(map[key], RenderYaml(project, *node.Find(key)));
    }
    return map;
  }
  Json value = node.ToJson();
  if (!value.is_string()) return value;
  return RenderYamlText(project, node, value.get<std::string>());
}

}  // namespace smelt::transform
