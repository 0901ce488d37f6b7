#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "base/json.h"

namespace smelt::transform {

/// Which tests a selection brings along, as dbt's `indirect_selection`.
enum class IndirectSelection {
  kEager,      ///< those with any input selected
  kCautious,   ///< those with all inputs selected
  kBuildable,  ///< those whose inputs are all selected, or ancestors of what is selected
  kEmpty,      ///< none
};

/// What dbt_project.yml says.
struct ProjectFile {
  std::string directory;
  std::string name;
  std::string profile;
  std::vector<std::string> model_paths, macro_paths, snapshot_paths, seed_paths, test_paths, analysis_paths, docs_paths;
  std::string target_path;
  Json vars = Json::object();  ///< the project's own before the global ones, the caller's before both
  std::optional<ConfigNode> models, snapshots, seeds, tests;  ///< trees of configurations
  std::vector<std::string> on_run_start, on_run_end;          ///< templates
  IndirectSelection indirect_selection = IndirectSelection::kEager;
};

/// Reads dbt_project.yml; `vars` win over its own.
/// Errors: kDbtProjectMissing, kConfig…, all with file and line.
Result<ProjectFile> ReadProjectFile(const std::string& directory, const Json& vars);

}  // namespace smelt::transform
