#include "transform/internal/project/node_resolver.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config.h"
#include "base/id.h"
#include "transform/internal/project/generic_test.h"
#include "transform/internal/project/node_config.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

/// Gives an error that has no place yet the one of `node`.
Error Locate(Error error, const ConfigNode& node) {
  return error.file().empty() ? std::move(error).At(node.file(), node.line(), node.column()) : error;
}

Result<std::string> RenderedText(const ProjectState& project, const ConfigNode& node) {
  SMELT_ASSIGN(Json value, RenderYaml(project, node));
  if (value.is_string()) return value.get<std::string>();
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "expected a text"));
}

std::vector<std::string> TagsOf(const Json& config) {
  return config.contains("tags") ? config["tags"].get<std::vector<std::string>>() : std::vector<std::string>();
}

}  // namespace

// -- settings

Status NodeResolver::ApplySetting(const std::string& key, const ConfigNode& value, ResourceType type,
                                  Json& config) const {
  bool is_hook = key.ends_with("hook");  // rendered when it runs
  Json rendered;
  if (is_hook) {
    rendered = value.ToJson();
  } else {
    SMELT_ASSIGN(rendered, RenderYaml(project_, value));
  }
  auto added = AddConfig(config, type, key, std::move(rendered), project_.macros);
  if (!added) return Fail(Locate(std::move(added).error(), value));
  return {};
}

Status NodeResolver::ApplySettings(const std::vector<YamlSetting>& settings, ResourceType type, Json& config) const {
  for (const YamlSetting& setting : settings) SMELT_TRY(ApplySetting(setting.key, setting.value, type, config));
  return {};
}

Status NodeResolver::ApplyLevel(const ConfigNode& level, ResourceType type, Json& config) const {
  for (const std::string& key : level.keys()) {
    ConfigNode value = *level.Find(key);
    bool is_setting = key.starts_with('+');
    if (is_setting || !value.is_map()) SMELT_TRY(ApplySetting(is_setting ? key.substr(1) : key, value, type, config));
  }
  return {};
}

Status NodeResolver::ApplyTree(const std::vector<std::string>& fqn, ResourceType type, Json& config) const {
  std::optional<ConfigNode> level;
  switch (type) {
    case ResourceType::kModel: level = project_.file.models; break;
    case ResourceType::kSeed: level = project_.file.seeds; break;
    case ResourceType::kSnapshot: level = project_.file.snapshots; break;
    case ResourceType::kGenericTest:
    case ResourceType::kSingularTest: level = project_.file.tests; break;
  }
  if (!level) return {};
  SMELT_TRY(ApplyLevel(*level, type, config));
  for (const std::string& part : fqn) {
    level = level->Find(part);
    if (!level || !level->is_map()) return {};
    SMELT_TRY(ApplyLevel(*level, type, config));
  }
  return {};
}

// -- sources

Status NodeResolver::AddSourceTable(const SourceProperties& source, const SourceTableProperties& table,
                                    const SourceFile& file) {
  Json config = Json::object();
  SMELT_TRY(ApplySettings(source.settings, ResourceType::kModel, config));
  SMELT_TRY(ApplySettings(table.settings, ResourceType::kModel, config));
  if (!IsEnabled(config)) return {};
  SourceTable added;
  added.unique_id = fmt::format("source.{}.{}.{}", project_.file.name, source.name, table.table);
  added.source = source.name;
  added.table = table.table;
  SMELT_ASSIGN(added.relation.schema, RenderedText(project_, source.schema));
  SMELT_ASSIGN(added.relation.identifier, RenderedText(project_, table.identifier));
  SMELT_ASSIGN(Json description, RenderYamlText(project_, table.place, table.description));
  added.description = description.is_string() ? description.get<std::string>() : description.dump();
  added.tags = TagsOf(config);
  added.file = file.path;
  added.line = table.place.line();
  auto [known, is_new] = project_.sources.emplace(std::pair(source.name, table.table), added);
  if (is_new) return {};
  return Fail(Error(ErrorCode::kDbtDuplicate,
                    fmt::format("the source table {}.{} is defined twice, in {}:{} and {}:{}", source.name, table.table,
                                known->second.file, known->second.line, file.path, added.line))
                  .At(file.path, added.line));
}

Status NodeResolver::AddSources(const std::vector<LocatedProperties>& files) {
  for (const LocatedProperties& file : files) {
    for (const SourceProperties& source : file.properties.sources) {
      for (const SourceTableProperties& table : source.tables) SMELT_TRY(AddSourceTable(source, table, file.file));
    }
  }
  return {};
}

// -- models, seeds, snapshots, singular tests

Status NodeResolver::AddProperties(const std::vector<NodeProperties>& list, std::initializer_list<ResourceType> types,
                                   NodeDrafts& drafts) {
  for (const NodeProperties& properties : list) {
    auto found = drafts.end();
    std::string_view type;
    for (ResourceType candidate : types) {
      type = ResourceTypeText(candidate);
      found = drafts.find(fmt::format("{}.{}.{}", type, project_.file.name, properties.name));
      if (found != drafts.end()) break;
    }
    if (found == drafts.end()) {
      std::vector<std::string_view> known;
      for (const auto& [id, draft] : drafts) {
        if (std::ranges::find(types, draft.node.type) != types.end()) known.push_back(draft.node.name);
      }
      std::string near = NearestWord(properties.name, known);
      return Fail(std::move(properties.place.ErrorHere(ErrorCode::kDbtRefMissing,
                                                       fmt::format("there is no {} '{}'", type, properties.name)))
                      .Hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near)));
    }
    auto [known, is_new] = properties_.emplace(found->first, &properties);
    if (is_new) continue;
    const ConfigNode& first = known->second->place;
    return Fail(properties.place.ErrorHere(
        ErrorCode::kDbtDuplicate,
        fmt::format("the {} '{}' is described twice, in {}:{} and {}:{}", type, properties.name, first.file(),
                    first.line(), properties.place.file(), properties.place.line())));
  }
  return {};
}

Status NodeResolver::AddYamlSnapshots(const LocatedProperties& file, NodeDrafts& drafts) const {
  for (const NodeProperties& properties : file.properties.snapshots) {
    if (properties.relation.empty()) continue;
    NodeDraft draft =
        MakeDraft(project_, ResourceType::kSnapshot, properties.name, file.file.path, file.file.Folders());
    draft.node.line = properties.place.line();
    draft.detail.raw_sql = fmt::format("select * from {{{{ {} }}}}", properties.relation);
    std::string lines(static_cast<std::size_t>(draft.node.line - 1), '\n');
    SMELT_ASSIGN(draft.node.sql, jinja::ParseTemplate(lines + draft.detail.raw_sql, file.file.path));
    SMELT_TRY(AddDraft(std::move(draft), drafts));
  }
  return {};
}

Status NodeResolver::Describe(const NodeProperties& properties, Node& node) const {
  auto render = [&](const std::string& text) -> Result<std::string> {
    SMELT_ASSIGN(Json value, RenderYamlText(project_, properties.place, text));
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  SMELT_ASSIGN(node.description, render(properties.description));
  for (const auto& [column, description] : properties.columns) {
    SMELT_ASSIGN(node.column_descriptions[column], render(description));
  }
  return {};
}

Result<std::string> NodeResolver::CallNaming(const Node& node, const std::string& macro,
                                             std::string_view setting) const {
  RenderFindings findings;
  findings.config = node.config.all;
  RenderContext context(project_, &node, RenderPhase::kConfig, findings);
  auto custom = node.config.all.find(setting);
  context.Set("_custom", custom == node.config.all.end() ? jinja::Value::None() : jinja::Value::FromJson(*custom));
  context.Set("_node", jinja::Value::FromJson(DescribeNode(project_, node, node.config.all)));
  SMELT_ASSIGN(jinja::TemplatePointer call, jinja::ParseTemplate("{{ " + macro + "(_custom, _node) }}", node.file));
  SMELT_ASSIGN(std::string text, jinja::Interpreter(context).Render(call));
  std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string::npos) {
    return Fail(Error(ErrorCode::kDbtConfigInvalid, fmt::format("{}() gives no name for {}", macro, node.unique_id))
                    .At(node.file, node.line));
  }
  return text.substr(begin, text.find_last_not_of(" \t\n") + 1 - begin);
}

Status NodeResolver::NameRelation(Node& node) const {
  if (ResourceTypeText(node.type) == "test") return {};
  SMELT_ASSIGN(node.relation.identifier, CallNaming(node, "generate_alias_name", "alias"));
  if (auto schema = node.config.all.find("target_schema"); schema != node.config.all.end() && schema->is_string()) {
    node.relation.schema = schema->get<std::string>();
    return {};
  }
  SMELT_ASSIGN(node.relation.schema, CallNaming(node, "generate_schema_name", "schema"));
  return {};
}

Status NodeResolver::AddNode(NodeDraft draft) {
  Node& node = draft.node;
  RenderFindings findings;
  SMELT_TRY(ApplyTree(draft.detail.fqn, node.type, findings.config));
  auto properties = properties_.find(node.unique_id);
  if (properties != properties_.end()) {
    SMELT_TRY(ApplySettings(properties->second->settings, node.type, findings.config));
    SMELT_TRY(Describe(*properties->second, node));
  }
  if (node.sql != nullptr && IsEnabled(findings.config)) {
    RenderContext context(project_, &node, RenderPhase::kConfig, findings);
    SMELT_TRY(RenderIn(context, node.sql, draft.detail.body));
  }
  if (!IsEnabled(findings.config)) {
    project_.disabled.insert(node.name);
    return {};
  }
  auto config = ResolveConfig(node.type, std::move(findings.config));
  if (!config) {
    return Fail(Error(config.error().code(), config.error().message()).At(node.file, node.line));
  }
  node.config = *std::move(config);
  node.tags = TagsOf(node.config.all);
  SMELT_TRY(NameRelation(node));
  if (node.type != ResourceType::kSingularTest) project_.refs.emplace(node.name, node.unique_id);
  project_.details.emplace(node.unique_id, std::move(draft.detail));
  std::string id = node.unique_id;
  project_.manifest.nodes.emplace(std::move(id), std::move(node));
  return {};
}

Status NodeResolver::AddNodes(NodeDrafts drafts, const std::vector<LocatedProperties>& files) {
  for (const LocatedProperties& file : files) SMELT_TRY(AddYamlSnapshots(file, drafts));
  for (const LocatedProperties& file : files) {
    SMELT_TRY(AddProperties(file.properties.models, {ResourceType::kModel}, drafts));
    SMELT_TRY(AddProperties(file.properties.seeds, {ResourceType::kSeed}, drafts));
    SMELT_TRY(AddProperties(file.properties.snapshots, {ResourceType::kSnapshot}, drafts));
    SMELT_TRY(AddProperties(file.properties.singular_tests, {ResourceType::kSingularTest}, drafts));
  }
  for (auto& [id, draft] : drafts) SMELT_TRY(AddNode(std::move(draft)));
  return {};
}

// -- generic tests

Status NodeResolver::CheckTestExists(const TestProperties& test, const std::string& name) const {
  if (project_.macros.Find("test_" + name) != nullptr) return {};
  std::vector<std::string> names = project_.macros.TestNames();
  std::string near = NearestWord(name, {names.begin(), names.end()});
  return Fail(std::move(test.place.ErrorHere(ErrorCode::kJinjaUndefined, fmt::format("there is no test '{}'", name)))
                  .Hint(near.empty() ? "define it with {% test " + name + "(model, column_name) %} in a macro folder"
                                     : fmt::format("did you mean '{}'?", near)));
}

Status NodeResolver::AddTest(const TestProperties& test, const Subject& subject, const SourceFile& file) {
  std::string name = test.test;
  for (const std::string& own : {project_.file.name + ".", std::string("dbt.")}) {
    if (name.starts_with(own)) name = name.substr(own.size());
  }
  SMELT_TRY(CheckTestExists(test, name));
  Json arguments = test.arguments;
  if (!test.column.empty()) arguments["column_name"] = test.quotes_column ? '"' + test.column + '"' : test.column;
  std::string prefix = subject.source.empty() ? "" : "source_";
  std::string full = test.name.empty() ? GenericTestName(prefix + name, subject.name, arguments) : test.name;
  NodeDraft draft = MakeDraft(project_, ResourceType::kGenericTest, full, file.path, file.Folders());
  Node& node = draft.node;
  node.unique_id += "." + ContentHash(name + "\n" + subject.name + "\n" + arguments.dump()).substr(0, 10);
  node.line = test.place.line();
  node.description = test.description;
  node.attached_to = subject.node;
  node.column_name = test.column;
  node.test_name = name;
  node.test_arguments = std::move(arguments);
  draft.detail.source_input = subject.source;
  Json config = Json::object();
  SMELT_TRY(ApplyTree(draft.detail.fqn, node.type, config));
  if (!test.tags.empty()) SMELT_TRY(AddConfig(config, node.type, "tags", test.tags, project_.macros));
  SMELT_TRY(ApplySettings(test.settings, node.type, config));
  if (!IsEnabled(config)) return {};
  auto resolved = ResolveConfig(node.type, std::move(config));
  if (!resolved) return Fail(Locate(std::move(resolved).error(), test.place));
  node.config = *std::move(resolved);
  node.tags = TagsOf(node.config.all);
  SMELT_ASSIGN(node.sql, GenericTestTemplate(name, file.path, node.line));
  auto [known, is_new] = project_.manifest.nodes.emplace(node.unique_id, node);
  if (!is_new) {
    return Fail(
        std::move(test.place.ErrorHere(ErrorCode::kDbtDuplicate,
                                       fmt::format("the test '{}' is there twice, in {}:{} and {}:{}", full,
                                                   known->second.file, known->second.line, node.file, node.line)))
            .Hint("take one away"));
  }
  project_.details.emplace(node.unique_id, std::move(draft.detail));
  return {};
}

Status NodeResolver::AddTests(const std::vector<NodeProperties>& list, std::string_view type, const SourceFile& file) {
  for (const NodeProperties& properties : list) {
    std::string id = fmt::format("{}.{}.{}", type, project_.file.name, properties.name);
    if (!project_.manifest.nodes.contains(id)) continue;  // disabled
    for (const TestProperties& test : properties.tests) SMELT_TRY(AddTest(test, {properties.name, id, ""}, file));
  }
  return {};
}

Status NodeResolver::AddGenericTests(const std::vector<LocatedProperties>& files) {
  for (const LocatedProperties& file : files) {
    SMELT_TRY(AddTests(file.properties.models, "model", file.file));
    SMELT_TRY(AddTests(file.properties.seeds, "seed", file.file));
    SMELT_TRY(AddTests(file.properties.snapshots, "snapshot", file.file));
    for (const SourceProperties& source : file.properties.sources) {
      for (const SourceTableProperties& table : source.tables) {
        const SourceTable* added = project_.FindSource(source.name, table.table);
        if (added == nullptr) continue;  // disabled
        Subject subject{source.name + "_" + table.table, "", added->unique_id};
        for (const TestProperties& test : table.tests) SMELT_TRY(AddTest(test, subject, file.file));
      }
    }
  }
  return {};
}

}  // namespace smelt::transform
