// What templates learn of the project's nodes: ref, source, config, graph.

#include <fmt/format.h>

#include <algorithm>

#include "base/config.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/project/context_functions.h"
#include "transform/internal/project/node_config.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Function;
using jinja::GlobalTable;
using jinja::Interpreter;
using jinja::List;
using jinja::Value;

std::string Suggest(std::string_view word, const std::vector<std::string_view>& known) {
  std::string near = NearestWord(word, known);
  return near.empty() ? "" : fmt::format("did you mean '{}'?", near);
}

Error MissingRef(const ProjectState& project, const std::string& name) {
  if (project.disabled.contains(name)) {
    return Error(ErrorCode::kDbtRefMissing, fmt::format("ref('{}'): this node is disabled", name))
        .Hint("enable it with +enabled, or disable what refers to it too");
  }
  std::vector<std::string_view> known;
  for (const auto& [other, id] : project.refs) known.push_back(other);
  return Error(ErrorCode::kDbtRefMissing,
               fmt::format("ref('{}'): there is no model, seed or snapshot of this name", name))
      .Hint(Suggest(name, known));
}

/// Refuses what the node was not known to read when its place in the order was found.
Status CheckKnown(const RenderContext& context, bool known, const std::string& call) {
  if (context.phase() != RenderPhase::kRun || known) return {};
  return Fail(Error(ErrorCode::kDbtRefMissing,
                    fmt::format("{} is used only while the node runs, so it is not among its dependencies", call))
                  .Hint(fmt::format("add a comment to the node: -- depends_on: {{{{ {} }}}}", call)));
}

/// An ephemeral model has no relation: its query stands before the one that uses it.
Value RefValue(const Node& node) {
  if (node.config.materialized != "ephemeral")
    return Value(std::make_shared<Relation>(node.relation, RelationType(node)));
  return Value(std::make_shared<Relation>(RelationName{"", "__dbt__cte__" + node.name}, "cte"));
}

Result<Value> Ref(Interpreter& interpreter, Arguments arguments) {
  const RenderContext& context = RenderContext::Of(interpreter);
  if (context.node() == nullptr) return Fail(ErrorCode::kJinjaType, "ref() can only be used for a node");
  if (arguments.TakeNamed("version") || arguments.TakeNamed("v")) {
    return Fail(ErrorCode::kDbtUnsupported, "ref() with a version: models have no versions here");
  }
  SMELT_ASSIGN(List bound, arguments.Bind("ref", {"package_or_name", "name"}, 1));
  std::string name = (bound[1].is_undefined() ? bound[0] : bound[1]).ToText();
  const ProjectState& project = context.project();
  if (!bound[1].is_undefined() && bound[0].ToText() != project.file.name) {
    return Fail(ErrorCode::kDbtRefMissing,
                fmt::format("ref('{}', '{}'): there is no package '{}'", bound[0].ToText(), name, bound[0].ToText()));
  }
  if (context.phase() == RenderPhase::kConfig) {
    return Value(std::make_shared<Relation>(RelationName{project.options.target.schema, name}, "table"));
  }
  auto found = project.refs.find(name);
  if (found == project.refs.end()) return Fail(MissingRef(project, name));
  const std::string& id = found->second;
  auto& refs = context.findings().refs;
  if (std::ranges::find(refs, id) == refs.end()) refs.push_back(id);
  const auto& known = context.node()->depends_on;
  SMELT_TRY(CheckKnown(context, std::ranges::find(known, id) != known.end(), fmt::format("ref('{}')", name)));
  return RefValue(project.manifest.nodes.at(id));
}

Error MissingSource(const ProjectState& project, const std::string& source, const std::string& table) {
  std::vector<std::string_view> sources, tables;
  for (const auto& [key, value] : project.sources) {
    sources.push_back(key.first);
    if (key.first == source) tables.push_back(key.second);
  }
  std::string message = fmt::format("source('{}', '{}'): ", source, table);
  if (tables.empty()) {
    return Error(ErrorCode::kDbtRefMissing, message + "there is no source of this name").Hint(Suggest(source, sources));
  }
  return Error(ErrorCode::kDbtRefMissing, message + "the source has no such table").Hint(Suggest(table, tables));
}

Result<Value> Source(Interpreter& interpreter, Arguments arguments) {
  const RenderContext& context = RenderContext::Of(interpreter);
  if (context.node() == nullptr) return Fail(ErrorCode::kJinjaType, "source() can only be used for a node");
  SMELT_ASSIGN(List bound, arguments.Bind("source", {"source_name", "table_name"}, 2));
  std::string source = bound[0].ToText(), table = bound[1].ToText();
  const SourceTable* found = context.project().FindSource(source, table);
  if (context.phase() == RenderPhase::kConfig && found == nullptr) {
    return Value(std::make_shared<Relation>(RelationName{source, table}, "table"));
  }
  if (found == nullptr) return Fail(MissingSource(context.project(), source, table));
  auto& sources = context.findings().sources;
  if (std::ranges::find(sources, found) == sources.end()) sources.push_back(found);
  const auto& known = context.node()->source_inputs;
  SMELT_TRY(CheckKnown(context, std::ranges::find(known, found->relation) != known.end(),
                       fmt::format("source('{}', '{}')", source, table)));
  return Value(std::make_shared<Relation>(found->relation, "table"));
}

Result<Value> IsIncremental(Interpreter& interpreter, Arguments) {
  const RenderContext& context = RenderContext::Of(interpreter);
  // As long as only config() is looked for, the node's materialisation is not known.
  bool can_be = context.phase() != RenderPhase::kConfig && context.node() != nullptr &&
                context.node()->config.materialized == "incremental";
  return Value(can_be && context.is_incremental());
}

/// `config(…)` tells settings; `config.get(…)` and `config.require(…)` read them.
class ConfigObject final : public jinja::Object {
 public:
  explicit ConfigObject(const RenderContext& context) : context_(context) {}

  std::string type_name() const override { return "config"; }
  bool callable() const override { return true; }

  Result<Value> Call(Interpreter&, Arguments arguments) override {
    if (context_.phase() != RenderPhase::kConfig) return Value("");
    for (const Value& positional : arguments.positional) {
      if (!positional.is_dict()) return Fail(ErrorCode::kJinjaType, "config() takes named settings, or a dict of them");
      for (const auto& [key, value] : positional.dict().entries()) arguments.named.emplace_back(key.ToText(), value);
    }
    for (const auto& [key, value] : arguments.named) {
      SMELT_ASSIGN(Json json, jinja::ToJson(value));
      SMELT_TRY(AddConfig(context_.findings().config, context_.node()->type, key, std::move(json),
                          context_.project().macros));
    }
    return Value("");
  }

  std::optional<Value> Attribute(std::string_view name) override {
    if (name == "get") return Reader("get", false);
    if (name == "require") return Reader("require", true);
    return std::nullopt;
  }

 private:
  Value Reader(const std::string& name, bool required) const {
    return Function::Make(name, [this, name, required](Interpreter&, Arguments arguments) -> Result<Value> {
      SMELT_ASSIGN(List bound, arguments.Bind(name, {"name", "default", "validator"}, 1));
      std::string key = bound[0].ToText();
      const Json& config = context_.config();
      if (auto found = config.find(key); found != config.end() && !found->is_null()) return Value::FromJson(*found);
      if (required) return Fail(ErrorCode::kDbtConfigInvalid, fmt::format("the setting '{}' is required", key));
      return bound[1].is_undefined() ? Value::None() : bound[1];
    });
  }

  const RenderContext& context_;
};

}  // namespace

std::string RelationType(const Node& node) {
  if (node.config.materialized == "ephemeral") return "cte";
  return node.config.materialized == "view" ? "view" : "table";
}

Value MakeConfigObject(const RenderContext& context) {
  return Value(std::make_shared<ConfigObject>(context));
}

Value MakeGraph(const RenderContext& context) {
  Json nodes = Json::object(), sources = Json::object();
  if (context.executes()) {
    for (const auto& [id, node] : context.project().manifest.nodes) {
      nodes[id] = DescribeNode(context.project(), node, node.config.all);
    }
    for (const auto& [key, source] : context.project().sources) {
      sources[source.unique_id] = {{"unique_id", source.unique_id},
                                   {"resource_type", "source"},
                                   {"source_name", source.source},
                                   {"name", source.table},
                                   {"schema", source.relation.schema},
                                   {"identifier", source.relation.identifier},
                                   {"database", kDatabase},
                                   {"description", source.description},
                                   {"tags", source.tags}};
    }
  }
  return Value::FromJson({{"nodes", std::move(nodes)}, {"sources", std::move(sources)}});
}

void AddGraphFunctions(GlobalTable& table) {
  table.Set("ref", Function::Make("ref", Ref));
  table.Set("source", Function::Make("source", Source));
  table.Set("is_incremental", Function::Make("is_incremental", IsIncremental));
}

}  // namespace smelt::transform
