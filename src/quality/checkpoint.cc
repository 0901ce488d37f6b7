#include "quality/checkpoint.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "base/config.h"
#include "quality/internal/data_asset.h"

namespace smelt::quality {
namespace {

namespace fs = std::filesystem;

/// The actions by the names of both generations. What has no note is done.
struct KnownAction {
  std::string_view type, legacy_type, note;
};
constexpr std::string_view kNoPages = "smelt writes no Data Docs; --out writes the results";
constexpr std::string_view kNoMessages = "messages are sent by smelt's alert routes";
constexpr auto kActions = std::to_array<KnownAction>({
    {"store_validation_result", "StoreValidationResultAction", ""},
    {"store_evaluation_params", "StoreEvaluationParametersAction", "parameters do not pass between suites"},
    {"store_suite_parameters", "StoreMetricsAction", "metrics are in quality.results"},
    {"update_data_docs", "UpdateDataDocsAction", kNoPages},
    {"slack", "SlackNotificationAction", kNoMessages},
    {"email", "EmailAction", kNoMessages},
    {"microsoft", "MicrosoftTeamsNotificationAction", kNoMessages},
    {"opsgenie", "OpsgenieAlertAction", kNoMessages},
    {"pagerduty", "PagerdutyAlertAction", kNoMessages},
    {"sns", "SNSNotificationAction", kNoMessages},
    {"api", "APINotificationAction", kNoMessages},
});

CheckpointAction MakeAction(std::string name, std::string type) {
  const auto known = std::ranges::find_if(
      kActions, [&](const KnownAction& one) { return one.type == type || one.legacy_type == type; });
  CheckpointAction action{.name = std::move(name), .type = std::move(type), .stores = false, .note = ""};
  if (known == kActions.end()) {
    action.note = "smelt does not know such an action";
  } else {
    action.note = known->note;
    action.stores = known->note.empty();
  }
  return action;
}

Result<Json> MapOrEmpty(const ConfigNode& node, std::string_view key) {
  const auto found = node.Find(key);
  if (!found || found->is_null()) return Json::object();
  if (!found->is_map()) {
    return Fail(found->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} has to be a map", key)));
  }
  return found->ToJson();
}

Result<std::optional<ResultOptions>> ReadFormat(const std::optional<ConfigNode>& node) {
  if (!node || node->is_null()) return std::optional<ResultOptions>();
  auto options = ParseResultOptions(node->ToJson());
  if (options) return std::optional<ResultOptions>(*std::move(options));
  return Fail(node->ErrorHere(options.error().code(), options.error().message()).Hint(options.error().hint()));
}

/// Reads one file; its folder's parent is the project of Great Expectations.
class CheckpointReader {
 public:
  explicit CheckpointReader(const ConfigNode& root)
      : root_(root), project_(fs::absolute(root.file()).parent_path().parent_path()) {}

  Result<Checkpoint> Read() {
    if (!root_.is_map()) {
      return Fail(
          root_.ErrorHere(ErrorCode::kConfigValueInvalid, "a checkpoint has to be a map with name and validations")
              .Hint("write `name: …` and `validations: […]`"));
    }
    checkpoint_.file = root_.file();
    SMELT_ASSIGN(const ConfigNode name, root_.Require("name"));
    SMELT_ASSIGN(checkpoint_.name, name.AsString());
    if (root_.Find("validation_definitions")) {
      SMELT_TRY(ReadDefinitions());
    } else {
      SMELT_TRY(ReadLegacy());
    }
    if (checkpoint_.validations.empty()) {
      return Fail(root_.ErrorHere(ErrorCode::kConfigKeyMissing, "the checkpoint has no validations")
                      .Hint("name at least one suite under validations"));
    }
    return std::move(checkpoint_);
  }

 private:
  Status ReadDefinitions() {
    SMELT_TRY(root_.AllowKeys({"name", "id", "validation_definitions", "actions", "result_format", "meta"}));
    SMELT_ASSIGN(const auto format, ReadFormat(root_.Find("result_format")));
    for (const ConfigNode& reference : root_.Find("validation_definitions")->items()) {
      SMELT_ASSIGN(CheckpointValidation validation, ReadDefinition(reference));
      validation.result_format = format;
      checkpoint_.validations.push_back(std::move(validation));
    }
    const auto actions = root_.Find("actions");
    for (const ConfigNode& entry : actions ? actions->items() : std::vector<ConfigNode>()) {
      SMELT_ASSIGN(const ConfigNode type, entry.Require("type"));
      SMELT_ASSIGN(std::string type_name, type.AsString());
      SMELT_ASSIGN(std::string name, entry.StringOr("name", type_name));
      checkpoint_.actions.push_back(MakeAction(std::move(name), std::move(type_name)));
    }
    return {};
  }

  /// A validation definition is a file of its own, of JSON, named with or without an extension.
  Result<CheckpointValidation> ReadDefinition(const ConfigNode& reference) {
    SMELT_ASSIGN(const ConfigNode name_node, reference.Require("name"));
    SMELT_ASSIGN(const std::string name, name_node.AsString());
    SMELT_ASSIGN(const std::string path, FindFile("validation_definitions", name, name_node));
    SMELT_ASSIGN(const ConfigNode definition, ConfigNode::ReadFile(path));
    const auto named = [&](const ConfigNode& holder, std::string_view key) -> Result<std::string> {
      SMELT_ASSIGN(const ConfigNode object, holder.Require(key));
      SMELT_ASSIGN(const ConfigNode found, object.Require("name"));
      return found.AsString();
    };
    SMELT_ASSIGN(const std::string suite, named(definition, "suite"));
    SMELT_ASSIGN(const ConfigNode data, definition.Require("data"));
    DataAsset asset;
    SMELT_ASSIGN(asset.data_source, named(data, "datasource"));
    SMELT_ASSIGN(asset.name, named(data, "asset"));
    SMELT_ASSIGN(asset.batch_definition, named(data, "batch_definition"));
    return MakeValidation(name, suite, asset, definition);
  }

  Status ReadLegacy() {
    SMELT_TRY(root_.AllowKeys({"name",
                               "config_version",
                               "class_name",
                               "module_name",
                               "template_name",
                               "run_name_template",
                               "expectation_suite_name",
                               "expectation_suite_ge_cloud_id",
                               "batch_request",
                               "action_list",
                               "evaluation_parameters",
                               "runtime_configuration",
                               "validations",
                               "profilers",
                               "ge_cloud_id",
                               "id",
                               "site_names",
                               "slack_webhook",
                               "notify_on",
                               "notify_with"}));
    SMELT_TRY(ReadLegacyActions());
    const auto validations = root_.Find("validations");
    if (!validations || validations->items().empty()) {
      if (!root_.Find("expectation_suite_name")) return {};
      return ReadLegacyValidation(root_, 0);
    }
    for (std::size_t i = 0; i < validations->items().size(); ++i) {
      const ConfigNode& entry = validations->items()[i];
      SMELT_TRY(
          entry.AllowKeys({"id", "name", "batch_request", "expectation_suite_name", "expectation_suite_ge_cloud_id",
                           "action_list", "evaluation_parameters", "runtime_configuration"}));
      SMELT_TRY(ReadLegacyValidation(entry, i));
    }
    return {};
  }

  Status ReadLegacyActions() {
    const auto actions = root_.Find("action_list");
    for (const ConfigNode& entry : actions ? actions->items() : std::vector<ConfigNode>()) {
      SMELT_ASSIGN(const ConfigNode action, entry.Require("action"));
      SMELT_ASSIGN(const ConfigNode type, action.Require("class_name"));
      SMELT_ASSIGN(std::string type_name, type.AsString());
      SMELT_ASSIGN(std::string name, entry.StringOr("name", type_name));
      checkpoint_.actions.push_back(MakeAction(std::move(name), std::move(type_name)));
    }
    return {};
  }

  /// What a validation does not say, the checkpoint does.
  std::optional<ConfigNode> FindOr(const ConfigNode& entry, std::string_view key) const {
    const auto own = entry.Find(key);
    return own && !own->is_null() ? own : root_.Find(key);
  }

  Status ReadLegacyValidation(const ConfigNode& entry, std::size_t index) {
    const auto suite = FindOr(entry, "expectation_suite_name");
    if (!suite)
      return Fail(entry.ErrorHere(ErrorCode::kConfigKeyMissing, "the validation needs expectation_suite_name"));
    SMELT_ASSIGN(const std::string suite_name, suite->AsString());
    DataAsset asset;
    const auto request = FindOr(entry, "batch_request");
    if (request && !request->is_null()) {
      SMELT_ASSIGN(asset.data_source, request->StringOr("datasource_name", ""));
      SMELT_ASSIGN(asset.name, request->StringOr("data_asset_name", ""));
      const auto runtime = request->Find("runtime_parameters");
      if (runtime && runtime->is_map()) {
        SMELT_ASSIGN(asset.path, runtime->StringOr("path", ""));
      }
    }
    SMELT_ASSIGN(CheckpointValidation validation,
                 MakeValidation(fmt::format("{}/{}", suite_name, index), suite_name, asset, entry));
    for (const ConfigNode& holder : {root_, entry}) {
      SMELT_ASSIGN(const Json variables, MapOrEmpty(holder, "evaluation_parameters"));
      validation.variables.update(variables);
    }
    const auto runtime = FindOr(entry, "runtime_configuration");
    if (runtime && runtime->is_map()) {
      SMELT_ASSIGN(validation.result_format, ReadFormat(runtime->Find("result_format")));
    }
    checkpoint_.validations.push_back(std::move(validation));
    return {};
  }

  Result<CheckpointValidation> MakeValidation(std::string name, const std::string& suite_name, const DataAsset& asset,
                                              const ConfigNode& place) {
    SMELT_ASSIGN(const std::string path, FindFile("expectations", suite_name, place));
    SMELT_ASSIGN(Suite suite, LoadSuite(path));
    SMELT_ASSIGN(Target target, TargetOf(asset, suite, project_.string(), place));
    return CheckpointValidation{.name = std::move(name), .suite = std::move(suite), .target = std::move(target)};
  }

  /// `project/folder/name`, with one of the usual extensions or none; dots of a name may be folders.
  Result<std::string> FindFile(std::string_view folder, const std::string& name, const ConfigNode& place) const {
    std::string nested = name;
    std::ranges::replace(nested, '.', '/');
    for (const std::string& stem : {name, nested}) {
      for (const std::string_view extension : {"", ".json", ".yml", ".yaml"}) {
        const fs::path path = project_ / folder / (stem + std::string(extension));
        std::error_code problem;
        if (fs::is_regular_file(path, problem)) return path.string();
      }
    }
    return Fail(place
                    .ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("there is no \"{}\" in {}", name, (project_ / folder).string()))
                    .Hint(fmt::format("put {}.json there, or correct the name", name)));
  }

  ConfigNode root_;
  fs::path project_;
  Checkpoint checkpoint_;
};

}  // namespace

Result<Checkpoint> LoadCheckpoint(const std::string& path) {
  SMELT_ASSIGN(const ConfigNode root, ConfigNode::ReadFile(path));
  return CheckpointReader(root).Read();
}

Json CheckpointJson(const Checkpoint& checkpoint, const std::vector<SuiteResult>& results) {
  Json run_results = Json::object();
  std::int64_t successful = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].success()) ++successful;
    run_results[checkpoint.validations[i].name] = results[i].ToJson();
  }
  const auto evaluated = std::ssize(results);
  Json actions = Json::array();
  for (const CheckpointAction& action : checkpoint.actions) {
    actions.push_back({{"name", action.name},
                       {"type", action.type},
                       {"done", action.note.empty()},
                       {"note", action.note.empty() ? Json() : Json(action.note)}});
  }
  return {{"name", checkpoint.name},
          {"success", successful == evaluated},
          {"statistics",
           {{"evaluated_validations", evaluated},
            {"successful_validations", successful},
            {"unsuccessful_validations", evaluated - successful},
            {"success_percent",
             evaluated == 0 ? Json() : Json(static_cast<double>(successful) / static_cast<double>(evaluated) * 100)}}},
          {"run_results", std::move(run_results)},
          {"actions", std::move(actions)}};
}

}  // namespace smelt::quality
