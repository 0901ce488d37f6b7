#include "transform/internal/project/packages.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/yaml_1_1.h"

namespace smelt::transform {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProjectFile = "dbt_project.yml";

/// What packages.yml or dependencies.yml asks for.
struct Wanted {
  std::vector<std::string> local;  ///< paths, relative to the project
  std::size_t count = 0;           ///< all of them
  std::string file;
};

Result<Wanted> ReadWanted(const fs::path& directory) {
  Wanted wanted;
  for (const char* name : {"packages.yml", "dependencies.yml"}) {
    std::error_code ignored;
    if (!fs::exists(directory / name, ignored)) continue;
    SMELT_ASSIGN(std::string text, ReadWholeFile((directory / name).string()));
    SMELT_ASSIGN(ConfigNode root, ParseYaml11(text, name));
    auto list = root.Find("packages");
    if (!list) continue;
    wanted.file = name;
    for (const ConfigNode& item : list->items()) {
      ++wanted.count;
      auto local = item.Find("local");
      if (!local) continue;
      SMELT_ASSIGN(std::string path, local->AsString());
      wanted.local.push_back(std::move(path));
    }
  }
  return wanted;
}

/// Reads the packages that are installed, and remembers their real folders.
Status AddInstalled(const ProjectFile& root, std::vector<ProjectFile>& files, std::set<fs::path>& folders,
                    std::vector<Error>& warnings) {
  std::error_code error;
  fs::path base = fs::path(root.directory) / root.packages_path;
  std::vector<fs::path> found;
  for (fs::directory_iterator entry(base, error), end; !error && entry != end; entry.increment(error)) {
    if (fs::exists(entry->path() / kProjectFile, error)) found.push_back(entry->path());
  }
  std::ranges::sort(found);
  for (const fs::path& path : found) {
    std::string shown = (fs::path(root.packages_path) / path.filename()).string() + "/";
    SMELT_ASSIGN(ProjectFile file, ReadProjectFile(path.string(), shown, warnings));
    files.push_back(std::move(file));
    folders.insert(fs::weakly_canonical(path, error));
  }
  return {};
}

/// Reads packages that are named by a path and not installed, and those that they name in turn.
Status AddLocal(const fs::path& directory, const Wanted& wanted, const std::string& shown,
                std::vector<ProjectFile>& files, std::set<fs::path>& folders, std::vector<Error>& warnings) {
  for (const std::string& path : wanted.local) {
    std::error_code error;
    fs::path folder = directory / path;
    if (!folders.insert(fs::weakly_canonical(folder, error)).second) continue;
    std::string name = (fs::path(shown) / path).lexically_normal().string() + "/";
    auto file = ReadProjectFile(folder.string(), name, warnings);
    if (!file) {
      return Fail(Error(file.error().code(),
                        fmt::format("{}: the local package '{}': {}", wanted.file, path, file.error().message()))
                      .At(shown + wanted.file));
    }
    files.push_back(*std::move(file));
    SMELT_ASSIGN(const Wanted further, ReadWanted(folder));
    SMELT_TRY(AddLocal(folder, further, name, files, folders, warnings));
  }
  return {};
}

Status CheckAllThere(const ProjectFile& root, const Wanted& wanted, std::size_t found) {
  if (found >= wanted.count) return {};
  return Fail(Error(ErrorCode::kDbtProjectMissing,
                    fmt::format("{} names {} package{}, of which {} are in '{}'", wanted.file, wanted.count,
                                wanted.count == 1 ? "" : "s", found, root.packages_path))
                  .Hint("run: smelt deps")
                  .At(wanted.file));
}

/// The vars of one package: what the caller says wins over the root project's file, its part for this package first,
/// and that over the package's own.
Json VarsOf(const ProjectFile& package, const ProjectFile& root, const std::set<std::string>& names, const Json& vars) {
  Json merged = Json::object();
  auto add_from = [&](const ProjectFile& file) {
    for (const auto& [key, value] : file.vars.items()) {
      // A map under a project's name holds vars of that project only.
      if (!names.contains(key) || !value.is_object()) merged[key] = value;
    }
    if (auto own = file.vars.find(package.name); own != file.vars.end() && own->is_object()) merged.update(*own);
  };
  if (package.name != root.name) add_from(package);
  add_from(root);
  if (vars.is_object()) merged.update(vars);
  return merged;
}

}  // namespace

Result<std::vector<Package>> FindPackages(const std::string& directory, const Json& vars,
                                          std::vector<Error>& warnings) {
  SMELT_ASSIGN(ProjectFile root, ReadProjectFile(directory, "", warnings));
  std::vector<ProjectFile> files;
  std::set<fs::path> folders;
  SMELT_TRY(AddInstalled(root, files, folders, warnings));
  SMELT_ASSIGN(const Wanted wanted, ReadWanted(directory));
  if (files.size() < wanted.count) SMELT_TRY(AddLocal(directory, wanted, "", files, folders, warnings));
  SMELT_TRY(CheckAllThere(root, wanted, files.size()));
  std::ranges::sort(files, {}, &ProjectFile::name);
  files.insert(files.begin(), std::move(root));
  std::set<std::string> names;
  for (const ProjectFile& file : files) {
    if (names.insert(file.name).second) continue;
    return Fail(Error(ErrorCode::kDbtDuplicate, fmt::format("two packages are called '{}'", file.name))
                    .Hint("take one of them out of packages.yml; if it is there twice, run: smelt deps")
                    .At(file.shown + std::string(kProjectFile)));
  }
  std::vector<Package> packages;
  for (const ProjectFile& file : files) packages.push_back({file, VarsOf(file, files.front(), names, vars)});
  return packages;
}

}  // namespace smelt::transform
