#include "transform/internal/project/source_files.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"

namespace smelt::transform {
namespace fs = std::filesystem;

std::vector<std::string> SourceFile::Folders() const {
  std::vector<std::string> folders;
  for (const fs::path& part : fs::path(path).parent_path().lexically_relative(folder)) {
    if (part != ".") folders.push_back(part.string());
  }
  return folders;
}

std::string SourceFile::Stem() const {
  return fs::path(path).stem().string();
}

namespace {

Status AddFiles(const fs::path& project, const std::string& folder, const std::vector<std::string_view>& extensions,
                std::vector<SourceFile>& files) {
  std::error_code error;
  fs::path root = project / folder;
  if (!fs::exists(root, error)) return {};
  fs::recursive_directory_iterator entry(root, fs::directory_options::follow_directory_symlink, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with('.')) {
      entry.disable_recursion_pending();
      continue;
    }
    if (std::ranges::find(extensions, entry->path().extension().string()) == extensions.end()) continue;
    if (!entry->is_regular_file(error)) continue;
    files.push_back({entry->path().lexically_relative(project).string(), folder});
  }
  if (error) return Fail(FileError(error.value(), "read the folder", root.string()));
  return {};
}

}  // namespace

Result<std::vector<SourceFile>> FindSourceFiles(const std::string& project_dir, const std::vector<std::string>& folders,
                                                const std::vector<std::string_view>& extensions) {
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) SMELT_TRY(AddFiles(project_dir, folder, extensions, files));
  std::ranges::sort(files, {}, &SourceFile::path);
  auto doubled = std::ranges::unique(files, {}, &SourceFile::path);
  files.erase(doubled.begin(), doubled.end());
  return files;
}

}  // namespace smelt::transform
