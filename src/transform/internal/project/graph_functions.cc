// What templates learn of the project's nodes: ref, source, config, graph.

#include <fmt/format.h>

#include <algorithm>

#include "base/config.h"
#include "transform/internal/artefacts/described_text.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/project/context_functions.h"
#include "transform/internal/project/node_config.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/render_context.h"
#include "transform/internal/project/source_location.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Function;
using jinja::GlobalTable;
using jinja::Interpreter;
using jinja::List;
using jinja::Value;

std::string RefText(const RefCall& call) {
  std::string package = call.package.empty() ? "" : fmt::format("'{}', ", call.package);
  std::string version = call.version.empty() ? "" : fmt::format(", v={}", call.version);
  return fmt::format("ref({}'{}'{})", package, call.name, version);
}

std::string Suggest(std::string_view word, const std::vector<std::string_view>& known) {
  std::string near = NearestWord(word, known);
  return near.empty() ? "" : fmt::format("did you mean '{}'?", near);
}

Error MissingRef(const ProjectState& project, const RefCall& call) {
  const std::string text = RefText(call);
  if (project.refs.IsDisabled(call.name)) {
    return Error(ErrorCode::kDbtRefMissing, fmt::format("{}: this node is disabled", text))
        .Hint("enable it with +enabled, or disable what refers to it too");
  }
  auto is_named = [&call](const Package& package) { return package.file.name == call.package; };
  if (!call.package.empty() && std::ranges::none_of(project.packages, is_named)) {
    return Error(ErrorCode::kDbtRefMissing, fmt::format("{}: there is no package '{}'", text, call.package))
        .Hint("is it in packages.yml, and `smelt deps` run?");
  }
  return Error(ErrorCode::kDbtRefMissing, fmt::format("{}: there is no model, seed or snapshot of this name", text))
      .Hint(Suggest(call.name, project.refs.Names()));
}

/// Refuses what the node was not known to read when its place in the order was found.
Status CheckKnown(const RenderContext& context, bool known, const std::string& call) {
  if (context.phase() != RenderPhase::kRun || known || context.node()->type == ResourceType::kOperation) return {};
  return Fail(Error(ErrorCode::kDbtRefMissing,
                    fmt::format("{} is used only while the node runs, so it is not among its dependencies", call))
                  .Hint(fmt::format("add a comment to the node: -- depends_on: {{{{ {} }}}}", call)));
}

/// Which parts of a node's name are quoted: as dbt_project.yml says, then the node itself.
NameParts QuotingOf(const ProjectState& project, const Node& node) {
  const NameParts parts = ReadQuoting(project.file().quoting);
  auto own = node.config.all.find("quoting");
  return own == node.config.all.end() ? parts : ReadQuoting(*own, parts);
}

/// The same of a source table, for which what dbt_project.yml says of the project does not count.
NameParts QuotingOf(const SourceTable& source) {
  const auto own = source.config.find("quoting");
  return own == source.config.end() ? NameParts() : ReadQuoting(*own);
}

/// A relation of the lake of which nothing is known but its name.
Value Named(const ProjectState& project, const RelationName& name) {
  return Value(std::make_shared<Relation>(name, "", ReadQuoting(project.file().quoting)));
}

/// The column that says when a row of the relation happened, as SQL; empty: the configuration names none.
std::string EventTimeOf(const Json& config, const std::vector<Column>& columns) {
  const auto found = config.find("event_time");
  if (found == config.end() || !found->is_string()) return "";
  const auto name = found->get<std::string>();
  const auto column = std::ranges::find(columns, name, &Column::name);
  return column != columns.end() && column->quote.value_or(false) ? '"' + name + '"' : name;
}

/// The span of time that the context's node reads, where it is bounded: the batch of a microbatch model, a sample.
std::optional<EventTimeWindow> ReadWindow(const RenderContext& context) {
  const ResourceType type = context.node()->type;
  if (type != ResourceType::kModel && type != ResourceType::kSnapshot) return std::nullopt;
  const auto& sample = context.project().sample;
  if (context.batch() && sample) return Overlap(*context.batch(), *sample);
  return context.batch() ? context.batch() : sample;
}

/// Bounds what the context's node reads of a relation: of some runs no rows, or those of a span of time only.
void Bound(const RenderContext& context, const Json& config, const std::vector<Column>& columns, Relation& relation) {
  if (context.phase() != RenderPhase::kRun) return;
  if (context.project().options.empty) relation.set_limit(0);
  const std::string field = EventTimeOf(config, columns);
  const auto window = ReadWindow(context);
  if (!window || field.empty()) return;
  relation.set_event_time({.field = field,
                           .start = window->start ? MomentText(*window->start) : "",
                           .end = window->end ? MomentText(*window->end) : ""});
}

/// What a unit test puts in the place of a node or source. Errors: kDbtRefMissing when it gives no rows for it.
Result<Value> Substitute(const RenderContext& context, const std::string& id, const std::string& call) {
  const auto& tables = context.substitutes()->tables;
  const auto found = tables.find(id);
  if (found == tables.end()) {
    return Fail(Error(ErrorCode::kDbtRefMissing, fmt::format("the unit test gives no rows for {}", call))
                    .Hint(fmt::format("add it under given: - {{input: {}, rows: []}}", call)));
  }
  auto& substituted = context.findings().substituted;
  if (std::ranges::find(substituted, id) == substituted.end()) substituted.push_back(id);
  return Value(Relation::Ephemeral(found->second));
}

/// An ephemeral model has no relation: its query stands before the one that uses it.
Value RefValue(const RenderContext& context, const Node& node) {
  auto relation = node.config.materialized == "ephemeral"
                      ? Relation::Ephemeral("__dbt__cte__" + node.relation.identifier)
                      : std::make_shared<Relation>(node.readable(), "", QuotingOf(context.project(), node));
  Bound(context, node.config.all, node.columns, *relation);
  return Value(std::move(relation));
}

Result<RefCall> ReadRefCall(Arguments arguments) {
  RefCall call;
  for (const char* key : {"version", "v"}) {
    if (auto version = arguments.TakeNamed(key); version && !version->is_absent()) call.version = version->ToText();
  }
  SMELT_ASSIGN(List bound, arguments.Bind("ref", {"package_or_name", "name"}, 1));
  call.name = (bound[1].is_undefined() ? bound[0] : bound[1]).ToText();
  if (!bound[1].is_undefined()) call.package = bound[0].ToText();
  return call;
}

/// A private model is for its group, a protected one for its own project where the project says so.
Status CheckAccess(const RenderContext& context, const Node& target, const RefCall& call) {
  if (target.type != ResourceType::kModel || context.phase() != RenderPhase::kDependencies) return {};
  auto text = [](const Node& node, std::string_view key) {
    auto found = node.config.all.find(key);
    return found != node.config.all.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const std::string access = text(target, "access"), group = text(target, "group");
  const Node& reader = *context.node();
  if (access == "private" && !group.empty() && group != text(reader, "group") && IsRefable(reader.type)) {
    return Fail(Error(ErrorCode::kDbtRefMissing,
                      fmt::format("{}: the model is private to the group '{}'", RefText(call), group))
                    .Hint("put this node into the group, or make the model protected or public"));
  }
  bool restricts = context.project().PackageOf(target.package).file.restrict_access;
  if (restricts && access != "public" && target.package != reader.package) {
    return Fail(Error(ErrorCode::kDbtRefMissing,
                      fmt::format("{}: the model is for its own project '{}' only", RefText(call), target.package))
                    .Hint("make the model public"));
  }
  return {};
}

Result<Value> Ref(Interpreter& interpreter, Arguments arguments) {
  const RenderContext& context = RenderContext::Of(interpreter);
  if (context.node() == nullptr) return Fail(ErrorCode::kJinjaType, "ref() can only be used for a node");
  SMELT_ASSIGN(const RefCall call, ReadRefCall(std::move(arguments)));
  const ProjectState& project = context.project();
  if (context.phase() == RenderPhase::kConfig) {
    return Named(project, {project.options.target.schema, call.name});
  }
  auto& calls = context.findings().ref_calls;
  if (std::ranges::find(calls, call) == calls.end()) calls.push_back(call);
  const std::string* found = project.refs.Find(call, context.package(), project.file().name);
  if (found == nullptr) return Fail(MissingRef(project, call));
  const std::string& id = *found;
  auto& refs = context.findings().refs;
  if (std::ranges::find(refs, id) == refs.end()) refs.push_back(id);
  const auto& known = context.node()->depends_on;
  SMELT_TRY(CheckKnown(context, std::ranges::find(known, id) != known.end(), RefText(call)));
  const Node& target = project.manifest.nodes.at(id);
  SMELT_TRY(CheckAccess(context, target, call));
  if (context.substitutes() != nullptr) return Substitute(context, id, RefText(call));
  return RefValue(context, target);
}

Error MissingSource(const ProjectState& project, const std::string& source, const std::string& table) {
  std::vector<std::string_view> sources, tables;
  for (const auto& [key, ids] : project.source_ids) {
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
  const SourceTable* found = context.project().FindSource(source, table, context.package());
  if (context.phase() == RenderPhase::kConfig && found == nullptr) {
    return Named(context.project(), {source, table});
  }
  if (found == nullptr) return Fail(MissingSource(context.project(), source, table));
  auto& sources = context.findings().sources;
  if (std::ranges::find(sources, found) == sources.end()) sources.push_back(found);
  const auto& known = context.node()->source_inputs;
  SMELT_TRY(CheckKnown(context, std::ranges::find(known, found->relation) != known.end(),
                       fmt::format("source('{}', '{}')", source, table)));
  if (context.substitutes() != nullptr) {
    return Substitute(context, found->unique_id, fmt::format("source('{}', '{}')", source, table));
  }
  auto relation = std::make_shared<Relation>(found->relation, "", QuotingOf(*found));
  SMELT_ASSIGN(std::string external, ExternalLocation(*found));
  relation->set_external(std::move(external));
  Bound(context, found->config, found->columns, *relation);
  return Value(std::move(relation));
}

/// A metric, which prints as its name; what its properties say are attributes.
class MetricObject final : public jinja::Object {
 public:
  MetricObject(std::string name, Json fields) : name_(std::move(name)), fields_(std::move(fields)) {}

  std::string type_name() const override { return "metric"; }
  std::string ToText() const override { return name_; }
  std::optional<Value> Attribute(std::string_view name) override {
    if (name == "metric_name") return Value(name_);
    const auto found = fields_.find(name);
    return found == fields_.end() ? std::nullopt : std::optional(Value::FromJson(*found));
  }

 private:
  std::string name_;
  Json fields_;
};

/// `metric('revenue')` or `metric('package', 'revenue')`.
Result<Value> Metric(Interpreter& interpreter, Arguments arguments) {
  const RenderContext& context = RenderContext::Of(interpreter);
  SMELT_ASSIGN(List bound, arguments.Bind("metric", {"package_or_name", "name"}, 1));
  const std::string name = (bound[1].is_undefined() ? bound[0] : bound[1]).ToText();
  const std::string package = bound[1].is_undefined() ? "" : bound[0].ToText();
  if (context.phase() != RenderPhase::kRun) {
    return Value(std::make_shared<MetricObject>(name, Json({{"name", name}, {"package_name", package}})));
  }
  std::vector<std::string_view> known;
  for (const auto& [id, described] : context.project().manifest.described) {
    if (described.type != "metric") continue;
    if (described.name == name && (package.empty() || described.package == package)) {
      return Value(std::make_shared<MetricObject>(name, DescribedText(context.project(), described)));
    }
    known.push_back(described.name);
  }
  return Fail(Error(ErrorCode::kDbtRefMissing, fmt::format("metric('{}'): there is no metric of this name", name))
                  .Hint(Suggest(name, known)));
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

  Result<Value> Call(Interpreter& interpreter, Arguments arguments) override {
    if (context_.phase() != RenderPhase::kConfig) return Value("");
    std::vector<Error> warnings;
    for (const Value& positional : arguments.positional) {
      if (!positional.is_dict()) return Fail(ErrorCode::kJinjaType, "config() takes named settings, or a dict of them");
      for (const auto& [key, value] : positional.dict().entries()) arguments.named.emplace_back(key.ToText(), value);
    }
    for (const auto& [key, value] : arguments.named) {
      SMELT_ASSIGN(Json json, jinja::ToJson(value));
      context_.findings().own_config[key] = json;
      SMELT_TRY(AddConfig(context_.findings().config, context_.node()->type, key, std::move(json), warnings));
    }
    const auto place = interpreter.CallPlace();
    for (Error& warning : warnings) {
      auto& known = context_.findings().warnings;
      known.push_back(place ? std::move(warning).At(place->file, place->place.line, place->place.column)
                            : std::move(warning));
    }
    return Value("");
  }

  std::optional<Value> Attribute(std::string_view name) override {
    if (name == "set") return Setter();
    if (name == "get") return Reader("get", false);
    if (name == "require") return Reader("require", true);
    if (name == "meta_get") return Reader("meta_get", false, "meta");
    if (name == "meta_require") return Reader("meta_require", true, "meta");
    if (name == "persist_relation_docs") return PersistsDocs("persist_relation_docs", "relation");
    if (name == "persist_column_docs") return PersistsDocs("persist_column_docs", "columns");
    return std::nullopt;
  }

 private:
  /// A setting, or one within the map `within`.
  Json Setting(const std::string& key, const std::string& within = {}) const {
    Json settings = context_.config();
    if (!within.empty()) settings = settings.value(within, Json::object());
    const auto found = settings.find(key);
    return found == settings.end() ? Json() : *found;
  }

  /// `config.set(name, value)`: what config(name=value) does.
  Value Setter() {
    return Function::Make("set", [this](Interpreter& interpreter, Arguments arguments) -> Result<Value> {
      SMELT_ASSIGN(List bound, arguments.Bind("set", {"name", "value"}, 2));
      Arguments setting;
      setting.named.emplace_back(bound[0].ToText(), bound[1]);
      return Call(interpreter, std::move(setting));
    });
  }

  Value Reader(const std::string& name, bool required, const std::string& within = {}) const {
    return Function::Make(name, [this, name, required, within](Interpreter&, Arguments arguments) -> Result<Value> {
      SMELT_ASSIGN(List bound, arguments.Bind(name, {"name", "default", "validator"}, 1));
      const std::string key = bound[0].ToText();
      if (const Json found = Setting(key, within); !found.is_null()) return Value::FromJson(found);
      if (required) return Fail(ErrorCode::kDbtConfigInvalid, fmt::format("the setting '{}' is required", key));
      return bound[1].is_undefined() ? Value::None() : bound[1];
    });
  }

  Value PersistsDocs(const std::string& name, const std::string& of) const {
    return Function::Make(name, [this, of](Interpreter&, Arguments) -> Result<Value> {
      return Value(Setting(of, "persist_docs") == true);
    });
  }

  const RenderContext& context_;
};

}  // namespace

std::string RelationType(const Node& node) {
  if (node.config.materialized == "ephemeral") return "cte";
  return node.config.materialized == "view" ? "view" : "table";
}

Value MakeThis(const RenderContext& context) {
  const Node& node = *context.node();
  return Value(std::make_shared<Relation>(node.relation, "", QuotingOf(context.project(), node)));
}

Value MakeConfigObject(const RenderContext& context) {
  return Value(std::make_shared<ConfigObject>(context));
}

Value MakeGraph(const RenderContext& context) {
  Json nodes = Json::object(), sources = Json::object();
  Json graph = {{"exposures", Json::object()},
                {"metrics", Json::object()},
                {"semantic_models", Json::object()},
                {"saved_queries", Json::object()}};
  if (context.executes()) {
    for (const auto& [id, node] : context.project().manifest.nodes) {
      nodes[id] = DescribeNode(node, node.config.all);
    }
    for (const auto& [id, source] : context.project().manifest.sources) {
      sources[id] = DescribeSource(source);
    }
    for (const auto& [id, described] : context.project().manifest.described) {
      const std::string plural = described.type == "saved_query" ? "saved_queries" : described.type + "s";
      graph[plural][id] = DescribedText(context.project(), described);
    }
  }
  graph["nodes"] = std::move(nodes);
  graph["sources"] = std::move(sources);
  return Value::FromJson(graph);
}

void AddGraphFunctions(GlobalTable& table) {
  table.Set("ref", Function::Make("ref", Ref));
  table.Set("source", Function::Make("source", Source));
  table.Set("metric", Function::Make("metric", Metric));
  table.Set("is_incremental", Function::Make("is_incremental", IsIncremental));
}

}  // namespace smelt::transform
