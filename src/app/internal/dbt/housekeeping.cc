#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "app/internal/dbt/commands.h"
#include "base/version.h"

namespace smelt::app {
namespace {

namespace fs = std::filesystem;

bool IsWithin(const fs::path& path, const fs::path& folder) {
  const auto [left, right] = std::ranges::mismatch(folder, path);
  return left == folder.end() || (std::next(left) == folder.end() && left->empty());
}

fs::path Absolute(const fs::path& path) {
  std::error_code ignored;
  return fs::weakly_canonical(path, ignored);
}

/// Removes what is in a folder but the lake, which holds the tables that the project has made.
Result<bool> RemoveBut(const fs::path& folder, const fs::path& lake) {
  std::error_code failure;
  if (!IsWithin(lake, folder)) {
    fs::remove_all(folder, failure);
    if (failure)
      return Fail(ErrorCode::kStoreIo, fmt::format("cannot remove '{}': {}", folder.string(), failure.message()));
    return false;
  }
  if (lake == folder) return true;
  bool kept = false;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failure)) {
    SMELT_ASSIGN(bool held, RemoveBut(entry.path(), lake));
    kept = kept || held;
  }
  return kept;
}

/// What `debug` found, in its order: what it is, and its value.
using Findings = std::vector<std::pair<std::string, std::string>>;

Findings SettingsOf(const DbtInvocation& invocation) {
  const transform::Profile& profile = invocation.profile;
  return {{"project", (Absolute(invocation.options.project_dir) / "dbt_project.yml").string()},
          {"profiles.yml", profile.file.empty() ? "none: everything as by default" : Absolute(profile.file).string()},
          {"profile", profile.target.profile.empty() ? "none" : profile.target.profile},
          {"target", profile.target.name},
          {"schema", profile.target.schema},
          {"threads", invocation.options.threads == 0 ? "one per core" : fmt::to_string(invocation.options.threads)},
          {"lake", invocation.context.lake}};
}

void Check(std::string_view what, const std::string& found) {
  std::cout << fmt::format("  {:<17} {}\n", what, found);
}

}  // namespace

Result<int> RunClean(DbtInvocation& invocation) {
  const fs::path root = Absolute(invocation.options.project_dir);
  std::vector<std::string> targets = invocation.project.clean_targets;
  if (targets.empty()) targets.push_back(invocation.project.target_path);
  const bool inside_only = invocation.flags.On("clean_project_files_only", true);
  const std::string& lake = invocation.context.lake;
  for (const std::string& target : targets) {
    const fs::path folder = Absolute(root / target);
    if (IsWithin(root, folder) || (inside_only && !IsWithin(folder, root))) {
      return Fail(Error(ErrorCode::kUsage,
                        fmt::format("'{}' of clean-targets holds more than the project makes", folder.string()))
                      .Hint("--no-clean-project-files-only removes folders beside the project, never the project"));
    }
    std::error_code ignored;
    if (!fs::exists(folder, ignored)) continue;
    SMELT_ASSIGN(bool kept, RemoveBut(folder, lake.find("://") == std::string::npos ? Absolute(lake) : fs::path()));
    if (invocation.context.json) {
      PrintLine({{"folder", target}, {"kept_lake", kept}});
      continue;
    }
    if (invocation.is_quiet) continue;
    std::cout << (kept ? fmt::format("cleaned {}, but kept the lake {}\n", target, lake)
                       : fmt::format("removed {}\n", target));
  }
  return 0;
}

Result<int> RunDebug(DbtInvocation& invocation) {
  const transform::Profile& profile = invocation.profile;
  if (invocation.flags.On("config_dir")) {
    const std::string folder = profile.file.empty() ? "" : fs::path(profile.file).parent_path().string();
    if (invocation.context.json) {
      PrintLine({{"config_dir", folder}});
    } else {
      std::cout << (folder.empty() ? "there is no profiles.yml" : folder) << "\n";
    }
    return 0;
  }
  const bool is_json = invocation.context.json;
  const Findings settings = SettingsOf(invocation);
  // People see them before the lake is opened, which may be what fails.
  if (!is_json) {
    std::cout << fmt::format("smelt {}, as dbt {}\n", kSmeltVersion, transform::kDbtVersion);
    for (const auto& [what, value] : settings) Check(what, value);
  }
  SMELT_ASSIGN(auto engine, OpenEngine(invocation, engine::MissingLake::kAwaitWrite));
  SMELT_ASSIGN(auto tables, engine->Tables());
  const std::string connection = fmt::format("ok, {} tables and views", tables.size());
  if (is_json) {
    Json line = {{"version", kSmeltVersion}, {"dbt_version", transform::kDbtVersion}};
    for (const auto& [what, value] : settings) line[what] = value;
    line["connection"] = connection;
    PrintLine(line);
    return 0;
  }
  Check("connection", connection);
  PrintNotes(invocation);
  std::cout << "All checks passed!\n";
  return 0;
}

}  // namespace smelt::app
