#include "ingest/internal/discovery.h"

#include <dirent.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <set>
#include <utility>

#include "base/file.h"
#include "ingest/internal/text_scan.h"

namespace smelt::ingest {
namespace {

/// Walks folders, remembering which were entered.
class Walk {
 public:
  explicit Walk(const std::stop_token& stop) : stop_(stop) {}

  Status Enter(const std::string& path, const std::string& name) {
    struct stat info;
    if (stat(path.c_str(), &info) != 0) return Fail(FileError(errno, "open the folder", path));
    if (!entered_.emplace(info.st_dev, info.st_ino).second) return {};
    SMELT_ASSIGN(const std::vector<std::string> entries, Entries(path));
    for (const std::string& entry : entries) {
      if (stop_.stop_requested()) {
        return Fail(ErrorCode::kCancelled, fmt::format("looking for files in {} was stopped", path));
      }
      SMELT_TRY(Visit(fmt::format("{}/{}", path, entry), name + entry));
    }
    return {};
  }

  std::vector<FoundFile> TakeFiles() {
    SortFound(files_);
    return std::move(files_);
  }

 private:
  /// The names in a folder, in order, so that of two ways to the same place the same one is always taken.
  static Result<std::vector<std::string>> Entries(const std::string& path) {
    const auto close = [](DIR* folder) { closedir(folder); };
    const std::unique_ptr<DIR, decltype(close)> folder(opendir(path.c_str()), close);
    if (!folder) return Fail(FileError(errno, "open the folder", path));
    std::vector<std::string> names;
    while (true) {
      errno = 0;
      const dirent* const entry = readdir(folder.get());
      if (entry == nullptr && errno != 0) return Fail(FileError(errno, "read the folder", path));
      if (entry == nullptr) break;
      if (!IsIgnoredName(entry->d_name)) names.emplace_back(entry->d_name);
    }
    std::ranges::sort(names);
    return names;
  }

  Status Visit(const std::string& path, const std::string& name) {
    struct stat info;
    if (stat(path.c_str(), &info) != 0) {
      // A link to nowhere or in a circle names no file; anything else that cannot be looked at is an error.
      if (errno == ENOENT || errno == ELOOP) return {};
      return Fail(FileError(errno, "read", path));
    }
    if (S_ISDIR(info.st_mode)) return Enter(path, name + "/");
    if (S_ISREG(info.st_mode)) {
      files_.push_back({path, EscapeInvalid(name, name.size()), info.st_size, ModifiedMicros(info), path, {}});
    }
    return {};
  }

  std::stop_token stop_;
  std::set<std::pair<dev_t, ino_t>> entered_;
  std::vector<FoundFile> files_;
};

}  // namespace

bool IsIgnoredName(std::string_view name) {
  constexpr std::array<std::string_view, 6> kTemporary = {"~", ".tmp", ".part", ".partial", ".crdownload", ".swp"};
  return name.starts_with('.') ||
         std::ranges::any_of(kTemporary, [&](std::string_view ending) { return name.ends_with(ending); });
}

void SortFound(std::vector<FoundFile>& files) {
  std::ranges::sort(files, {}, [](const FoundFile& file) {
    return std::pair(std::ranges::count(file.name, '/'), std::string_view(file.name));
  });
}

std::int64_t ModifiedMicros(const struct stat& info) {
  constexpr std::int64_t kMicrosPerSecond = 1'000'000, kNanosPerMicro = 1'000;
  return info.st_mtim.tv_sec * kMicrosPerSecond + info.st_mtim.tv_nsec / kNanosPerMicro;
}

Result<std::vector<FoundFile>> FindFiles(const std::string& folder, const std::stop_token& stop) {
  Walk walk(stop);
  SMELT_TRY(walk.Enter(folder, ""));
  return walk.TakeFiles();
}

bool Claims(const SourceTable& table, std::string_view name) {
  const std::string whole(name);
  const std::string last(name.substr(name.rfind('/') + 1));
  return std::ranges::any_of(table.files, [&](const std::string& glob) {
    return fnmatch(glob.c_str(), glob.find('/') == std::string::npos ? last.c_str() : whole.c_str(), 0) == 0;
  });
}

}  // namespace smelt::ingest
