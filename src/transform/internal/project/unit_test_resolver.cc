#include "transform/internal/project/unit_test_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/config.h"
#include "base/digest.h"
#include "base/file.h"
#include "transform/internal/project/config_layers.h"
#include "transform/internal/project/descriptions.h"
#include "transform/internal/project/fixture_rows.h"
#include "transform/internal/project/node_config.h"
#include "transform/internal/project/node_files.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

/// A part of a unit test that holds rows: an input, or what is expected.
struct RowsPart {
  const ConfigNode& place;
  Json& text;
  std::string name;  ///< "ref('orders')", "what is expected"
};

/// The text of the fixture file of that name. Errors: kDbtRefMissing, kStore….
Result<std::string> ReadFixture(const ProjectFile& package, const std::string& name, const std::string& format,
                                const ConfigNode& place) {
  std::vector<std::string> folders;
  for (const std::string& folder : package.test_paths) folders.push_back(folder + "/fixtures");
  const std::string extension = format == "sql" ? ".sql" : ".csv";
  SMELT_ASSIGN(auto files, FindSourceFiles(package.directory, folders, {extension}));
  std::vector<std::string> stems;
  for (const SourceFile& file : files) {
    stems.push_back(file.Stem());
    if (stems.back() == name) return ReadPackageFile(package, file.path);
  }
  const std::string near = NearestWord(name, {stems.begin(), stems.end()});
  const std::string where =
      fmt::format("it is looked for in {}/fixtures/{}{}", package.test_paths.front(), name, extension);
  return Fail(std::move(place.ErrorHere(ErrorCode::kDbtRefMissing,
                                        fmt::format("there is no fixture '{}' of the format {}", name, format)))
                  .Hint(near.empty() ? where : fmt::format("did you mean '{}'? {}", near, where)));
}

/// The versions of a model that a unit test is for.
bool IsForVersion(const Json& test, const Node& model) {
  auto versions = test.find("versions");
  if (model.version.empty() || versions == test.end() || !versions->is_object()) return true;
  auto lists = [&](const char* key) {
    auto list = versions->find(key);
    if (list == versions->end()) return false;
    return std::ranges::any_of(*list, [&model](const Json& version) {
      return (version.is_string() ? version.get<std::string>() : JsonText(version)) == model.version;
    });
  };
  return versions->contains("include") ? lists("include") : !lists("exclude");
}

/// What `overrides: macros:` says of is_incremental(); nothing when it says no true or false.
std::optional<bool> OverridesIncremental(const Json& test) {
  for (const char* name : {"is_incremental", "dbt.is_incremental"}) {
    const Json::json_pointer path = Json::json_pointer("/overrides/macros") / name;
    if (test.contains(path) && test.at(path).is_boolean()) return test.at(path).get<bool>();
  }
  return std::nullopt;
}

class UnitTestBuilder {
 public:
  UnitTestBuilder(ProjectState& project, const LocatedProperties& file) : project_(project), file_(file) {}

  Status Add(const ConfigNode& place) const {
    WarnOfKeys(place, {"name", "description", "model", "given", "expect", "overrides", "config", "versions"},
               project_.warnings);
    SMELT_ASSIGN(ConfigNode name, place.Require("name"));
    SMELT_ASSIGN(ConfigNode model, place.Require("model"));
    SMELT_ASSIGN(ConfigNode expect, place.Require("expect"));
    SMELT_ASSIGN(std::string test_name, name.AsString());
    SMELT_ASSIGN(std::string model_name, model.AsString());
    const std::vector<std::string> models = project_.refs.VersionsOf(model_name, file_.package->name);
    if (models.empty()) return NoModel(model, model_name);
    Json test = place.ToJson();
    SMELT_TRY(FillRows({expect, test["expect"], "what is expected"}));
    bool is_for_any = false;
    for (const std::string& id : models) {
      const Node& model_node = project_.manifest.nodes.at(id);
      if (model_node.type != ResourceType::kModel || !IsForVersion(test, model_node)) continue;
      is_for_any = true;
      SMELT_TRY(AddFor(place, test_name, test, model_node));
    }
    if (is_for_any) return {};
    return Fail(place.ErrorHere(ErrorCode::kDbtRefMissing,
                                fmt::format("the unit test '{}' is for no version of '{}'", test_name, model_name)));
  }

 private:
  Status NoModel(const ConfigNode& place, const std::string& model) const {
    if (project_.refs.IsDisabled(model)) return {};
    std::string near = NearestWord(model, project_.refs.Names());
    return Fail(std::move(place.ErrorHere(ErrorCode::kDbtRefMissing, fmt::format("there is no model '{}'", model)))
                    .Hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near)));
  }

  /// Puts rows in the one form: a text of SQL, or a list of maps.
  Status FillRows(const RowsPart& part) const {
    const auto refuse = [&part](const std::string& why, std::string hint) {
      return Fail(std::move(part.place.ErrorHere(ErrorCode::kDbtConfigInvalid,
                                                 fmt::format("the rows of {}: {}", part.name, why)))
                      .Hint(std::move(hint)));
    };
    Json& text = part.text;
    if (!text.is_object()) return refuse("there is no map of them", "write rows: [{column: value}]");
    WarnOfKeys(part.place, {"input", "format", "rows", "fixture"}, project_.warnings);
    if (!text.contains("format")) text["format"] = "dict";
    const std::string format = text["format"].is_string() ? text["format"].get<std::string>() : "";
    if (format != "dict" && format != "csv" && format != "sql") {
      return refuse(fmt::format("the format is {}", JsonText(text["format"])), "it is dict, csv or sql");
    }
    if (text.contains("fixture") && text["fixture"].is_string()) {
      if (format == "dict") return refuse("the format of a fixture file is csv or sql", "add format: csv");
      SMELT_ASSIGN(text["rows"], ReadFixture(*file_.package, text["fixture"].get<std::string>(), format, part.place));
    }
    const Json rows = text.contains("rows") ? text["rows"] : Json();
    if (format != "dict" && !rows.is_string()) return refuse(fmt::format("{} is a text", format), "begin it with |");
    if (format == "csv") text["rows"] = CsvRows(rows.get_ref<const std::string&>());
    const bool is_list = rows.is_array() && std::ranges::all_of(rows, [](const Json& row) { return row.is_object(); });
    if (format == "dict" && !is_list) return refuse("they are no list of maps", "write rows: [{column: value}]");
    if (format != "sql") PutWholeRowFirst(text["rows"]);
    return {};
  }

  /// The unique id of what an input stands for.
  Result<std::string> InputOf(const ConfigNode& place, const std::string& input, const Node& model) const {
    if (input == "this") return model.unique_id;
    SMELT_ASSIGN(References found, ReferredTo(project_, file_.package->name, place, input));
    if (found.ids.size() == 1) return found.ids.front();
    return Fail(std::move(place.ErrorHere(ErrorCode::kDbtConfigInvalid,
                                          fmt::format("the input '{}' is no single node or source", input)))
                    .Hint("write ref('orders'), source('raw', 'orders') or this"));
  }

  Status AddGiven(const ConfigNode& place, Json& test, const Node& model, Node& node) const {
    const auto list = place.Find("given");
    Json& given = test["given"];
    if (!given.is_array()) given = Json::array();
    for (std::size_t i = 0; i < given.size(); ++i) {
      const ConfigNode& item = list->items()[i];
      SMELT_ASSIGN(ConfigNode input, item.Require("input"));
      SMELT_ASSIGN(std::string call, input.AsString());
      SMELT_ASSIGN(std::string id, InputOf(input, call, model));
      const auto found = project_.manifest.nodes.find(id);
      const bool has_rows = item.Find("rows") || item.Find("fixture");
      if (!has_rows && found != project_.manifest.nodes.end() && found->second.type == ResourceType::kSeed) {
        const ProjectFile& package = project_.PackageOf(found->second.package).file;
        SMELT_ASSIGN(std::string text, ReadPackageFile(package, found->second.original_file));
        given[i]["rows"] = CsvRows(text);
      }
      SMELT_TRY(FillRows({item, given[i], call}));
      node.given.push_back(std::move(id));
    }
    return {};
  }

  /// Whether the model is built from nothing or on top of what is there has to be said, when it asks.
  Status CheckIncremental(const ConfigNode& place, const Json& test, const Node& model, const Node& node) const {
    const bool asks = model.sql != nullptr && std::ranges::binary_search(model.sql->words, "is_incremental");
    if (!asks) return {};
    const auto is_incremental = OverridesIncremental(test);
    if (!is_incremental) {
      return Fail(std::move(place.ErrorHere(ErrorCode::kDbtConfigInvalid,
                                            fmt::format("the model '{}' asks is_incremental(), and the unit test '{}' "
                                                        "does not answer",
                                                        model.name, node.name)))
                      .Hint("add overrides: {macros: {is_incremental: true}}, or false"));
    }
    if (!*is_incremental || std::ranges::find(node.given, model.unique_id) != node.given.end()) return {};
    return Fail(std::move(place.ErrorHere(ErrorCode::kDbtConfigInvalid,
                                          fmt::format("the unit test '{}' of an incremental run says nothing of the "
                                                      "rows that are there",
                                                      node.name)))
                    .Hint("add under given: - {input: this, rows: [...]}"));
  }

  Result<Node> Draft(const ConfigNode& place, const std::string& name, const Node& model) const {
    Node node = MakeDraft(*file_.package, ResourceType::kUnitTest, name, file_.file);
    node.unique_id = fmt::format("unit_test.{}.{}.{}{}", node.package, model.name, name,
                                 model.version.empty() ? "" : "_v" + model.version);
    node.fqn.insert(node.fqn.end() - 1, model.name);
    node.line = place.line();
    node.version = model.version;
    node.relation.schema = model.relation.schema;
    node.attached_to = model.unique_id;
    node.properties_file = file_.Address();
    if (auto description = place.Find("description")) {
      SMELT_ASSIGN(std::string text, description->AsString());
      SMELT_ASSIGN(node.description, RenderDescription(project_, node.package, *description, text));
    }
    node.depends_on.push_back(model.unique_id);
    return node;
  }

  Status AddFor(const ConfigNode& place, const std::string& name, Json test, const Node& model) const {
    SMELT_ASSIGN(Node node, Draft(place, name, model));
    ConfigLayers layers(project_);
    LayeredConfig layered;
    SMELT_TRY(layers.ApplyTrees(TreeKey(node.type), node.fqn, node.type, layered));
    if (auto config = place.Find("config"); config && config->is_map()) {
      std::vector<YamlSetting> settings;
      for (const std::string& key : config->keys()) settings.push_back({key, *config->Find(key)});
      SMELT_TRY(layers.ApplySettings(settings, node.type, node.package, layered));
    }
    std::string id = node.unique_id;
    bool is_enabled = IsEnabled(layered.config);
    SMELT_ASSIGN(node.config, ResolveConfig(node.type, std::move(layered.config)));
    node.tags = TagsOf(node.config.all);
    if (is_enabled) {
      SMELT_TRY(AddGiven(place, test, model, node));
      SMELT_TRY(CheckIncremental(place, test, model, node));
    } else if (!test.contains("given") || !test["given"].is_array()) {
      test["given"] = Json::array();
    }
    node.checksum = Sha256Hex(JsonText(test));
    node.unit_test = std::move(test);
    if (!is_enabled) {
      project_.manifest.disabled[id].push_back(std::move(node));
      return {};
    }
    if (project_.manifest.nodes.emplace(id, std::move(node)).second) return {};
    return Fail(place.ErrorHere(ErrorCode::kDbtDuplicate, fmt::format("two unit tests are called '{}'", name)));
  }

  ProjectState& project_;
  const LocatedProperties& file_;
};

}  // namespace

Status AddUnitTests(ProjectState& project, const std::vector<LocatedProperties>& files) {
  for (const LocatedProperties& file : files) {
    UnitTestBuilder builder(project, file);
    for (const ConfigNode& test : file.properties.unit_tests) SMELT_TRY(builder.Add(test));
  }
  return {};
}

}  // namespace smelt::transform
