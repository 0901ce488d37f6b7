#include "transform/internal/project/test_resolver.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config.h"
#include "base/digest.h"
#include "transform/internal/project/config_layers.h"
#include "transform/internal/project/descriptions.h"
#include "transform/internal/project/generic_test.h"
#include "transform/internal/project/node_config.h"
#include "transform/internal/project/node_files.h"
#include "transform/internal/project/node_resolver.h"
#include "transform/internal/project/quoting.h"
#include "transform/internal/project/relation_naming.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

/// What a generic test is about.
struct Subject {
  std::string name;    ///< "orders", "orders_v1", "bronze_orders"
  std::string call;    ///< "ref('orders')"
  std::string node;    ///< unique id; empty for a source table
  std::string source;  ///< unique id; empty for a node
};

class GenericTestBuilder {
 public:
  GenericTestBuilder(ProjectState& project, const LocatedProperties& file) : project_(project), file_(file) {}

  Status Add(const TestProperties& test, const Subject& subject) const {
    std::string name = test.test, package;
    if (std::size_t dot = name.find('.'); dot != std::string::npos) {
      package = name.substr(0, dot);
      name = name.substr(dot + 1);
    }
    SMELT_ASSIGN(const MacroEntry* macro, FindMacro(test, package, name));
    SMELT_ASSIGN(Node node, Draft(test, subject, package, name));
    LayeredConfig layered;
    SMELT_TRY(Configure(test, node, layered));
    node.unrendered_config = std::move(layered.unrendered);
    std::string id = node.unique_id;
    if (!IsEnabled(layered.config)) {
      node.config.all = std::move(layered.config);
      project_.manifest.disabled[id].push_back(std::move(node));
      return {};
    }
    SMELT_ASSIGN(node.sql, GenericTestTemplate(*macro, node.file, node.line));
    SMELT_TRY(Resolve(test, *macro, std::move(layered.config), node));
    auto [known, is_new] = project_.manifest.nodes.emplace(id, std::move(node));
    if (is_new) {
      if (!subject.node.empty()) project_.tests_of[subject.node].push_back(std::move(id));
      return {};
    }
    return Fail(std::move(test.place.ErrorHere(
                              ErrorCode::kDbtDuplicate,
                              fmt::format("the test '{}' is there twice, in {}:{} and {}:{}", known->second.name,
                                          known->second.file, known->second.line, file_.Shown(), test.place.line())))
                    .Hint("take one away, or give one of them a name of its own"));
  }

 private:
  Result<const MacroEntry*> FindMacro(const TestProperties& test, const std::string& package,
                                      const std::string& name) const {
    const MacroSet& macros = project_.macros;
    const std::string macro = "test_" + name;
    const MacroEntry* found = package.empty() ? macros.Find(macro, file_.package->name) : macros.FindIn(package, macro);
    if (found != nullptr) return found;
    std::vector<std::string> names = macros.NamesBehind("test_");
    std::string near = NearestWord(test.test, {names.begin(), names.end()});
    std::string how = "define it with {% test " + name + "(model, column_name) %} in a macro folder";
    if (!package.empty()) how = fmt::format("is the package '{}' in packages.yml, and `smelt deps` run?", package);
    return Fail(
        std::move(test.place.ErrorHere(ErrorCode::kJinjaUndefined, fmt::format("there is no test '{}'", test.test)))
            .Hint(near.empty() ? how : fmt::format("did you mean '{}'?", near)));
  }

  Result<Node> Draft(const TestProperties& test, const Subject& subject, const std::string& package,
                     const std::string& name) const {
    Json arguments = test.arguments;
    if (!test.column.empty()) arguments["column_name"] = test.quotes_column ? QuotedName(test.column) : test.column;
    TestNames names{test.name, test.name};
    if (test.name.empty()) {
      std::string type = package.empty() ? name : package + "_" + name;
      if (!package.empty() && !subject.source.empty()) type = package + "_source_" + name;
      if (package.empty() && !subject.source.empty()) type = "source_" + name;
      names = MakeTestNames(type, subject.name, arguments);
    }
    Node node = MakeDraft(*file_.package, ResourceType::kGenericTest, names.full, file_.file);
    node.unique_id += "." + TestHash(names.full, package, name, subject.call, arguments);
    node.relation = {project_.options.target.schema, names.brief};
    node.path = names.brief + ".sql";
    node.line = test.place.line();
    node.description = test.description;
    node.attached_to = subject.node;
    node.source_input = subject.source;
    node.column_name = test.column;
    node.test_name = name;
    node.test_namespace = package;
    node.test_model = subject.call;
    node.test_arguments = std::move(arguments);
    return node;
  }

  Status Configure(const TestProperties& test, Node& node, LayeredConfig& layered) const {
    ConfigLayers layers(project_);
    layered.config["schema"] = kFailuresSchema;
    SMELT_TRY(layers.ApplyTrees(TreeKey(node.type), node.fqn, node.type, layered));
    if (!test.tags.empty()) SMELT_TRY(AddConfig(layered.config, node.type, "tags", test.tags, project_.warnings));
    SMELT_TRY(layers.ApplySettings(test.settings, node.type, node.package, layered));
    if (node.relation.identifier != node.name && !layered.config.contains("alias")) {
      layered.config["alias"] = node.relation.identifier;
    }
    node.raw_sql = fmt::format("{{{{ {}test_{}(**_dbt_generic_test_kwargs) }}}}",
                               node.test_namespace.empty() ? "" : node.test_namespace + ".", node.test_name);
    return {};
  }

  /// config() in the test's macro counts less than what properties say.
  Status Resolve(const TestProperties& test, const MacroEntry& macro, Json config, Node& node) const {
    bool may_configure = std::ranges::binary_search(macro.statement->words, "config");
    if (may_configure) {
      RenderFindings findings;
      RenderContext context(project_, &node, RenderPhase::kConfig, findings);
      SMELT_TRY(BindTestArguments(node, context));
      SMELT_TRY(RenderIn(context, node.sql, nullptr));
      for (const auto& [key, value] : findings.config.items()) {
        if (!config.contains(key)) config[key] = value;
      }
    }
    auto resolved = ResolveConfig(node.type, std::move(config));
    if (!resolved) return Fail(PlacedAt(std::move(resolved).error(), test.place));
    node.config = *std::move(resolved);
    node.tags = TagsOf(node.config.all);
    return NameRelation(project_, node);
  }

  ProjectState& project_;
  const LocatedProperties& file_;
};

class TestAdder {
 public:
  TestAdder(ProjectState& project, const LocatedProperties& file)
      : project_(project), file_(file), tests_(project, file) {}

  Status AddOf(const std::vector<NodeProperties>& list, std::string_view type) const {
    for (const NodeProperties& properties : list) {
      if (properties.versions.empty()) {
        std::string id = fmt::format("{}.{}.{}", type, file_.package->name, properties.name);
        Subject subject{properties.name, fmt::format("ref('{}')", properties.name), std::move(id), ""};
        SMELT_TRY(AddAll(properties.tests, subject));
        SMELT_TRY(AddAll(properties.column_tests, subject));
      }
      for (const VersionProperties& version : properties.versions) SMELT_TRY(AddOfVersion(properties, version));
    }
    return {};
  }

  Status AddOfSources() const {
    for (const SourceProperties& source : file_.properties.sources) {
      for (const SourceTableProperties& table : source.tables) {
        std::string id = fmt::format("source.{}.{}.{}", file_.package->name, source.name, table.table);
        if (!project_.manifest.sources.contains(id)) continue;  // disabled
        Subject subject{source.name + "_" + table.table, fmt::format("source('{}', '{}')", source.name, table.table),
                        "", std::move(id)};
        for (const TestProperties& test : table.tests) SMELT_TRY(tests_.Add(test, subject));
      }
    }
    return {};
  }

 private:
  Status AddAll(const std::vector<TestProperties>& list, const Subject& subject) const {
    if (!project_.manifest.nodes.contains(subject.node)) return {};  // disabled, or not there
    for (const TestProperties& test : list) SMELT_TRY(tests_.Add(test, subject));
    return {};
  }

  Status AddOfVersion(const NodeProperties& properties, const VersionProperties& version) const {
    std::string id = fmt::format("model.{}.{}.v{}", file_.package->name, properties.name, version.version);
    Subject subject{fmt::format("{}_v{}", properties.name, version.version),
                    fmt::format("ref('{}', version='{}')", properties.name, version.version), std::move(id), ""};
    SMELT_TRY(AddAll(version.tests.value_or(properties.tests), subject));
    SMELT_TRY(AddAll(version.column_tests, subject));
    std::vector<TestProperties> inherited;
    auto has_own = [&version](const TestProperties& test) {
      return std::ranges::any_of(version.column_tests,
                                 [&test](const TestProperties& own) { return own.column == test.column; });
    };
    auto has_column = [&version](const TestProperties& test) {
      return !version.columns ||
             std::ranges::find(*version.columns, test.column, &ColumnProperties::name) != version.columns->end();
    };
    std::ranges::copy_if(properties.column_tests, std::back_inserter(inherited),
                         [&](const TestProperties& test) { return has_column(test) && !has_own(test); });
    return AddAll(inherited, subject);
  }

  ProjectState& project_;
  const LocatedProperties& file_;
  GenericTestBuilder tests_;
};

}  // namespace

Status AddGenericTests(ProjectState& project, const std::vector<LocatedProperties>& files) {
  for (const LocatedProperties& file : files) {
    TestAdder adder(project, file);
    SMELT_TRY(adder.AddOf(file.properties.models, "model"));
    SMELT_TRY(adder.AddOf(file.properties.seeds, "seed"));
    SMELT_TRY(adder.AddOf(file.properties.snapshots, "snapshot"));
    SMELT_TRY(adder.AddOfSources());
  }
  return {};
}

}  // namespace smelt::transform
