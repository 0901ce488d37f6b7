#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/file.h"
#include "base/id.h"
#include "transform/internal/project/project.h"

namespace smelt::transform {

/// A dbt project in a temporary folder, made of files written inline; it goes away with the object.
class ProjectFolder {
 public:
  using Files = std::map<std::string, std::string>;

  /// Adds a dbt_project.yml of a project "shop" unless there is one among the files.
  explicit ProjectFolder(const Files& files)
      : path_(std::filesystem::temp_directory_path() / ("smelt-project-" + NewUuid())) {
    Write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n");
    for (const auto& [file, text] : files) Write(file, text);
  }
  ProjectFolder(const ProjectFolder&) = delete;
  ProjectFolder& operator=(const ProjectFolder&) = delete;
  ~ProjectFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  void Write(const std::string& file, const std::string& text) const {
    auto written = WriteWholeFile((path_ / file).string(), text);
    EXPECT_TRUE(written) << written.error().ToString();
  }

  InvokeOptions Options() const {
    InvokeOptions options;
    options.project_dir = path_.string();
    return options;
  }
  Result<std::unique_ptr<Project>> Load() const { return Project::Load(Options()); }

 private:
  std::filesystem::path path_;
};

/// Loads a project that must be right.
inline std::unique_ptr<Project> LoadGood(const InvokeOptions& options) {
  auto project = Project::Load(options);
  EXPECT_TRUE(project) << project.error().ToString();
  return project ? *std::move(project) : nullptr;
}
inline std::unique_ptr<Project> LoadGood(const ProjectFolder& folder) {
  return LoadGood(folder.Options());
}

/// The error of a project that must be refused.
inline Error LoadError(const ProjectFolder::Files& files) {
  ProjectFolder folder(files);
  auto project = folder.Load();
  EXPECT_FALSE(project) << "the project was accepted";
  return project ? Error(ErrorCode::kInternal, "accepted") : project.error();
}

/// A node's SQL as a run without a database sees it.
inline std::string Compiled(const Project& project, const std::string& id, bool is_incremental = false) {
  CompileContext context;
  context.is_incremental = is_incremental;
  auto sql = project.Compile(project.manifest().nodes.at(id), context);
  EXPECT_TRUE(sql) << sql.error().ToString();
  return sql ? *sql : "";
}

}  // namespace smelt::transform
