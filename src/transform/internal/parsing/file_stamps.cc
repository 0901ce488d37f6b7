#include "transform/internal/parsing/file_stamps.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "base/file.h"
#include "base/file_descriptor.h"
#include "base/parallel.h"

namespace smelt::transform {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
/// Clocks of file systems tick every few milliseconds, those of other machines may be off.
constexpr std::int64_t kTickNs = 100'000'000;

std::int64_t Nanoseconds(const timespec& time) {
  return time.tv_sec * kNsPerSecond + time.tv_nsec;
}

FileStamp StampOf(std::string path, const struct stat& info) {
  return {.path = std::move(path),
          .size = info.st_size,
          .modified_ns = Nanoseconds(info.st_mtim),
          .changed_ns = Nanoseconds(info.st_ctim),
          .inode = info.st_ino};
}

using OpenFolder = std::unique_ptr<DIR, decltype([](DIR* folder) { closedir(folder); })>;

/// What lies in one folder.
struct Entries {
  std::vector<FileStamp> files;
  std::vector<std::string> folders;
};

/// Walks through folders, those of one depth side by side. A folder that is reached twice, as through a link to one
/// above it, is looked at once.
class Walk {
 public:
  Status Add(std::vector<std::string> folders) {
    while (!folders.empty()) {
      std::vector<Entries> found(folders.size());
      SMELT_TRY(ForEachParallel(folders.size(), kThreads, [&](std::size_t i) { return Read(folders[i], found[i]); }));
      folders.clear();
      for (Entries& one : found) {
        std::ranges::move(one.files, std::back_inserter(stamps_));
        std::ranges::move(one.folders, std::back_inserter(folders));
      }
    }
    return {};
  }

  std::vector<FileStamp> Take() { return std::move(stamps_); }

 private:
  static constexpr std::size_t kThreads = 4;

  Status Read(const std::string& path, Entries& found) {
    FileDescriptor opened(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.valid()) return errno == ENOENT ? Status() : Status(Fail(FileError(errno, "read the folder", path)));
    struct stat info;
    if (fstat(opened.get(), &info) != 0) return Fail(FileError(errno, "read the folder", path));
    if (!IsNew(info)) return {};
    const OpenFolder folder(fdopendir(opened.get()));
    if (folder == nullptr) return Fail(FileError(errno, "read the folder", path));
    opened.Release();
    ReadEntries(*folder, path, found);
    return {};
  }

  bool IsNew(const struct stat& folder) {
    const std::lock_guard guard(lock_);
    return seen_.emplace(folder.st_dev, folder.st_ino).second;
  }

  static void ReadEntries(DIR& folder, const std::string& path, Entries& found) {
    while (const dirent* entry = readdir(&folder)) {
      const std::string_view name = entry->d_name;
      if (name.starts_with('.')) continue;
      std::string full = path;
      full.append("/").append(name);
      if (entry->d_type == DT_DIR) {
        found.folders.push_back(std::move(full));
        continue;
      }
      struct stat info;
      // A link that leads nowhere is no file.
      if (fstatat(dirfd(&folder), entry->d_name, &info, 0) != 0) continue;
      if (S_ISDIR(info.st_mode)) {
        found.folders.push_back(std::move(full));
      } else if (S_ISREG(info.st_mode)) {
        found.files.push_back(StampOf(std::move(full), info));
      }
    }
  }

  std::mutex lock_;
  std::set<std::pair<dev_t, ino_t>> seen_;  ///< under lock_
  std::vector<FileStamp> stamps_;
};

}  // namespace

Result<std::vector<FileStamp>> StampFiles(const StampedPlaces& places) {
  Walk walk;
  SMELT_TRY(walk.Add(places.folders));
  std::vector<FileStamp> stamps = walk.Take();
  for (const std::string& file : places.files) {
    struct stat info;
    const bool is_there = stat(file.c_str(), &info) == 0;
    stamps.push_back(is_there ? StampOf(file, info) : FileStamp{.path = file, .size = -1});
  }
  std::ranges::sort(stamps, {}, &FileStamp::path);
  return stamps;
}

void DistrustFreshStamps(std::int64_t since_ns, std::vector<FileStamp>& stamps) {
  for (FileStamp& stamp : stamps) {
    if (std::max(stamp.modified_ns, stamp.changed_ns) >= since_ns - kTickNs) stamp.inode = 0;
  }
}

std::vector<std::string> ChangedPaths(const std::vector<FileStamp>& before, const std::vector<FileStamp>& now) {
  std::vector<std::string> changed;
  auto old = before.begin();
  auto current = now.begin();
  while (old != before.end() || current != now.end()) {
    if (current == now.end() || (old != before.end() && old->path < current->path)) {
      changed.push_back((old++)->path);
    } else if (old == before.end() || current->path < old->path) {
      changed.push_back((current++)->path);
    } else {
      if (*old != *current) changed.push_back(old->path);
      ++old, ++current;
    }
  }
  return changed;
}

}  // namespace smelt::transform
