#include "quality/suite.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "base/config.h"
#include "base/file.h"
#include "quality/internal/kwarg_faults.h"
#include "quality/internal/kwargs.h"
#include "quality/internal/parameters.h"
#include "quality/internal/registry.h"
#include "quality/internal/row_condition.h"
#include "quality/internal/suite_shorthand.h"

namespace smelt::quality {
namespace {

/// The keys of a suite: those of Great Expectations before and since 1.0, and smelt's own.
Status AllowSuiteKeys(const ConfigNode& root) {
  return root.AllowKeys({"name", "expectation_suite_name", "expectations", "meta", "notes", "id", "ge_cloud_id",
                         "data_asset_type", "suite_parameters", "evaluation_parameters", "table", "gate", "quarantine",
                         "freshness", "volume", "references"});
}

Status AllowExpectationKeys(const ConfigNode& entry) {
  return entry.AllowKeys({"type", "expectation_type", "kwargs", "meta", "severity", "id", "ge_cloud_id", "notes",
                          "description", "expectation_context", "rendered_content", "success_on_last_run", "windows"});
}

/// The severity stands beside kwargs (Great Expectations 1.x), in kwargs or in meta.
Result<Severity> FindSeverity(const ConfigNode& entry) {
  if (const auto node = entry.Find("severity")) return ParseSeverity(*node);
  for (const std::string_view holder : {"kwargs", "meta"}) {
    const auto map = entry.Find(holder);
    const auto node = map ? map->Find("severity") : std::nullopt;
    if (node && !node->is_null()) return ParseSeverity(*node);
  }
  return Severity::kError;
}

Status CheckKwarg(const Kwarg& kwarg, const Json& value, const ConfigNode& place) {
  if (HasParameter(value)) return {};
  if (const auto problem = KwargProblem(kwarg, value)) {
    return Fail(place.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} {}", kwarg.name, *problem))
                    .Hint("docs/reference/expectations.md lists the kwargs of every expectation"));
  }
  return {};
}

/// Reads a condition without a table, for its form only.
Status CheckCondition(const ConfigNode& kwargs) {
  const auto condition = kwargs.Find("row_condition");
  if (!condition || condition->is_null()) return {};
  std::string parser;
  if (const auto named = kwargs.Find("condition_parser"); named && !named->is_null()) {
    SMELT_ASSIGN(parser, named->AsString());
  }
  const auto any_column = [](std::string_view name) -> Result<std::string> { return std::string(name); };
  const auto sql = RowConditionSql(condition->ToJson(), parser, any_column);
  if (sql) return {};
  Error error = condition->ErrorHere(sql.error().code(), sql.error().message());
  return Fail(std::move(error).Hint(sql.error().hint()));
}

Status CheckKwargs(const Expectation& expectation, const std::optional<ConfigNode>& kwargs, const ConfigNode& entry) {
  const std::vector<Kwarg> allowed = AllowedKwargs(expectation);
  std::vector<std::string_view> names;
  for (const Kwarg& kwarg : allowed) names.push_back(kwarg.name);
  if (kwargs) SMELT_TRY(kwargs->AllowKeys(names));
  for (const Kwarg& kwarg : allowed) {
    const auto node = kwargs ? kwargs->Find(kwarg.name) : std::nullopt;
    if (node) {
      SMELT_TRY(CheckKwarg(kwarg, node->ToJson(), *node));
    } else if (kwarg.required) {
      return Fail(entry
                      .ErrorHere(ErrorCode::kConfigKeyMissing,
                                 fmt::format("{} needs the kwarg \"{}\"", expectation.name, kwarg.name))
                      .Hint(fmt::format("add it to kwargs: {{\"{}\": …}}", kwarg.name)));
    }
  }
  if (!kwargs) return {};
  if (const auto fault = FindKwargFault(kwargs->ToJson())) {
    const ConfigNode place = kwargs->Find(fault->kwarg).value_or(*kwargs);
    return Fail(place.ErrorHere(ErrorCode::kConfigValueInvalid, fault->problem).Hint(fault->cure));
  }
  return CheckCondition(*kwargs);
}

Result<Json> OptionalMap(const ConfigNode& node, std::string_view key) {
  const auto found = node.Find(key);
  if (!found || found->is_null()) return Json::object();
  if (!found->is_map()) {
    return Fail(found->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} has to be an object", key))
                    .Hint(fmt::format("write \"{}\": {{…}}", key)));
  }
  return found->ToJson();
}

/// Whether an expectation sends rows to quarantine: its own meta.smelt.quarantine, else what its suite says for all
/// that can. One of severity info is only recorded, unless it says so itself.
Result<bool> FindQuarantine(const ConfigNode& entry, const Expectation& expectation, Severity severity,
                            bool suite_wants) {
  const auto meta = entry.Find("meta");
  const auto own = meta && meta->is_map() ? meta->Find("smelt") : std::nullopt;
  if (own) SMELT_TRY(own->AllowKeys({"quarantine"}));
  const auto flag = own ? own->Find("quarantine") : std::nullopt;
  if (!flag) return suite_wants && severity != Severity::kInfo && expectation.can_quarantine();
  SMELT_ASSIGN(const bool wanted, flag->AsBool());
  if (!wanted || expectation.can_quarantine()) return wanted;
  return Fail(
      flag->ErrorHere(ErrorCode::kConfigValueInvalid,
                      fmt::format("{} cannot say which rows belong in quarantine", expectation.name))
          .Hint("only expectations that blame single rows can: on values, pairs, records and their uniqueness"));
}

Result<ExpectationConfig> ParseExpectation(const ConfigNode& entry, const Registry& registry, bool suite_quarantines) {
  if (!entry.is_map()) {
    return Fail(entry.ErrorHere(ErrorCode::kConfigValueInvalid, "an expectation has to be an object of type and kwargs")
                    .Hint("write {\"type\": \"expect_…\", \"kwargs\": {…}}"));
  }
  SMELT_TRY(AllowExpectationKeys(entry));
  auto type_node = entry.Find("type");
  if (!type_node) type_node = entry.Find("expectation_type");
  if (!type_node)
    return Fail(entry.ErrorHere(ErrorCode::kConfigKeyMissing, "an expectation needs the key \"type\"")
                    .Hint("write {\"type\": \"expect_…\", \"kwargs\": {…}}"));

  ExpectationConfig config;
  SMELT_ASSIGN(config.type, type_node->AsString());
  const Expectation* expectation = registry.Find(config.type);
  if (expectation == nullptr) {
    Error error = type_node->ErrorHere(ErrorCode::kConfigValueInvalid,
                                       fmt::format("the expectation \"{}\" is not known", config.type));
    const std::string nearest = NearestWord(config.type, registry.names());
    if (nearest.empty()) return Fail(std::move(error));
    return Fail(std::move(error).Hint(fmt::format("did you mean {}?", nearest)));
  }
  SMELT_ASSIGN(config.kwargs, OptionalMap(entry, "kwargs"));
  SMELT_TRY(CheckKwargs(*expectation, entry.Find("kwargs"), entry));
  SMELT_ASSIGN(config.meta, OptionalMap(entry, "meta"));
  SMELT_ASSIGN(config.severity, FindSeverity(entry));
  SMELT_ASSIGN(config.quarantine, FindQuarantine(entry, *expectation, config.severity, suite_quarantines));
  for (const std::string_view key : {"id", "notes", "description"}) {
    if (const auto note = entry.Find(key); note && !note->is_null()) config.notes[std::string(key)] = note->ToJson();
  }
  config.file = entry.file();
  config.line = entry.line();
  return config;
}

Result<Gate> ParseGate(const ConfigNode& node) {
  SMELT_ASSIGN(const std::string text, node.AsString());
  if (text == "hard") return Gate::kHard;
  if (text == "warn") return Gate::kWarn;
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("\"{}\" is not a gate", text))
                  .Hint("use hard or warn"));
}

/// smelt's own keys stand at the top of the file, or under meta.smelt where Great Expectations 1.x, which refuses keys
/// it does not know, leaves them alone.
struct SuiteKeys {
  bool quarantines = false;
  std::vector<ExpectationConfig> expectations;  ///< of freshness, volume and references
};

Result<SuiteKeys> ReadSuiteKeys(const ConfigNode& root, Suite& suite) {
  SuiteKeys keys;
  std::optional<ConfigNode> own;
  if (const auto meta = root.Find("meta")) own = meta->Find("smelt");
  if (own) SMELT_TRY(own->AllowKeys({"table", "gate", "quarantine", "freshness", "volume", "references"}));
  for (const ConfigNode& holder : {own.value_or(root), root}) {
    if (const auto table = holder.Find("table")) {
      SMELT_ASSIGN(suite.table, table->AsString());
    }
    if (const auto gate = holder.Find("gate")) {
      SMELT_ASSIGN(suite.gate, ParseGate(*gate));
    }
    SMELT_ASSIGN(keys.quarantines, holder.BoolOr("quarantine", keys.quarantines));
  }
  // Without keys of its own, `root` is both.
  std::vector<ConfigNode> holders = {root};
  if (own) holders.push_back(*own);
  for (const ConfigNode& holder : holders) {
    SMELT_ASSIGN(auto expectations, ReadShorthand(holder));
    std::ranges::move(expectations, std::back_inserter(keys.expectations));
  }
  return keys;
}

/// Whether an expectation made of smelt's own keys is as its type wants it.
Status CheckShorthand(const ExpectationConfig& config, const Expectation& expectation) {
  for (const Kwarg& kwarg : AllowedKwargs(expectation)) {
    const Json value = config.kwargs.value(kwarg.name, Json());
    if (value.is_null() && !kwarg.required) continue;
    if (const auto problem = KwargProblem(kwarg, value)) {
      return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("{}: {} {}", config.type, kwarg.name, *problem))
                      .At(config.file, config.line));
    }
  }
  const Json low = config.kwargs.value("min_value", Json());
  const Json high = config.kwargs.value("max_value", Json());
  if (!low.is_number() || !high.is_number() || low <= high) return {};
  return Fail(
      Error(ErrorCode::kConfigValueInvalid, fmt::format("min {} is greater than max {}", JsonText(low), JsonText(high)))
          .Hint("swap the two")
          .At(config.file, config.line));
}

Result<Suite> SuiteFromNode(const ConfigNode& root, const Registry& registry) {
  if (!root.is_map()) {
    return Fail(root.ErrorHere(ErrorCode::kConfigValueInvalid, "a suite has to be an object with name and expectations")
                    .Hint("write {\"name\": …, \"expectations\": […]}, or the same as YAML"));
  }
  SMELT_TRY(AllowSuiteKeys(root));
  Suite suite;
  suite.file = root.file();
  suite.legacy_keys = root.Find("expectation_suite_name").has_value();
  SMELT_ASSIGN(const ConfigNode name, root.Require(suite.legacy_keys ? "expectation_suite_name" : "name"));
  SMELT_ASSIGN(suite.name, name.AsString());
  SMELT_ASSIGN(SuiteKeys own, ReadSuiteKeys(root, suite));
  SMELT_ASSIGN(suite.meta, OptionalMap(root, "meta"));
  SMELT_ASSIGN(suite.parameters, OptionalMap(root, "evaluation_parameters"));
  SMELT_ASSIGN(const Json parameters, OptionalMap(root, "suite_parameters"));
  suite.parameters.update(parameters);

  SMELT_ASSIGN(const ConfigNode expectations, root.Require("expectations"));
  if (!expectations.is_list()) {
    return Fail(expectations.ErrorHere(ErrorCode::kConfigValueInvalid, "expectations has to be a list")
                    .Hint("write one entry per expectation: [{\"type\": …, \"kwargs\": …}]"));
  }
  for (const ConfigNode& entry : expectations.items()) {
    SMELT_ASSIGN(ExpectationConfig config, ParseExpectation(entry, registry, own.quarantines));
    suite.expectations.push_back(std::move(config));
  }
  for (ExpectationConfig& config : own.expectations) {
    const Expectation& expectation = *registry.Find(config.type);
    SMELT_TRY(CheckShorthand(config, expectation));
    config.quarantine = own.quarantines && config.severity != Severity::kInfo && expectation.can_quarantine();
    suite.expectations.push_back(std::move(config));
  }
  return suite;
}

/// Python writes infinities into JSON as bare words: they become texts.
std::string WithQuotedInfinities(std::string_view text) {
  std::string result;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (in_text && text[i] == '\\') {
      result += rest.substr(0, 2);
      ++i;
      continue;
    }
    if (text[i] == '"') in_text = !in_text;
    const std::string_view word = rest.starts_with("-Infinity") ? "-Infinity" : "Infinity";
    if (!in_text && rest.starts_with(word)) {
      result += fmt::format("\"{}\"", word);
      i += word.size() - 1;
    } else {
      result += text[i];
    }
  }
  return result;
}

bool IsSuiteFile(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".json" || extension == ".yml" || extension == ".yaml";
}

}  // namespace

std::string_view SeverityText(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kInfo: return "info";
  }
  return {};
}

Result<Suite> ParseSuite(std::string_view text, const std::string& file) {
  const bool json = file.ends_with(".json");
  SMELT_ASSIGN(const ConfigNode root,
               json ? ConfigNode::ParseJsonText(WithQuotedInfinities(text), file) : ConfigNode::ParseYaml(text, file));
  return SuiteFromNode(root, Registry());
}

Result<Suite> LoadSuite(const std::string& path) {
  SMELT_ASSIGN(const std::string text, ReadWholeFile(path));
  return ParseSuite(text, path);
}

Result<std::vector<Suite>> LoadSuites(const std::string& folder) {
  std::error_code problem;
  std::vector<std::string> paths;
  for (auto entry = std::filesystem::directory_iterator(folder, problem);
       !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
    if (IsSuiteFile(entry->path())) paths.push_back(entry->path().string());
  }
  if (problem) return Fail(FileError(problem.value(), "read the folder", folder));
  std::ranges::sort(paths);

  std::vector<Suite> suites;
  for (const std::string& path : paths) {
    SMELT_ASSIGN(Suite suite, LoadSuite(path));
    suites.push_back(std::move(suite));
  }
  std::ranges::stable_sort(suites, {}, &Suite::name);
  const auto twice = std::ranges::adjacent_find(suites, {}, &Suite::name);
  if (twice != suites.end()) {
    return Fail(Error(ErrorCode::kConfigValueInvalid,
                      fmt::format("the suite \"{}\" is defined in {} too", twice->name, twice->file))
                    .At(std::next(twice)->file));
  }
  return suites;
}

Result<Suite> ResolveParameters(const Suite& suite, const Json& variables) {
  const ParameterLookup lookup = [&](std::string_view name) -> std::optional<Json> {
    for (const Json* values : {&variables, &suite.parameters}) {
      if (const auto found = values->find(name); found != values->end()) return *found;
    }
    return std::nullopt;
  };
  const Registry registry;
  Suite resolved = suite;
  for (auto& [name, value] : resolved.parameters.items()) {
    if (const auto given = variables.find(name); given != variables.end()) value = *given;
  }
  for (ExpectationConfig& config : resolved.expectations) {
    if (!HasParameter(config.kwargs)) continue;
    const auto here = [&](Error error) { return Fail(std::move(error).At(config.file, config.line)); };
    auto kwargs = ReplaceParameters(config.kwargs, lookup);
    if (!kwargs) return here(std::move(kwargs).error().Context(config.type));
    config.kwargs = *std::move(kwargs);
    for (const Kwarg& kwarg : AllowedKwargs(*registry.Find(config.type))) {
      const auto value = config.kwargs.find(kwarg.name);
      if (value == config.kwargs.end()) continue;
      if (const auto problem = KwargProblem(kwarg, *value)) {
        return here(Error(ErrorCode::kConfigValueInvalid, fmt::format("{}: {} {}", config.type, kwarg.name, *problem)));
      }
    }
    if (const auto fault = FindKwargFault(config.kwargs)) {
      return here(
          Error(ErrorCode::kConfigValueInvalid, fmt::format("{}: {}", config.type, fault->problem)).Hint(fault->cure));
    }
  }
  return resolved;
}

}  // namespace smelt::quality
