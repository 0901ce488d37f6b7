#include "ingest/internal/local_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/file.h"
#include "base/file_writer.h"
#include "base/id.h"
#include "base/log.h"
#include "ingest/internal/file_source.h"
#include "ingest/internal/settling.h"

namespace smelt::ingest {
namespace {

namespace fs = std::filesystem;

/// Whether what lies at `path` is the file that was read, unchanged.
bool IsTheOneRead(const std::string& path, const FileStamp& read) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && info.st_ino == read.inode && info.st_size == read.bytes &&
         ModifiedMicros(info) == read.modified_us;
}

/// What was taken by mistake goes back; under a name of its own where its name has been taken meanwhile.
Status PutBack(const std::string& from, const std::string& path) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (std::rename(from.c_str(), WithHash(path, NewUuid()).c_str()) == 0) return {};
  return Fail(FileError(errno, "put back", from));
}

/// Into a folder that another file system holds: under a temporary name first, so that nobody sees a part.
Status CopyAndRemove(const InputFile& file, const std::string& to) {
  SMELT_ASSIGN(FileWriter writer, FileWriter::Create(to));
  SMELT_TRY(writer.AppendFrom(file.file.path, 0, file.stamp.bytes));
  SMELT_TRY(writer.Finish());
  if (!IsTheOneRead(file.file.path, file.stamp)) return {};
  if (::unlink(file.file.path.c_str()) == 0 || errno == ENOENT) return {};
  return Fail(FileError(errno, "remove", file.file.path));
}

/// Renames the file, unless something else has replaced it.
Status Take(const InputFile& file, const std::string& to) {
  const std::string& path = file.file.path;
  if (!IsTheOneRead(path, file.stamp)) return {};  // the next run looks at what lies there now
  if (std::rename(path.c_str(), to.c_str()) != 0) {
    if (errno == ENOENT) return {};  // somebody else has moved it
    if (errno == EXDEV) return CopyAndRemove(file, to);
    return Fail(FileError(errno, "move", path));
  }
  if (IsTheOneRead(to, file.stamp)) return {};
  Log(LogLevel::kWarn, "ingest.file.replaced", {{"file", path}});
  return PutBack(to, path);
}

class LocalFolder final : public DropFolder {
 public:
  explicit LocalFolder(std::string path) : path_(std::move(path)) {}

  Result<std::vector<FoundFile>> Find(const std::stop_token& stop) override { return FindFiles(path_, stop); }

  Result<std::vector<std::string>> AwaitSettled(std::vector<FoundFile>& files, std::int64_t settle_ms,
                                                const std::stop_token& stop) override {
    return ingest::AwaitSettled(files, settle_ms, stop);
  }

  Status Fetch(FoundFile& /*file*/, const std::stop_token& /*stop*/) override { return {}; }
  void PutAway(FoundFile& /*file*/) override {}

  Status Move(const InputFile& file, const std::string& zone, const std::string& day) override {
    const fs::path folder = fs::path(zone) / day;
    std::string target = (folder / file.file.name).string();
    SMELT_TRY(CreateFolders(fs::path(target).parent_path().string()));
    std::error_code problem;
    if (!fs::exists(target, problem)) return Take(file, target);
    const auto there = StampFile(target, [](std::int64_t) {}, {});
    if (!there || there->hash != file.stamp.hash)
      return Take(file, (folder / WithHash(file.file.name, file.stamp.hash)).string());
    // The zone has it: it is only removed, by way of a name of its own, as something else may have its name by now.
    const std::string passing = (folder / (std::string(kTemporaryPrefix) + NewUuid())).string();
    SMELT_TRY(Take(file, passing));
    if (::unlink(passing.c_str()) == 0 || errno == ENOENT) return {};
    return Fail(FileError(errno, "remove", passing));
  }

  Status WriteReason(const std::string& zone, const std::string& day, const std::string& name,
                     std::string_view text) override {
    return WriteWholeFile((fs::path(zone) / day / (name + ".reason.json")).string(), text);
  }

 private:
  const std::string path_;
};

}  // namespace

std::unique_ptr<DropFolder> OpenLocalFolder(std::string path) {
  return std::make_unique<LocalFolder>(std::move(path));
}

}  // namespace smelt::ingest
