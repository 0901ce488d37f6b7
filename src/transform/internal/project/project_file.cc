#include "transform/internal/project/project_file.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <utility>

#include "base/file.h"
#include "base/yaml_1_1.h"

namespace smelt::transform {
namespace {

constexpr std::string_view kFileName = "dbt_project.yml";

Result<std::vector<std::string>> Paths(const ConfigNode& root, std::string_view key,
                                       std::vector<std::string> fallback) {
  auto node = root.Find(key);
  if (!node) return fallback;
  return node->AsStringList();
}

Status ReadPaths(const ConfigNode& root, ProjectFile& file) {
  SMELT_ASSIGN(file.model_paths, Paths(root, "model-paths", {"models"}));
  SMELT_ASSIGN(file.macro_paths, Paths(root, "macro-paths", {"macros"}));
  SMELT_ASSIGN(file.snapshot_paths, Paths(root, "snapshot-paths", {"snapshots"}));
  SMELT_ASSIGN(file.seed_paths, Paths(root, "seed-paths", {"seeds"}));
  SMELT_ASSIGN(file.test_paths, Paths(root, "test-paths", {"tests"}));
  SMELT_ASSIGN(file.analysis_paths, Paths(root, "analysis-paths", {"analyses"}));
  SMELT_ASSIGN(file.docs_paths, Paths(root, "docs-paths", {}));
  SMELT_ASSIGN(file.target_path, root.StringOr("target-path", "target"));
  SMELT_ASSIGN(file.packages_path, root.StringOr("packages-install-path", "dbt_packages"));
  SMELT_ASSIGN(file.clean_targets, Paths(root, "clean-targets", {file.target_path}));
  return {};
}

Status ReadVars(const ConfigNode& root, ProjectFile& file) {
  auto vars = root.Find("vars");
  if (!vars || vars->is_null()) return {};
  if (!vars->is_map()) return Fail(vars->ErrorHere(ErrorCode::kConfigValueInvalid, "vars must be a map"));
  file.vars = vars->ToJson();
  return {};
}

/// The keys of trees, with the older spelling where there is one.
constexpr std::pair<std::string_view, std::string_view> kTrees[] = {
    {"models", ""},   {"seeds", ""},           {"snapshots", ""},     {"data_tests", "tests"},
    {"sources", ""},  {"unit_tests", ""},      {"exposures", ""},     {"metrics", ""},
    {"analyses", ""}, {"semantic-models", ""}, {"saved-queries", ""}, {"functions", ""},
};

Status ReadTrees(const ConfigNode& root, ProjectFile& file) {
  for (const auto& [key, older] : kTrees) {
    auto tree = root.Find(key);
    if (!tree && !older.empty()) tree = root.Find(older);
    if (!tree || tree->is_null()) continue;
    if (!tree->is_map()) {
      return Fail(tree->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} must be a map", key)));
    }
    file.trees.emplace(key, *tree);
  }
  return {};
}

Status ReadDispatch(const ConfigNode& root, ProjectFile& file) {
  auto list = root.Find("dispatch");
  if (!list || list->is_null()) return {};
  for (const ConfigNode& item : list->items()) {
    SMELT_ASSIGN(ConfigNode name, item.Require("macro_namespace"));
    SMELT_ASSIGN(ConfigNode order, item.Require("search_order"));
    SMELT_ASSIGN(std::string macro_namespace, name.AsString());
    SMELT_ASSIGN(file.dispatch[macro_namespace], order.AsStringList());
  }
  return {};
}

Result<std::vector<std::string>> Hooks(const ConfigNode& root, std::string_view key) {
  auto node = root.Find(key);
  if (!node || node->is_null()) return std::vector<std::string>();
  return node->AsStringList();
}

Status ReadFlags(const ConfigNode& root, ProjectFile& file) {
  auto flags = root.Find("flags");
  if (!flags || !flags->is_map()) return {};
  file.flags = flags->ToJson();
  auto node = flags->Find("indirect_selection");
  if (!node) return {};
  SMELT_ASSIGN(std::string text, node->AsString());
  constexpr std::array<std::string_view, 4> kNames = {"eager", "cautious", "buildable", "empty"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (text == kNames[i]) return file.indirect_selection = static_cast<IndirectSelection>(i), Status();
  }
  return Fail(
      node->ErrorHere(ErrorCode::kConfigValueInvalid,
                      fmt::format("indirect_selection is '{}': it takes eager, cautious, buildable or empty", text)));
}

}  // namespace

void WarnOfKeys(const ConfigNode& node, std::initializer_list<std::string_view> known, std::vector<Error>& warnings) {
  if (Status status = node.AllowKeys(known); !status) warnings.push_back(std::move(status).error());
}

namespace {

void WarnOfUnknownKeys(const ConfigNode& root, std::vector<Error>& warnings) {
  WarnOfKeys(root,
             {"name",
              "version",
              "config-version",
              "profile",
              "model-paths",
              "source-paths",
              "macro-paths",
              "snapshot-paths",
              "seed-paths",
              "data-paths",
              "test-paths",
              "analysis-paths",
              "docs-paths",
              "asset-paths",
              "target-path",
              "log-path",
              "packages-install-path",
              "clean-targets",
              "vars",
              "models",
              "snapshots",
              "seeds",
              "sources",
              "tests",
              "data_tests",
              "unit_tests",
              "metrics",
              "exposures",
              "analyses",
              "semantic-models",
              "saved-queries",
              "on-run-start",
              "on-run-end",
              "flags",
              "quoting",
              "query-comment",
              "dispatch",
              "require-dbt-version",
              "restrict-access",
              "dbt-cloud",
              "function-paths",
              "functions",
              "anchors"},
             warnings);
}

}  // namespace

Result<ProjectFile> ReadProjectFile(const std::string& directory, const std::string& shown,
                                    std::vector<Error>& warnings) {
  std::string path = (std::filesystem::path(directory) / kFileName).string();
  auto text = ReadWholeFile(path);
  if (!text && text.error().code() == ErrorCode::kStoreNotFound) {
    return Fail(Error(ErrorCode::kDbtProjectMissing, fmt::format("'{}' has no {}", directory, kFileName))
                    .Hint("name the folder of the dbt project with --project-dir"));
  }
  if (!text) return Fail(std::move(text).error());
  SMELT_ASSIGN(ConfigNode root, ParseYaml11(*text, shown + std::string(kFileName), &warnings));
  WarnOfUnknownKeys(root, warnings);
  ProjectFile file;
  file.directory = directory;
  file.shown = shown;
  SMELT_ASSIGN(ConfigNode name, root.Require("name"));
  SMELT_ASSIGN(file.name, name.AsString());
  SMELT_ASSIGN(file.profile, root.StringOr("profile", file.name));
  SMELT_ASSIGN(file.version, root.StringOr("version", ""));
  SMELT_ASSIGN(file.restrict_access, root.BoolOr("restrict-access", false));
  SMELT_TRY(ReadPaths(root, file));
  SMELT_TRY(ReadVars(root, file));
  SMELT_TRY(ReadTrees(root, file));
  SMELT_TRY(ReadDispatch(root, file));
  SMELT_TRY(ReadFlags(root, file));
  if (auto quoting = root.Find("quoting"); quoting && quoting->is_map()) file.quoting = quoting->ToJson();
  SMELT_ASSIGN(file.on_run_start, Hooks(root, "on-run-start"));
  SMELT_ASSIGN(file.on_run_end, Hooks(root, "on-run-end"));
  return file;
}

}  // namespace smelt::transform
