#include "transform/internal/project/render_context.h"

#include <fmt/format.h>

#include "transform/internal/project/context_functions.h"
#include "transform/internal/project/context_values.h"
#include "transform/internal/project/relation.h"

namespace smelt::transform {

using jinja::Value;

RenderContext::RenderContext(const ProjectState& project, const Node* node, RenderPhase phase, RenderFindings& findings)
    : project_(project),
      node_(node),
      package_(node->package),
      phase_(phase),
      findings_(findings),
      run_id_(project.options.run_id) {}

RenderContext::RenderContext(const ProjectState& project, std::string_view package, RenderFindings& findings)
    : project_(project),
      node_(nullptr),
      package_(package),
      phase_(RenderPhase::kYaml),
      findings_(findings),
      run_id_(project.options.run_id) {}

void RenderContext::set_run(engine::Session* session, std::string run_id) {
  if (session != nullptr) database_.emplace(*session);
  run_id_ = std::move(run_id);
}

const Value* RenderContext::Find(std::string_view name) const {
  if (auto found = own_.find(name); found != own_.end()) return &found->second;
  if (phase_ != RenderPhase::kYaml) {
    if (const MacroEntry* macro = project_.macros.Find(name, package_)) return &macro->value;
  }
  return FindBuiltin(name);
}

const Value* RenderContext::FindBuiltin(std::string_view name) const {
  if (auto found = made_.find(name); found != made_.end()) return &found->second;
  if (auto made = MakeContextValue(*this, name)) return &made_.emplace(name, *std::move(made)).first->second;
  return project_.functions.Find(name);
}

std::vector<std::string_view> RenderContext::Names() const {
  std::vector<std::string_view> names = project_.functions.Names();
  for (std::string_view name : ContextValueNames()) names.push_back(name);
  for (const auto& [name, value] : own_) names.push_back(name);
  for (const auto& [package, macros] : project_.macros.packages()) {
    bool is_seen = package == package_ || package == project_.macros.root() || package == kBuiltInPackage;
    for (const auto& [name, macro] : macros) {
      if (is_seen) names.push_back(name);
    }
  }
  return names;
}

Json DescribeNode(const Node& node, const Json& config) {
  Json text = {{"unique_id", node.unique_id},
               {"resource_type", ResourceTypeText(node.type)},
               {"name", node.name},
               {"alias", node.relation.identifier},
               {"identifier", node.relation.identifier},
               {"schema", node.relation.schema},
               {"database", kDatabase},
               {"package_name", node.package},
               {"description", node.description},
               {"original_file_path", node.original_file},
               {"path", node.path},
               {"language", node.is_python ? "python" : "sql"},
               {"config", config},
               {"unrendered_config", node.unrendered_config},
               {"meta", config.contains("meta") ? config["meta"] : Json::object()},
               {"tags", !node.tags.empty() ? Json(node.tags) : config.value("tags", Json::array())},
               {"fqn", node.fqn},
               {"raw_code", node.raw_sql},
               {"constraints", node.constraints},
               {"version", node.version.empty() ? Json() : Json(node.version)},
               {"latest_version", node.latest_version.empty() ? Json() : Json(node.latest_version)}};
  text["group"] = config.contains("group") ? config["group"] : Json();
  text["access"] = config.contains("access") ? config["access"] : Json("protected");
  text["depends_on"] = {{"nodes", node.depends_on}, {"macros", node.macros}};
  for (const std::string& source : node.sources) text["depends_on"]["nodes"].push_back(source);
  if (!node.attached_to.empty()) text["attached_node"] = node.attached_to;
  if (!node.column_name.empty()) text["column_name"] = node.column_name;
  if (!node.test_name.empty()) {
    text["test_metadata"] = {{"name", node.test_name},
                             {"namespace", node.test_namespace.empty() ? Json() : Json(node.test_namespace)},
                             {"kwargs", node.test_arguments}};
  }
  Json& columns = text["columns"] = Json::object();
  for (const Column& column : node.columns) columns[column.name] = DescribeColumn(column);
  return text;
}

Json DescribeSource(const SourceTable& source) {
  Json text = {{"unique_id", source.unique_id},
               {"resource_type", "source"},
               {"source_name", source.source},
               {"name", source.table},
               {"package_name", source.package},
               {"meta", source.meta},
               {"source_meta", source.source_meta},
               {"fqn", source.fqn},
               {"schema", source.relation.schema},
               {"identifier", source.relation.identifier},
               {"database", kDatabase},
               {"description", source.description},
               {"source_description", source.source_description},
               {"loader", source.loader},
               {"loaded_at_field", source.loaded_at_field.empty() ? Json() : Json(source.loaded_at_field)},
               {"loaded_at_query", source.loaded_at_query.empty() ? Json() : Json(source.loaded_at_query)},
               {"freshness", source.freshness},
               {"original_file_path", source.original_file},
               {"config", source.config},
               {"external", source.external},
               {"tags", source.tags}};
  Json& columns = text["columns"] = Json::object();
  for (const Column& column : source.columns) columns[column.name] = DescribeColumn(column);
  return text;
}

Json DescribeColumn(const Column& column) {
  return {{"name", column.name},
          {"description", column.description},
          {"meta", column.meta},
          {"data_type", column.data_type.empty() ? Json() : Json(column.data_type)},
          {"constraints", column.constraints},
          {"quote", column.quote ? Json(*column.quote) : Json()},
          {"config", {{"meta", column.meta}, {"tags", column.tags}}},
          {"tags", column.tags},
          {"granularity", column.granularity.empty() ? Json() : Json(column.granularity)},
          {"doc_blocks", Json::array()}};
}

Result<std::string> RenderIn(const RenderContext& context, const jinja::TemplatePointer& sql, const jinja::Body* body,
                             jinja::SourceMap* places) {
  const jinja::Body& part = body == nullptr ? sql->body : *body;
  jinja::Interpreter interpreter(context);
  interpreter.set_source_map(places);
  auto text = interpreter.RenderPart(sql, part);
  bool lacks_answer = !text && text.error().code() == ErrorCode::kJinjaUndefined && !context.executes() &&
                      context.findings().asked_database;
  if (!lacks_answer) return text;
  jinja::RenderOptions options;
  options.lenient = true;
  return jinja::Interpreter(context, options).RenderPart(sql, part);
}

namespace {

/// The value of a text that stands at `place`, in a context. What the template's own place is, is one within the text.
Result<Value> RenderTextAt(const RenderContext& context, const ConfigNode& place, const std::string& text) {
  auto render = [&]() -> Result<Value> {
    SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate(text, place.file()));
    SMELT_ASSIGN(Value value, jinja::Interpreter(context).RenderNative(parsed));
    if (value.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, value.undefined_hint());
    return value;
  };
  auto value = render();
  if (value) return value;
  return Fail(Error(value.error().code(), value.error().message())
                  .Hint(value.error().hint())
                  .At(place.file(), place.line(), place.column()));
}

bool IsTemplate(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos;
}

}  // namespace

Result<Json> RenderYamlText(const ProjectState& project, std::string_view package, const ConfigNode& place,
                            const std::string& text) {
  if (!IsTemplate(text)) return Json(text);
  RenderFindings findings;
  RenderContext context(project, package, findings);
  SMELT_ASSIGN(Value value, RenderTextAt(context, place, text));
  return jinja::ToJson(value);
}

Result<References> ReferredTo(const ProjectState& project, std::string_view package, const ConfigNode& place,
                              const std::string& call) {
  Node node;  // refs are those of a node, here of one that makes nothing
  node.type = ResourceType::kUnitTest;
  node.package = package;
  node.file = place.file();
  RenderFindings findings;
  RenderContext context(project, &node, RenderPhase::kDependencies, findings);
  SMELT_TRY(RenderTextAt(context, place, IsTemplate(call) ? call : "{{ " + call + " }}"));
  References found{std::move(findings.refs), std::move(findings.ref_calls), std::move(findings.sources)};
  for (const SourceTable* source : found.sources) found.ids.push_back(source->unique_id);
  return found;
}

Result<Json> RenderYaml(const ProjectState& project, std::string_view package, const ConfigNode& node) {
  if (node.is_list()) {
    Json list = Json::array();
    for (const ConfigNode& item : node.items()) {
      SMELT_ASSIGN(Json value, RenderYaml(project, package, item));
      list.push_back(std::move(value));
    }
    return list;
  }
  if (node.is_map()) {
    Json map = Json::object();
    for (const std::string& key : node.keys()) {
      SMELT_ASSIGN(map[key], RenderYaml(project, package, *node.Find(key)));
    }
    return map;
  }
  Json value = node.ToJson();
  if (!value.is_string()) return value;
  return RenderYamlText(project, package, node, value.get<std::string>());
}

}  // namespace smelt::transform
