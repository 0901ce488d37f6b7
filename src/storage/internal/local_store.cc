#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/file_descriptor.h"
#include "base/parallel.h"
#include "storage/internal/key.h"
#include "storage/object_store.h"

namespace smelt::storage {
namespace {

using internal::AllBefore;
using internal::CheckKey;
using internal::FolderStart;

/// Calls of fsync that wait side by side: the file system commits them together.
constexpr std::size_t kSyncsMax = 16;
/// A file that changed less than this ago may change once more within one tick of the file system's clock.
constexpr std::int64_t kSettledMs = 2'000;

enum class EntryKind { kObject, kFolder, kOther };

std::int64_t ModifiedMs(const struct stat& info) {
  return info.st_mtim.tv_sec * std::int64_t{1000} + info.st_mtim.tv_nsec / 1'000'000;
}

std::int64_t ChangedMs(const struct stat& info) {
  return info.st_ctim.tv_sec * std::int64_t{1000} + info.st_ctim.tv_nsec / 1'000'000;
}

EntryKind KindOf(const struct stat& info) {
  if (S_ISREG(info.st_mode)) return EntryKind::kObject;
  return S_ISDIR(info.st_mode) ? EntryKind::kFolder : EntryKind::kOther;
}

/// One pass over the entries of a local folder. Confined.
class Folder {
 public:
  explicit Folder(std::string path) : path_(std::move(path)), stream_(opendir(path_.c_str())) {
    if (stream_ == nullptr) open_errno_ = errno;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    if (stream_ != nullptr) closedir(stream_);
  }

  /// Whether there is no such folder; that of an object store is empty, not an error.
  bool missing() const { return open_errno_ == ENOENT || open_errno_ == ENOTDIR; }

  /// The next entry, or null at the end; "." and ".." and temporary files are left out.
  Result<const dirent*> Next() {
    if (open_errno_ != 0) return Fail(FileError(open_errno_, "list", path_));
    while (true) {
      errno = 0;
      const dirent* entry = readdir(stream_);
      if (entry == nullptr && errno != 0) return Fail(FileError(errno, "list", path_));
      if (entry == nullptr) return nullptr;
      const std::string_view name = entry->d_name;
      if (name != "." && name != ".." && !name.starts_with(kTemporaryPrefix)) return entry;
    }
  }

  /// Size, time and kind of an entry; links are followed. Returns false when the entry is gone meanwhile.
  Result<bool> Inspect(const dirent& entry, struct stat& info) const {
    if (fstatat(dirfd(stream_), entry.d_name, &info, 0) == 0) return true;
    if (errno == ENOENT) return false;
    return Fail(FileError(errno, "inspect", fmt::format("{}/{}", path_, entry.d_name)));
  }

  /// The kind of an entry, without a system call where the file system tells it.
  Result<EntryKind> Kind(const dirent& entry) const {
    if (entry.d_type == DT_REG) return EntryKind::kObject;
    if (entry.d_type == DT_DIR) return EntryKind::kFolder;
    struct stat info;
    SMELT_ASSIGN(const bool present, Inspect(entry, info));
    return present ? KindOf(info) : EntryKind::kOther;
  }

 private:
  std::string path_;
  DIR* stream_;
  int open_errno_ = 0;
};

class LocalStore final : public ObjectStore {
 public:
  /// `root` ends in '/'.
  explicit LocalStore(std::string root) : root_(std::move(root)) { NoteRoot(); }

  std::string Address(std::string_view key) const override { return fmt::format("{}{}", root_, key); }

  Result<std::string> Read(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    Result<std::string> bytes = ReadWholeFile(Address(key));
    if (!bytes && bytes.error().code() == ErrorCode::kStoreNotFound) SMELT_TRY(CheckRoot());
    return bytes;
  }

  Result<std::string> ReadRange(std::string_view key, std::int64_t offset, std::int64_t bytes) override {
    SMELT_TRY(CheckKey(key));
    const std::string path = Address(key);
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) {
      const int problem = errno;
      if (problem == ENOENT) SMELT_TRY(CheckRoot());
      return Fail(FileError(problem, "read", path));
    }
    std::string text(static_cast<std::size_t>(bytes), '\0');
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t count =
          pread(file.get(), text.data() + done, text.size() - done, offset + static_cast<off_t>(done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return Fail(FileError(errno, "read", path));
      if (count == 0) return Fail(ErrorCode::kStoreIo, fmt::format("{} ends before byte {}", path, offset + bytes));
      done += static_cast<std::size_t>(count);
    }
    return text;
  }

  Result<bool> Exists(std::string_view key) override {
    SMELT_ASSIGN(const auto info, Head(key));
    return info.has_value();
  }

  Result<std::optional<ObjectInfo>> Head(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    struct stat info;
    if (stat(Address(key).c_str(), &info) == 0) {
      if (KindOf(info) != EntryKind::kObject) return std::nullopt;
      return ObjectInfo{std::string(key), info.st_size, ModifiedMs(info)};
    }
    if (errno != ENOENT && errno != ENOTDIR) return Fail(FileError(errno, "inspect", Address(key)));
    SMELT_TRY(CheckRoot());
    return std::nullopt;
  }

  /// Whoever writes to a file or puts another in its place changes its time of change, which nobody can set, or its
  /// number. An opened file is asked, because network file systems look anew only then.
  std::string Stamp(std::string_view key) override {
    if (!CheckKey(key)) return {};
    const FileDescriptor file(open(Address(key).c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info;
    if (!file.valid() || fstat(file.get(), &info) != 0 || KindOf(info) != EntryKind::kObject) return {};
    if (NowMillis() - ChangedMs(info) < kSettledMs) return {};
    return fmt::format("{} {} {} {}.{:09} {}.{:09}", info.st_dev, info.st_ino, info.st_size, info.st_ctim.tv_sec,
                       info.st_ctim.tv_nsec, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  }

  Result<std::vector<ObjectInfo>> List(std::string_view prefix, std::string_view start_after, bool recursive) override {
    SMELT_ASSIGN(const std::string start, FolderStart(prefix));
    std::vector<ObjectInfo> objects;
    SMELT_TRY(Collect(start, start_after, recursive, objects));
    if (objects.empty()) SMELT_TRY(CheckRoot());
    std::ranges::sort(objects, {}, &ObjectInfo::key);
    return objects;
  }

  Result<std::vector<std::string>> ListFolders(std::string_view prefix) override {
    SMELT_ASSIGN(const std::string start, FolderStart(prefix));
    std::vector<std::string> names;
    Folder folder(Address(start));
    if (folder.missing()) {
      SMELT_TRY(CheckRoot());
      return names;
    }
    while (true) {
      SMELT_ASSIGN(const dirent* entry, folder.Next());
      if (entry == nullptr) break;
      SMELT_ASSIGN(const EntryKind kind, folder.Kind(*entry));
      if (kind == EntryKind::kFolder) names.emplace_back(entry->d_name);
    }
    std::ranges::sort(names);
    return names;
  }

  Status Put(std::string_view key, std::string_view bytes, Durability durability) override {
    SMELT_TRY(CheckKey(key));
    SMELT_TRY(CheckRoot());
    SMELT_TRY(WriteWholeFile(Address(key), bytes, durability));
    NoteRoot();
    return durability == Durability::kDurable ? SyncNamesAbove(FolderOf(Address(key))) : Status();
  }

  Status Sync(const std::vector<std::string>& keys) override {
    SMELT_ASSIGN(const Paths paths, PathsOf(keys));
    return SyncAll(paths);
  }

  Result<bool> PutIfAbsent(std::string_view key, std::string_view bytes,
                           const std::vector<std::string>& needed) override {
    SMELT_TRY(CheckKey(key));
    SMELT_ASSIGN(Paths paths, PathsOf(needed));
    SMELT_TRY(CheckRoot());
    const std::string path = Address(key);
    const std::string folder = FolderOf(path);
    SMELT_ASSIGN(const std::string temporary, WriteTemporaryFile(folder, bytes, Durability::kLazy));
    NoteRoot();
    paths.files.insert(temporary);
    if (const Status synced = SyncAll(paths); !synced) {
      unlink(temporary.c_str());
      return Fail(synced.error());
    }
    const int error = link(temporary.c_str(), path.c_str()) == 0 ? 0 : errno;
    // Over a network file system the answer to a successful link may be lost: a second name tells the truth.
    struct stat info;
    const bool linked = error == 0 || (stat(temporary.c_str(), &info) == 0 && info.st_nlink > 1);
    unlink(temporary.c_str());
    if (linked) return Acknowledge(folder);
    if (error == EEXIST) return false;
    return Fail(FileError(error, "create", path));
  }

  Status Delete(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    if (unlink(Address(key).c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return {};
    return Fail(FileError(errno, "delete", Address(key)));
  }

  Status DeleteFolder(std::string_view prefix) override {
    SMELT_ASSIGN(const std::string start, FolderStart(prefix));
    SMELT_ASSIGN(const auto names, ListFolders(prefix));
    for (const auto& name : names) SMELT_TRY(DeleteFolder(start + name));
    {
      const std::lock_guard guard(durable_lock_);
      durable_folders_.erase(Address(prefix));
    }
    if (start.empty() || rmdir(Address(prefix).c_str()) == 0) return {};
    // A folder that still holds something stays; a link to a folder is the user's own arrangement and stays, too.
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT || errno == ENOTDIR) return {};
    return Fail(FileError(errno, "delete", Address(prefix)));
  }

 private:
  static std::string FolderOf(const std::string& path) {
    return path.substr(0, std::max(path.rfind('/'), std::size_t{1}));
  }

  /// What is to be synced together: files, and the folders that have their names.
  struct Paths {
    std::set<std::string> files;
    std::set<std::string> folders;
  };

  Result<Paths> PathsOf(const std::vector<std::string>& keys) const {
    Paths paths;
    for (const std::string& key : keys) {
      SMELT_TRY(CheckKey(key));
      paths.folders.insert(FolderOf(*paths.files.insert(Address(key)).first));
    }
    return paths;
  }

  Status SyncAll(const Paths& paths) {
    std::vector<std::string> all(paths.files.begin(), paths.files.end());
    all.insert(all.end(), paths.folders.begin(), paths.folders.end());
    SMELT_TRY(ForEachParallel(all.size(), kSyncsMax, [&](std::size_t i) { return SyncPath(all[i]); }));
    for (const std::string& folder : paths.folders) SMELT_TRY(SyncNamesAbove(folder));
    return {};
  }

  /// Makes a new name in a folder durable. Readers see it already: what fails now leaves a doubt, no failure.
  Result<bool> Acknowledge(const std::string& folder) {
    Status synced = SyncPath(folder);
    if (synced) synced = SyncNamesAbove(folder);
    if (synced) return true;
    return Fail(Error(ErrorCode::kStoreUnknown,
                      fmt::format("a write may not outlive a power cut: {}", synced.error().message())));
  }

  /// Makes the names durable under which a folder and those around it are found, up to the store's own: whoever wrote
  /// there may have made them. Done once for each folder.
  Status SyncNamesAbove(std::string folder) {
    while (folder.size() + 1 >= root_.size()) {
      {
        const std::lock_guard guard(durable_lock_);
        if (durable_folders_.contains(folder)) return {};
      }
      const std::string above = FolderOf(folder);
      const Status synced = SyncPath(above);
      // Whoever may not read the folder above did not make a name there.
      if (!synced && synced.error().code() != ErrorCode::kStoreDenied) return synced;
      const std::lock_guard guard(durable_lock_);
      durable_folders_.insert(std::exchange(folder, above));
    }
    return {};
  }

  /// Adds the objects whose keys begin with `start`: a folder with '/' behind it, or nothing.
  Status Collect(const std::string& start, std::string_view start_after, bool recursive,
                 std::vector<ObjectInfo>& objects) {
    Folder folder(Address(start));
    if (folder.missing()) return {};
    while (true) {
      SMELT_ASSIGN(const dirent* entry, folder.Next());
      if (entry == nullptr) return {};
      std::string key = start + entry->d_name;
      const bool wanted_object = key > start_after;
      const bool wanted_folder = recursive && !AllBefore(key + "/", start_after);
      if (!wanted_object && !wanted_folder) continue;
      SMELT_ASSIGN(const EntryKind kind, folder.Kind(*entry));
      if (kind == EntryKind::kFolder && wanted_folder) {
        SMELT_TRY(Collect(key + "/", start_after, recursive, objects));
      } else if (kind == EntryKind::kObject && wanted_object) {
        struct stat info;
        SMELT_ASSIGN(const bool present, folder.Inspect(*entry, info));
        if (present) objects.push_back({std::move(key), info.st_size, ModifiedMs(info)});
      }
    }
  }

  /// Remembers the root once it is there. It stays open, so that its identity is not given to another folder.
  void NoteRoot() {
    const std::lock_guard guard(root_lock_);
    if (!root_folder_.valid()) root_folder_ = FileDescriptor(open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }

  /// A store does not begin anew when somebody removes its folder: what was written then would be the end of a log
  /// without the beginning, and what is missing then was not missing before.
  Status CheckRoot() {
    NoteRoot();
    const std::lock_guard guard(root_lock_);
    if (!root_folder_.valid()) return {};
    struct stat seen;
    struct stat found;
    if (fstat(root_folder_.get(), &seen) != 0) return Fail(FileError(errno, "inspect", root_));
    if (stat(root_.c_str(), &found) == 0) {
      if (seen.st_dev == found.st_dev && seen.st_ino == found.st_ino) return {};
    } else if (errno != ENOENT && errno != ENOTDIR) {
      return Fail(FileError(errno, "inspect", root_));
    }
    return Fail(
        Error(ErrorCode::kStoreRemoved, fmt::format("the folder {} was removed or replaced while in use", root_))
            .Hint("bring it back and run again, or start with an empty folder"));
  }

  const std::string root_;
  std::mutex root_lock_;
  FileDescriptor root_folder_;  ///< guarded by root_lock_
  std::mutex durable_lock_;
  std::set<std::string> durable_folders_;  ///< paths whose names are on the device; guarded by durable_lock_
};

}  // namespace

std::unique_ptr<ObjectStore> OpenLocalStore(std::string root) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(root, error);
  if (!error) root = absolute.lexically_normal().string();
  if (!root.ends_with('/')) root += '/';
  return std::make_unique<LocalStore>(std::move(root));
}

}  // namespace smelt::storage
