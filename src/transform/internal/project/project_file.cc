#include "transform/internal/project/project_file.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "base/file.h"

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
  return {};
}

Status ReadVars(const ConfigNode& root, const Json& overrides, ProjectFile& file) {
  if (auto vars = root.Find("vars"); vars && !vars->is_null()) {
    if (!vars->is_map()) return Fail(vars->ErrorHere(ErrorCode::kConfigValueInvalid, "vars must be a map"));
    for (const std::string& key : vars->keys()) {
      // A map under the project's own name holds vars of this project only.
      if (key != file.name || !vars->Find(key)->is_map()) file.vars[key] = vars->Find(key)->ToJson();
    }
    if (auto own = vars->Find(file.name); own && own->is_map()) file.vars.update(own->ToJson());
  }
  if (overrides.is_object()) file.vars.update(overrides);
  return {};
}

Result<std::optional<ConfigNode>> ConfigTree(const ConfigNode& root, std::string_view key) {
  auto tree = root.Find(key);
  if (!tree || tree->is_null()) return std::nullopt;
  if (!tree->is_map()) {
    return Fail(tree->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} must be a map", key)));
  }
  return tree;
}

Status ReadTrees(const ConfigNode& root, ProjectFile& file) {
  SMELT_ASSIGN(file.models, ConfigTree(root, "models"));
  SMELT_ASSIGN(file.snapshots, ConfigTree(root, "snapshots"));
  SMELT_ASSIGN(file.seeds, ConfigTree(root, "seeds"));
  SMELT_ASSIGN(file.tests, ConfigTree(root, root.Find("data_tests") ? "data_tests" : "tests"));
  return {};
}

Result<std::vector<std::string>> Hooks(const ConfigNode& root, std::string_view key) {
  auto node = root.Find(key);
  if (!node || node->is_null()) return std::vector<std::string>();
  return node->AsStringList();
}

Status ReadFlags(const ConfigNode& root, ProjectFile& file) {
  auto flags = root.Find("flags");
  if (!flags) return {};
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

Result<ProjectFile> ReadProjectFile(const std::string& directory, const Json& vars) {
  std::string path = (std::filesystem::path(directory) / kFileName).string();
  auto text = ReadWholeFile(path);
  if (!text && text.error().code() == ErrorCode::kStoreNotFound) {
    return Fail(Error(ErrorCode::kDbtProjectMissing, fmt::format("'{}' has no {}", directory, kFileName))
                    .Hint("name the folder of the dbt project with --project-dir"));
  }
  if (!text) return Fail(std::move(text).error());
  SMELT_ASSIGN(ConfigNode root, ConfigNode::ParseYaml(*text, std::string(kFileName)));
  SMELT_TRY(root.AllowKeys({"name",
                            "version",
                            "config-version",
                            "profile",
                            "model-paths",
                            "macro-paths",
                            "snapshot-paths",
                            "seed-paths",
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
                            "anchors"}));
  ProjectFile file;
  file.directory = directory;
  SMELT_ASSIGN(ConfigNode name, root.Require("name"));
  SMELT_ASSIGN(file.name, name.AsString());
  SMELT_ASSIGN(file.profile, root.StringOr("profile", file.name));
  SMELT_TRY(ReadPaths(root, file));
  SMELT_TRY(ReadVars(root, vars, file));
  SMELT_TRY(ReadTrees(root, file));
  SMELT_TRY(ReadFlags(root, file));
  SMELT_ASSIGN(file.on_run_start, Hooks(root, "on-run-start"));
  SMELT_ASSIGN(file.on_run_end, Hooks(root, "on-run-end"));
  return file;
}

}  // namespace smelt::transform
