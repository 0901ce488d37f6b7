#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
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
  std::string shown;  ///< what stands before its files in messages: "", or "dbt_packages/utils/"
  std::string name;
  std::string version;
  std::string profile;
  std::vector<std::string> model_paths, macro_paths, snapshot_paths, seed_paths, test_paths, analysis_paths, docs_paths;
  std::string target_path;
  std::string packages_path;  ///< where `deps` puts packages
  std::vector<std::string> clean_targets;
  Json vars = Json::object();  ///< as they are written
  /// Trees of configurations by their keys: "models", "seeds", "snapshots", "data_tests", "sources", "unit_tests", …
  std::map<std::string, ConfigNode, std::less<>> trees;
  std::vector<std::string> on_run_start, on_run_end;                      ///< templates
  std::map<std::string, std::vector<std::string>, std::less<>> dispatch;  ///< namespace → packages to search
  Json quoting = Json::object();
  Json flags = Json::object();
  bool restrict_access = false;
  IndirectSelection indirect_selection = IndirectSelection::kEager;
};

/// Reads dbt_project.yml of a folder. `shown` stands before file names in messages. What looks wrong but does no harm
/// goes to `warnings`. Errors: kDbtProjectMissing, kConfig…, all with file and line.
Result<ProjectFile> ReadProjectFile(const std::string& directory, const std::string& shown,
                                    std::vector<Error>& warnings);

/// Adds a warning in place of the error when `node` has keys outside `known`.
void WarnOfKeys(const ConfigNode& node, std::initializer_list<std::string_view> known, std::vector<Error>& warnings);

}  // namespace smelt::transform
